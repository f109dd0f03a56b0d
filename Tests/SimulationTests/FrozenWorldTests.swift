import SwarmSimulator
import Testing

/// A few worlds of each kind: their brains must do what they did when these digests were taken. After a change that is
/// meant to alter what brains do, take them anew with `swarm-benchmark digests --seeds 3`, and `FrozenDigests.txt`
/// beside this file, a hundred worlds a kind, with `--table`.
@Suite struct FrozenWorldTests {
    /// A digest over the seeds 1 to 3.
    static let frozen: [(kind: String, digest: UInt64)] = [
        ("slots", 0x95D0_EE53_5294_1D41),
        ("standard", 0xA633_11A3_D166_807F),
        ("serial", 0xD8D9_9C67_FE92_D1A3),
        ("fitting", 0x87BD_A4EA_4223_4059),
        ("mixed rules", 0x0F7F_3CFC_211E_37A2),
        ("quick lines", 0x52A5_FD90_50D9_0879),
        ("slow lines", 0x1271_E23E_B045_45BA),
        ("odd clients", 0xFD3F_F340_A6E2_3076),
        ("crowd", 0xFDE6_7447_C600_5F29),
        ("small torrents", 0x2968_DCC4_1397_D43D),
        ("liars", 0xBC0F_8E54_F8B1_0BF8),
        ("free riders", 0x94FA_1DA6_FE7E_70AF),
        ("stalls", 0xC8A3_3E51_BD4A_4CE8),
        ("forgetful", 0xD231_ED74_1251_EDED),
        ("leavers", 0x74A1_6B21_6376_CFA8),
        ("broken links", 0x5597_5C86_3A5A_6437),
        ("failing disks", 0x59F3_E144_B91C_9AE6),
        ("shared memory", 0xDACD_A2D4_3EC2_7F38),
        ("odd habits", 0xAC0D_8A88_BF4F_783B),
        ("rule breakers", 0x21B0_29A0_F6E4_C802),
        ("private", 0xC46C_C996_37BA_7911),
        ("trackers", 0x6D76_0AB3_05FA_4F79),
        ("addresses", 0x969E_7BF7_4D90_8FE4),
        ("seeds only", 0x3C62_2B9A_3E0D_AB8E),
        ("parts", 0x95DB_C1A6_688A_728D),
        ("waiting", 0x16E9_7645_DF86_5BFE),
        ("exchange", 0xC525_90F7_186A_7519),
    ]

    @Test(arguments: frozen)
    func brainsDoWhatTheyDid(kind: String, digest: UInt64) throws {
        let world = try #require(WorldKind.small.first { $0.name == kind })
        let reports = (1...3).map { World(world.plan(seed: $0)).run() }
        #expect(reports.flatMap(\.faults) == [])
        let now = TraceDigest(of: reports.map(\.trace.value)).value
        #expect(now == digest, "now it is 0x\(String(now, radix: 16))")
    }

    @Test func everyKindIsWrittenDown() {
        #expect(Self.frozen.map(\.kind) == WorldKind.small.map(\.name))
        #expect(Set(Self.frozen.map(\.digest)).count == WorldKind.small.count)
    }

    @Test func aSeedGivesTheSameWorldAndAnotherSeedAnother() {
        for kind in WorldKind.small {
            let traces = [1, 1, 2].map { World(kind.plan(seed: $0)).run(mostEvents: 300).trace }
            #expect(traces[0] == traces[1] && traces[0] != traces[2], "\(kind.name)")
        }
    }

    /// Two words that differ only in the highest bit must not cancel out.
    @Test func noDifferenceCancelsAnother() {
        var (first, second) = (TraceDigest(), TraceDigest())
        for word in [0, 0, 7] as [UInt64] { first.mix(word) }
        for word in [1 << 63, 1 << 63, 7] as [UInt64] { second.mix(word) }
        #expect(first != second)
    }
}
