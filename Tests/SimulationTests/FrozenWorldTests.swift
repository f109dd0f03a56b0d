import SwarmSimulator
import Testing

/// A few worlds of each kind: their brains must do what they did when these digests were taken. After a change that is
/// meant to alter what brains do, take them anew with `swarm-benchmark digests --seeds 3`, and `FrozenDigests.txt`
/// beside this file, a hundred worlds a kind, with `--table`.
@Suite struct FrozenWorldTests {
    /// A digest over the seeds 1 to 3.
    static let frozen: [(kind: String, digest: UInt64)] = [
        ("slots", 0xBDDF_3C5B_C228_532B),
        ("standard", 0xA633_11A3_D166_807F),
        ("serial", 0xD8D9_9C67_FE92_D1A3),
        ("fitting", 0x3630_FC1B_5112_0907),
        ("mixed rules", 0x1E6C_EE35_7BE7_F69C),
        ("quick lines", 0xD73F_1A26_DEA4_C609),
        ("slow lines", 0x61BA_9099_FC38_C39B),
        ("odd clients", 0x45CA_5E1C_CCE2_4225),
        ("crowd", 0x5414_BF59_9C64_FE88),
        ("small torrents", 0x2968_DCC4_1397_D43D),
        ("liars", 0x6C68_0AC2_DC08_5EAD),
        ("free riders", 0x1258_B04E_F49B_AD9B),
        ("stalls", 0xC8A3_3E51_BD4A_4CE8),
        ("forgetful", 0xB697_A4C7_A6FD_57B5),
        ("leavers", 0x95FC_FA5A_C439_D06B),
        ("broken links", 0xFF98_94D1_D16E_5E4E),
        ("failing disks", 0xE8E2_5212_DC0B_230E),
        ("shared memory", 0x78C5_2BCF_61F6_6C77),
        ("odd habits", 0xADB5_FADC_DC8E_FCB5),
        ("rule breakers", 0xF1E9_5FD2_8837_C4F1),
        ("private", 0xFF5B_7595_89B4_A5A1),
        ("trackers", 0x8A33_7F1B_A9FA_EC91),
        ("addresses", 0x279E_E4FA_146F_32BE),
        ("seeds only", 0x23A2_00DD_9DB1_E8C6),
        ("parts", 0xC864_B2CF_6D01_3255),
        ("waiting", 0x7608_105E_B0F8_F32A),
        ("exchange", 0xE127_1B45_A578_1217),
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
