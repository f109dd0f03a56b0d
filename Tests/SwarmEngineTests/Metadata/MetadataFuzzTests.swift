import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// Peers that send anything in any order before the metadata is there: the brain never traps, and its effects stay
/// consistent, whether it is stopped or becomes the brain of a torrent. A recording of it can be replayed.
@Suite struct MetadataFuzzTests {
    @Test(arguments: Array(1...48))
    func anythingGoes(seed: Int) throws {
        var shell = DrawnMetadataShell(settings: seed, .seeded(SplitMix64(seed: UInt64(seed))))
        shell.begin()
        for _ in 0..<(seed % 3 == 0 ? 300 : 2_500) { shell.step() }
        if seed % 2 == 0 { shell.promote() } else { shell.end() }
        #expect(shell.faults == [])
        var replay = try Replay(shell.recorded)
        #expect(try replay.firstDifference() == nil)
        #expect(replay.inputsAlike > 100)
    }
}
