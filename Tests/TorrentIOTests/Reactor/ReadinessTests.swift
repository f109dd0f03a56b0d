import Glibc
import TestSupport
import Testing
import TorrentCore

@testable import TorrentIO

/// Two connected sockets, nonblocking.
private func socketPair() throws -> (Descriptor, Descriptor) {
    var numbers: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    try #require(socketpair(AF_UNIX, kind, 0, &numbers) == 0)
    return (Descriptor(owning: numbers[0]), Descriptor(owning: numbers[1]))
}

private func send(_ bytes: [UInt8], through descriptor: Descriptor) {
    bytes.withUnsafeBytes { _ = try? descriptor.send($0) }
}

/// Hands what it hears to a closure.
private final class Listener: ReadinessHandler {
    var body: (Readiness) -> Void = { _ in }
    func descriptorReady(_ descriptor: Int32, _ readiness: Readiness) { body(readiness) }
}

/// What both pollers have to do alike.
@Suite struct ReadinessTests {
    @Test(arguments: PollerKind.allCases)
    func bytesAndHangUpsAreReported(kind: PollerKind) throws {
        let reactor = try Reactor(name: "test", poller: kind)
        let (near, far) = try socketPair()
        let listener = Listener()
        let seen = Recorder<Readiness>()
        let latch = Latch()
        listener.body = { readiness in
            seen.add(readiness)
            var bytes = [UInt8](repeating: 0, count: 16)
            let count = bytes.withUnsafeMutableBytes { try? near.read(into: $0) }
            if count == 0 { reactor.unwatch(near) }
            latch.signal()
        }
        try reactor.watch(near, .read, handler: listener)
        reactor.start()
        send([1, 2], through: far)
        #expect(latch.wait())
        far.close()
        #expect(latch.wait())
        reactor.stop()
        #expect(seen.all.first == .read)
        #expect(seen.all.last?.contains(.hangup) == true)
    }

    @Test(arguments: PollerKind.allCases)
    func interestDecidesWhatIsReported(kind: PollerKind) throws {
        let reactor = try Reactor(name: "test", poller: kind)
        let (near, far) = try socketPair()
        let listener = Listener()
        let seen = Recorder<Readiness>()
        let latch = Latch()
        // Writable at once; then nothing is wanted, while bytes and even a hang-up wait; then reading is.
        listener.body = { readiness in
            seen.add(readiness)
            if readiness == .write {
                reactor.change(near, to: [])
                send([1], through: far)
                far.close()
                reactor.setTimer(after: .milliseconds(20)) { reactor.change(near, to: .read) }
            } else {
                reactor.unwatch(near)
                latch.signal()
            }
        }
        try reactor.watch(near, [.read, .write], handler: listener)
        reactor.start()
        #expect(latch.wait())
        reactor.stop()
        #expect(seen.all == [.write, [.read, .hangup]])
    }

    /// The system has no memory for a change now and then; what was wanted comes into force a little later.
    @Test func aChangeThatThePollerRefusesIsMadeLater() throws {
        let poller = ReluctantPoller()
        let reactor = try Reactor(name: "test", poller: poller)
        let (near, far) = try socketPair()
        let listener = Listener()
        var seen: [Readiness] = []
        listener.body = {
            seen.append($0)
            reactor.change(near, to: [])
        }
        try reactor.watch(near, [], handler: listener)
        send([1], through: far)
        poller.refusals = 3
        reactor.change(near, to: .read)
        for _ in 0..<3 { reactor.runIteration() }
        #expect(seen == [])
        reactor.runIteration()
        #expect(seen == [.read])
        #expect(poller.refusals == 0)
        // What is unwatched meanwhile is forgotten.
        poller.refusals = 2
        reactor.change(near, to: .read)
        reactor.unwatch(near)
        reactor.performLater {}
        reactor.runIteration()
        #expect(poller.refusals == 1)
        #expect(seen == [.read])
    }

    @Test(arguments: PollerKind.allCases)
    func whoIsUnwatchedHearsNothingOfTheSameBatch(kind: PollerKind) throws {
        let reactor = try Reactor(name: "test", poller: kind)
        let pairs = [try socketPair(), try socketPair()]
        for pair in pairs { send([1], through: pair.1) }
        let heard = Recorder<Int>()
        let latch = Latch()
        // Both are ready in the first batch; whoever is first ends the other, and its number is taken by a newcomer
        // that has nothing to read.
        for (position, pair) in pairs.enumerated() {
            let listener = Listener()
            listener.body = { _ in
                heard.add(position)
                let other = pairs[1 - position].0
                reactor.unwatch(pair.0)
                reactor.unwatch(other)
                guard let (quiet, far) = try? socketPair() else { return }
                // In one step, or another test that runs now might get the number.
                dup2(quiet.number, other.number)
                let innocent = Listener()
                innocent.body = { _ in heard.add(99) }
                try? reactor.watch(other, .read, handler: innocent)
                reactor.performLater {
                    reactor.unwatch(other)
                    far.close()
                    latch.signal()
                }
            }
            try reactor.watch(pair.0, .read, handler: listener)
        }
        reactor.start()
        #expect(latch.wait())
        reactor.stop()
        #expect(heard.all.count == 1 && !heard.all.contains(99))
    }

    @Test(arguments: PollerKind.allCases)
    func aRefusedConnectionIsAHangUpWithAReason(kind: PollerKind) throws {
        let reactor = try Reactor(name: "test", poller: kind)
        let endpoint = Endpoint(.loopbackV4, port: UInt16(try LoopbackServer.freePort()))
        let descriptor = try Sockets.connectTCP(to: endpoint)
        let listener = Listener()
        let codes = Recorder<Int32>()
        let latch = Latch()
        listener.body = { _ in
            do throws(SystemError) {
                try Sockets.connectResult(descriptor)
                codes.add(0)
            } catch {
                codes.add(error.code)
            }
            reactor.unwatch(descriptor)
            latch.signal()
        }
        try reactor.watch(descriptor, .write, handler: listener)
        reactor.start()
        #expect(latch.wait())
        reactor.stop()
        #expect(codes.all == [ECONNREFUSED])
    }
}

/// A poller that has no memory for the next few changes.
private final class ReluctantPoller: Poller {
    var refusals = 0
    private let poller = PollPoller()

    func add(_ descriptor: Int32, _ interest: Readiness, token: UInt64) {
        poller.add(descriptor, interest, token: token)
    }

    func change(_ descriptor: Int32, from old: Readiness, to interest: Readiness, token: UInt64) throws(SystemError) {
        if refusals > 0 {
            refusals -= 1
            throw SystemError(code: ENOMEM, call: "epoll_ctl")
        }
        poller.change(descriptor, from: old, to: interest, token: token)
    }

    func remove(_ descriptor: Int32, _ interest: Readiness) { poller.remove(descriptor, interest) }

    func wait(milliseconds: Int32?, into events: inout [PollerEvent]) throws(SystemError) {
        try poller.wait(milliseconds: milliseconds, into: &events)
    }
}
