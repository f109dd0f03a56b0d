import SwarmEngine
import TestSupport
import Testing
import TorrentCore

@testable import PeerRuntime
@testable import TorrentIO

/// Torrents share memory for metadata that is on its way.
@Suite struct SharedMetadataMemoryTests {
    private final class Owner: MetadataMemoryOwner {
        let memory: MetadataMemory
        var parts = 0
        var inUse = 0
        var presses = 0

        init(_ shared: PieceMemory, _ reactor: Reactor) {
            memory = MetadataMemory(shared, reactor)
            memory.owner = self
        }

        func mayUse(parts: Int) { self.parts = parts }

        func memoryIsWanted() -> Int {
            presses += 1
            return inUse
        }
    }

    private static func run(_ reactor: Reactor, _ iterations: Int = 20) {
        for _ in 0..<iterations {
            reactor.performLater {}
            reactor.runIteration()
        }
    }

    @Test func itGrowsWithItsUse() throws {
        let reactor = try Reactor(name: "memory")
        let owner = Owner(PieceMemory(budget: 64 * MetadataRoom.partBytes), reactor)
        owner.memory.begin()
        Self.run(reactor)
        #expect(owner.memory.held == 0)
        owner.memory.want()
        var steps: [Int] = []
        for _ in 0..<6 {
            Self.run(reactor)
            steps.append(owner.parts)
            owner.memory.want()
        }
        #expect(steps == [4, 8, 16, 32, 64, 64])
        #expect(owner.memory.isWaiting)
        owner.memory.end()
        #expect(owner.memory.held == 0 && !owner.memory.isWaiting)
    }

    /// However many torrents there are, they never hold more than there is, and those that wait get what others give
    /// back.
    @Test func allKeepToTheBudget() throws {
        let reactor = try Reactor(name: "memory")
        let shared = PieceMemory(budget: 8 * MetadataRoom.partBytes)
        let owners = (0..<20).map { _ in Owner(shared, reactor) }
        for owner in owners {
            owner.memory.begin()
            owner.memory.want()
        }
        var served: Set<Int> = []
        for _ in 0..<60 {
            Self.run(reactor, 3)
            #expect(owners.reduce(0) { $0 + $1.memory.held } <= 8)
            for number in owners.indices where owners[number].memory.held > 0 {
                served.insert(number)
                owners[number].memory.release(to: 0)
                owners[number].memory.want()
            }
        }
        #expect(served.count == 20)
        for owner in owners { owner.memory.end() }
    }

    /// Who holds what it does not use gives it back once another has waited.
    @Test func whatIsNotUsedGoesToWhoWaits() throws {
        let reactor = try Reactor(name: "memory")
        var now = reactor.now
        reactor.clock = { now }
        let shared = PieceMemory(budget: 4 * MetadataRoom.partBytes)
        let (first, second) = (Owner(shared, reactor), Owner(shared, reactor))
        first.memory.begin()
        first.memory.want()
        Self.run(reactor)
        #expect(first.memory.held == 4)
        first.inUse = 1
        second.memory.begin()
        second.memory.want()
        Self.run(reactor)
        #expect(second.memory.isWaiting && second.memory.held == 0)
        now = now + .seconds(4)
        Self.run(reactor)
        #expect(first.presses > 0 && first.memory.held == 1)
        #expect(second.memory.held > 0 && !second.memory.isWaiting)
        for owner in [first, second] { owner.memory.end() }
    }
}
