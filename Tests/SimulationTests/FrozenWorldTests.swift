import SwarmSimulator
import Testing

/// A few worlds of each kind, held against what their brains did when this was written down. Where a brain is meant to
/// do something else from now on, write down what `swarm-benchmark digests --seeds 3` says; `FrozenDigests.txt` beside
/// this file, of a hundred worlds a kind, with `--table`.
@Suite struct FrozenWorldTests {
    /// A digest over the seeds 1 to 3.
    static let frozen: [(kind: String, digest: UInt64)] = [
        ("slots", 0x23EA_F35F_8D71_2FBF),
        ("standard", 0xFC48_B363_2894_49BB),
        ("serial", 0xA879_FBE7_45BA_4D75),
        ("fitting", 0x3CAF_949F_D806_E0B7),
        ("mixed rules", 0xAB2D_BDE0_18DC_857E),
        ("quick lines", 0xFC3A_2D42_9795_7B62),
        ("slow lines", 0x2B8A_58CD_DD0E_04AB),
        ("odd clients", 0x8997_1BEF_30F3_EE71),
        ("crowd", 0xC681_80E8_E30E_6945),
        ("small torrents", 0x4233_9782_512F_6E4D),
        ("liars", 0x73B9_FD59_ECED_5A98),
        ("free riders", 0x2A38_6B36_A61A_34D4),
        ("stalls", 0xB0B6_570C_896A_010D),
        ("forgetful", 0x799F_0C06_71FC_4324),
        ("leavers", 0x3A59_83F4_EF0F_0B29),
        ("broken links", 0x8096_8AD4_A637_8946),
        ("failing disks", 0x5E22_6EFD_94C7_BA06),
        ("odd habits", 0x17C6_EF63_705F_1307),
        ("rule breakers", 0x0C68_845B_348C_92B3),
        ("private", 0xC386_5192_5038_17A8),
        ("trackers", 0x16EE_6384_3658_C864),
        ("addresses", 0x30F3_D271_04A2_D62A),
        ("seeds only", 0x9673_F780_B5EA_AD34),
        ("parts", 0x4024_2BAE_6E30_482A),
        ("waiting", 0x6DF5_314E_28F9_381F),
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

    /// Differences in the highest bit alone, twice, are differences.
    @Test func noDifferenceIsTakenBackByAnother() {
        var (first, second) = (TraceDigest(), TraceDigest())
        for word in [0, 0, 7] as [UInt64] { first.mix(word) }
        for word in [1 << 63, 1 << 63, 7] as [UInt64] { second.mix(word) }
        #expect(first != second)
    }
}
