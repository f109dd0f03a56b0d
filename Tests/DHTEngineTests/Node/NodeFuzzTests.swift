import SwarmTestSupport
import Testing
import TorrentCore

/// Whatever a node is told, it stays within its bounds; the fuzzers go on from here.
@Suite struct NodeFuzzTests {
    @Test(arguments: Array(0..<24) + Array(64..<80))
    func drawnEventsDoNoHarm(seed: Int) {
        var shell = DrawnDHTShell(settings: seed, .seeded(SplitMix64(seed: UInt64(seed))))
        for _ in 0..<300 where shell.faults.isEmpty { shell.step() }
        #expect(shell.faults.first == nil)
    }
}
