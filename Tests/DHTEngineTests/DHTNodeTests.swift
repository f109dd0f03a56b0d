import DHTEngine
import Testing
import TorrentCore

/// A node as its shell sees it.
@Suite struct DHTNodeTests {
    @Test func itBegins() {
        let node = DHTNode(DHTConfiguration(isV4: true, seed: 1), at: .zero)
        #expect(node.nextDeadline == .distantFuture)
    }
}
