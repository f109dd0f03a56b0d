import Dispatch
import TestSupport
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

    @Test func theEndOfAnIterationComesAfterItsJobsAndTimers() throws {
        let reactor = try Reactor(name: "test")
        let seen = Recorder<String>()
        let latch = Latch()
        reactor.setTimer(at: .zero) {
            seen.add("timer")
            reactor.atEndOfIteration {
                seen.add("end")
                // Asked for at the end: the next iteration, which does not wait for anything.
                reactor.atEndOfIteration {
                    seen.add("next end")
                    latch.signal()
                }
                reactor.performLater { seen.add("later") }
            }
        }
        reactor.performLater {
            seen.add("job")
            reactor.atEndOfIteration { seen.add("job's end") }
        }
        reactor.start()
        #expect(latch.wait())
        reactor.stop()
        #expect(seen.all == ["job", "timer", "job's end", "end", "later", "next end"])
    }

    @Test func aReplyComesBackOnceAndToTheReactor() throws {
        let reactor = try Reactor(name: "test")
        let workers = BlockingWorkers(name: "test.workers", count: 2)
        let seen = Recorder<Int>()
        let latch = Latch()
        for number in 0..<20 {
            let reply = reactor.reply { (answer: Int) in
                reactor.preconditionOnReactor()
                seen.add(answer)
                latch.signal()
            }
            workers.perform(reply: reply) {
                reply.send(number)
                return -1
            }
        }
        reactor.start()
        #expect(latch.wait(for: 20))
        workers.waitUntilIdle()
        reactor.stop()
        #expect(seen.all.sorted() == Array(0..<20))
    }

    @Test func stoppingLetsGoOfEverything() throws {
        final class Witness: Sendable {
            let latch: Latch
            init(_ latch: Latch) { self.latch = latch }
            deinit { latch.signal() }
        }
        let latch = Latch()
        let reactor = try Reactor(name: "test")
        func fill() {
            let witness = Witness(latch)
            reactor.setTimer(at: .distantFuture) { _ = witness }
            _ = reactor.reply { (_: Int) in _ = witness }
        }
        fill()
        reactor.start()
        reactor.stop()
        #expect(latch.wait())
        // What a dropped job held may call the reactor once more, in vain.
        final class Nagger: Sendable {
            let reactor: Reactor
            init(_ reactor: Reactor) { self.reactor = reactor }
            deinit { reactor.perform {} }
        }
        let ran = Recorder<Int>()
        let stopped = try Reactor(name: "test")
        stopped.start()
        stopped.perform { [nagger = Nagger(stopped)] in
            stopped.perform { _ = nagger }
            stopped.stop()
        }
        stopped.stop()
        reactor.perform { ran.add(1) }
        reactor.stop()
        #expect(ran.all == [])
    }

    @Test func aThousandTimersFireInOrderWhateverIsCancelled() throws {
        let reactor = try Reactor(name: "test")
        var generator = SplitMix64(seed: 7)
        let seen = Recorder<Int64>()
        let latch = Latch()
        var kept: [Int64] = []
        for _ in 0..<3_000 {
            let nanoseconds = Int64.random(in: 0..<20_000_000, using: &generator)
            let timer = reactor.setTimer(at: Moment(nanoseconds: nanoseconds)) { seen.add(nanoseconds) }
            if Bool.random(using: &generator) { reactor.cancel(timer) } else { kept.append(nanoseconds) }
        }
        reactor.setTimer(after: .milliseconds(1)) { latch.signal() }
        reactor.start()
        #expect(latch.wait())
        reactor.stop()
        #expect(seen.all == kept.sorted())
    }
}
