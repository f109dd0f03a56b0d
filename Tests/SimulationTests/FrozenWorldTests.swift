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
        ("mixed rules", 0x847C_19A4_8D92_1DB3),
        ("quick lines", 0xBED2_1C8E_D93C_EDD5),
        ("slow lines", 0x5F34_49FC_A7AB_4FA9),
        ("odd clients", 0xFD3F_F340_A6E2_3076),
        ("crowd", 0xFDE6_7447_C600_5F29),
        ("small torrents", 0x2968_DCC4_1397_D43D),
        ("liars", 0xECE2_FBD3_43E3_E745),
        ("free riders", 0x94FA_1DA6_FE7E_70AF),
        ("stalls", 0xC8A3_3E51_BD4A_4CE8),
        ("forgetful", 0xB697_A4C7_A6FD_57B5),
        ("leavers", 0x74A1_6B21_6376_CFA8),
        ("broken links", 0x90DE_4C81_D3AE_5490),
        ("failing disks", 0x6C21_98F6_42D8_1B45),
        ("shared memory", 0xDACD_A2D4_3EC2_7F38),
        ("odd habits", 0x54E5_E9BB_F9FC_A679),
        ("rule breakers", 0x02CA_D28C_0BDA_BF90),
        ("private", 0xD9B5_6DE4_9CFF_2F0F),
        ("trackers", 0x6D76_0AB3_05FA_4F79),
        ("addresses", 0xC56E_8886_4155_53D9),
        ("seeds only", 0x3C62_2B9A_3E0D_AB8E),
        ("parts", 0xDD79_C2E5_6A0E_26F8),
        ("waiting", 0x6E71_533D_899D_BE3E),
        ("exchange", 0x4D44_BF3F_B1C7_4F55),
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
