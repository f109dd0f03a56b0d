import Synchronization
import TestSupport
import Testing
import TorrentIO

@testable import PeerRuntime

@Suite struct PieceAllowanceTests {
    private final class Owner: PieceAllowanceOwner {
        var told: [Int] = []
        func mayOpen(_ count: Int) { told.append(count) }
        func memoryIsWanted() {}
    }

    /// Who asked for more asks no more until it is answered: with the same number, if that is what came of it.
    @Test func aWishIsAnsweredThoughTheNumberIsTheSame() throws {
        let memory = PieceMemory(budget: 20)
        let allowance = PieceAllowance(memory, try Reactor(name: "allowance"))
        let owner = Owner()
        allowance.owner = owner
        allowance.begin(pieceBytes: 10)
        allowance.want()
        for _ in 0..<2 { #expect(allowance.open()) }
        for answers in 1...3 {
            allowance.want()
            #expect(allowance.isWaiting)
            allowance.close()
            #expect(owner.told == Array(repeating: 2, count: answers))
            #expect(!allowance.isWaiting)
            #expect(allowance.open())
        }
    }

    private final class SharedOwner: PieceAllowanceOwner, Sendable {
        private let told = Mutex<[Int]>([])
        var all: [Int] { told.withLock(\.self) }
        func mayOpen(_ count: Int) { told.withLock { $0.append(count) } }
        func memoryIsWanted() {}
    }

    /// It is allowed a piece, does not open one, and another waits: whoever is told of the one is told of the other,
    /// else it would take itself to be allowed what it is not, for ever.
    @Test func whatIsTakenBackInTheSameBreathIsTold() async throws {
        let memory = PieceMemory(budget: 10)
        let reactor = try Reactor(name: "allowance")
        let allowance = PieceAllowance(memory, reactor)
        let owner = SharedOwner()
        allowance.owner = owner
        let other = memory.join(pieceBytes: 10) { _ in }
        reactor.perform {
            allowance.begin(pieceBytes: 10)
            allowance.want()
            memory.want(other)
        }
        reactor.start()
        let isTold = try await eventually(within: .seconds(60)) { owner.all.count >= 2 }
        #expect(isTold)
        #expect(owner.all == [1, 0])
        #expect(memory.allowance(of: other) == 1)
        reactor.stop()
    }
}
