import SwarmSimulator
import Testing

/// A few worlds of each kind, held against what their brains did when this was written down. Where a brain is meant to
/// do something else from now on, write down what `swarm-benchmark digests --seeds 3` says; `FrozenDigests.txt` beside
/// this file, of a hundred worlds a kind, with `--table`.
@Suite struct FrozenWorldTests {
    /// A digest over the seeds 1 to 3.
    static let frozen: [(kind: String, digest: UInt64)] = [
        ("slots", 0x3B0E_10FE_714E_4E1C),
        ("standard", 0xF694_B7FC_13D0_AB47),
        ("serial", 0x58FF_CC72_0AE5_DA4C),
        ("fitting", 0x470F_5CDF_9C87_9FE3),
        ("mixed rules", 0x7164_BA74_015B_9644),
        ("quick lines", 0x8572_B83A_8E9D_3398),
        ("slow lines", 0xF56E_5FED_296E_980E),
        ("odd clients", 0x8006_B1E7_C566_E826),
        ("crowd", 0x4FE1_CB3B_4ECE_61BA),
        ("small torrents", 0x46CD_F2B8_CCFE_BD9C),
        ("liars", 0x833B_1508_FF2D_B7EA),
        ("free riders", 0x0333_EF14_876A_B2F8),
        ("stalls", 0xB73A_33AC_3D45_E205),
        ("leavers", 0xEB67_804A_0074_2AC3),
        ("broken links", 0xBB52_0373_9371_8C7F),
        ("failing disks", 0x211E_A5A9_A1DA_5B80),
        ("odd habits", 0x5E03_856B_F56D_F1E6),
        ("rule breakers", 0x7F07_EAB1_5CA3_E21D),
        ("private", 0x1F15_9DB9_FDD6_C9D1),
        ("trackers", 0x41CB_EF39_B6F0_0911),
        ("addresses", 0x5CB8_C9A2_42BA_2AA5),
        ("seeds only", 0x90E6_F4F1_3BF1_A057),
        ("parts", 0xDF76_CA0F_DCBA_F308),
        ("waiting", 0x7B0D_A0D6_57CB_88D8),
    ]

    @Test(arguments: frozen)
    func brainsDoWhatTheyDid(kind: String, digest: UInt64) throws {
        let world = try #require(WorldKind.all.first { $0.name == kind })
        let reports = (1...3).map { World(world.plan(seed: $0)).run() }
        #expect(reports.flatMap(\.faults) == [])
        let now = TraceDigest(of: reports.map(\.trace.value)).value
        #expect(now == digest, "now it is 0x\(String(now, radix: 16))")
    }

    @Test func everyKindIsWrittenDown() {
        #expect(Self.frozen.map(\.kind) == WorldKind.all.map(\.name))
        #expect(Set(Self.frozen.map(\.digest)).count == WorldKind.all.count)
    }

    @Test func aSeedGivesTheSameWorldAndAnotherSeedAnother() {
        for kind in WorldKind.all {
            let traces = [1, 1, 2].map { World(kind.plan(seed: $0)).run(mostEvents: 300).trace }
            #expect(traces[0] == traces[1] && traces[0] != traces[2], "\(kind.name)")
        }
    }

    /// Differences in the highest bit alone, twice, are differences.
    @Test func noDifferenceIsTakenBackByAnother() {
        var (first, second) = (TraceDigest(), TraceDigest())
        for word in [0, 0, 7] as [UInt64] { first.mix(word) }
        for word in [1 << 63, 1 << 63, 7] as [UInt64] { second.mix(word) }
        #expect(first != second)
    }
}
