import SwarmSimulator
import Testing

/// A few worlds of each kind: their brains must do what they did when these digests were taken. After a change that is
/// meant to alter what brains do, take them anew with `swarm-benchmark digests --seeds 3`, and `FrozenDigests.txt`
/// beside this file, a hundred worlds a kind, with `--table`.
@Suite struct FrozenWorldTests {
    /// A digest over the seeds 1 to 3.
    static let frozen: [(kind: String, digest: UInt64)] = [
        ("slots", 0x7282_4570_C84F_09B5),
        ("standard", 0x570E_91CB_8CFB_AFDE),
        ("serial", 0x0291_05E5_56F5_F7AA),
        ("fitting", 0x25C4_7EA3_0F4B_67FD),
        ("mixed rules", 0x6310_0FA8_E2CB_26C3),
        ("quick lines", 0xBDC9_2EC5_35D7_18BE),
        ("slow lines", 0x6C96_0486_315B_92DF),
        ("odd clients", 0x67D4_4FC7_571B_CB3D),
        ("crowd", 0xBD3F_5643_4922_243B),
        ("small torrents", 0x1732_DBCC_4C74_5A2E),
        ("liars", 0x01BD_516C_DE22_35CA),
        ("free riders", 0x08E7_21F3_5649_85C7),
        ("stalls", 0xAD28_DC8A_1F61_432E),
        ("forgetful", 0x35FF_C72B_E631_8FDC),
        ("leavers", 0x7258_4664_F2E2_9349),
        ("broken links", 0xAD88_1A11_7FEF_46AC),
        ("failing disks", 0xF3CF_574D_B300_B426),
        ("shared memory", 0x5C49_1D45_5B85_5E62),
        ("odd habits", 0xBE4C_5DF6_ABAB_E538),
        ("rule breakers", 0x93CA_321E_A8C3_053C),
        ("private", 0x637A_F732_1362_F57D),
        ("trackers", 0x2E14_6DB5_90BA_1558),
        ("addresses", 0xA15A_D35D_541F_41F6),
        ("seeds only", 0x9BEC_E291_EC28_7D55),
        ("parts", 0x1FDE_156E_14E5_C1B4),
        ("waiting", 0x16AB_CB62_4C1D_AE2C),
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
