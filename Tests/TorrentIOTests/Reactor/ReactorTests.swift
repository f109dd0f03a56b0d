import Dispatch
import Testing
import TorrentCore
import TorrentIO

@Suite struct ReactorTests {
    @Test(arguments: PollerKind.allCases)
    func jobsFromManyThreadsRunOnceEachInOrder(kind: PollerKind) throws {
        let reactor = try Reactor(name: "test", poller: kind)
        reactor.start()
        let seen = Recorder<(Int, Int)>()
        let latch = Latch()
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for number in 0..<500 {
                reactor.perform {
                    reactor.preconditionOnReactor()
                    seen.add((thread, number))
                    if number == 499 { latch.signal() }
                }
            }
        }
        #expect(latch.wait(for: 8))
        reactor.stop()
        #expect(seen.all.count == 4_000)
        for thread in 0..<8 { #expect(seen.all.filter { $0.0 == thread }.map { $0.1 } == Array(0..<500)) }
    }

    @Test(arguments: PollerKind.allCases)
    func timersFireInOrderAndCancelledOnesDoNot(kind: PollerKind) throws {
        let reactor = try Reactor(name: "test", poller: kind)
        let seen = Recorder<Int>()
        let latch = Latch()
        for number in [3, 1, 2, 0] {
            reactor.setTimer(after: .milliseconds(5 * number)) {
                seen.add(number)
                if number == 3 { latch.signal() }
            }
        }
        reactor.cancel(reactor.setTimer(after: .milliseconds(7)) { seen.add(99) })
        reactor.start()
        #expect(latch.wait())
        reactor.stop()
        #expect(seen.all == [0, 1, 2, 3])
    }
}
