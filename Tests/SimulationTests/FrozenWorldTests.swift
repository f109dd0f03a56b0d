import SwarmSimulator
import Testing

/// A few worlds of each kind: their brains must do what they did when these digests were taken. After a change that is
/// meant to alter what brains do, take them anew with `swarm-benchmark digests --seeds 3`, and `FrozenDigests.txt`
/// beside this file, a hundred worlds a kind, with `--table`.
@Suite struct FrozenWorldTests {
    /// A digest over the seeds 1 to 3.
    static let frozen: [(kind: String, digest: UInt64)] = [
        ("slots", 0x41AB_A36F_7AD1_8468),
        ("standard", 0xFC48_B363_2894_49BB),
        ("serial", 0xA879_FBE7_45BA_4D75),
        ("fitting", 0xD707_3E55_D32F_2B7A),
        ("mixed rules", 0xAB2D_BDE0_18DC_857E),
        ("quick lines", 0xFC3A_2D42_9795_7B62),
        ("slow lines", 0x9D56_191F_CD36_D6CB),
        ("odd clients", 0x478E_DBD7_E31B_6CFF),
        ("crowd", 0x1EE7_BD8A_7B7E_8C86),
        ("small torrents", 0x4233_9782_512F_6E4D),
        ("liars", 0xD8D8_15ED_9F88_1B0C),
        ("free riders", 0xDF5F_A1AE_92DA_7F3A),
        ("stalls", 0x1548_BA05_6AEB_50B6),
        ("forgetful", 0x799F_0C06_71FC_4324),
        ("leavers", 0xF354_74D1_AB6E_B5E6),
        ("broken links", 0x8096_8AD4_A637_8946),
        ("failing disks", 0xB2C0_CC31_933A_3309),
        ("odd habits", 0xCC06_43B3_CCD9_9800),
        ("rule breakers", 0x2C81_105A_A1DB_E05B),
        ("private", 0x96F0_15D9_F5E9_C4EB),
        ("trackers", 0x6E31_D39D_5130_B64E),
        ("addresses", 0x6299_A84C_BB04_8AAB),
        ("seeds only", 0xDEB8_9DE2_65D6_9CFA),
        ("parts", 0x37D7_6A4C_761D_E380),
        ("waiting", 0x20A4_A7DC_3118_A252),
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
