import Testing
import TorrentCore

@testable import PeerRuntime

/// Whoever announces itself at our tracker makes one job at the most, and no more than there is room for.
@Suite struct NewcomerQueueTests {
    private static func endpoint(_ port: Int) -> Endpoint { Endpoint(.loopbackV4, port: UInt16(port)) }

    @Test func onlyTheFirstOfThoseWhoWaitMakesAJob() {
        let queue = NewcomerQueue()
        #expect(queue.add(Self.endpoint(1)))
        #expect(!queue.add(Self.endpoint(1)))
        #expect(!queue.add(Self.endpoint(2)))
        #expect(queue.takeAll() == [Self.endpoint(1), Self.endpoint(2)])
        #expect(queue.takeAll() == [])
        #expect(queue.add(Self.endpoint(1)))
    }

    @Test func thereIsRoomForSome() {
        let queue = NewcomerQueue()
        for port in 1...1_000 { _ = queue.add(Self.endpoint(port)) }
        #expect(queue.takeAll() == (1...NewcomerQueue.limit).map(Self.endpoint))
    }
}
