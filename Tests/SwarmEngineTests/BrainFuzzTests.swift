import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// Peers that send anything in any order, disks that fail, wrong hashes: the brain never traps, and its effects stay
/// consistent. A recording of such a run can be replayed.
@Suite struct BrainFuzzTests {
    @Test(arguments: Array(1...24))
    func anythingGoes(seed: Int) throws {
        var shell = DrawnShell(settings: seed, .seeded(SplitMix64(seed: UInt64(seed))))
        shell.begin()
        for number in 0..<2_500 {
            shell.step()
            if number % 16 == 0 { #expect(shell.stage.disagreement == nil) }
        }
        shell.end()
        #expect(shell.faults == [])
        var replay = try Replay(shell.stage.recorded)
        #expect(try replay.firstDifference() == nil)
        #expect(replay.inputsAlike > 1_000)
    }
}
