import Synchronization
import TestSupport
import Testing
import TorrentCore

@testable import PeerRuntime

@Suite struct PieceMemoryTests {
    /// What a member was told.
    private final class Ear: Sendable {
        private let heard = Mutex<[PieceMemory.Word]>([])
        func hear(_ word: PieceMemory.Word) { heard.withLock { $0.append(word) } }

        /// Forgets it.
        func take() -> [PieceMemory.Word] {
            heard.withLock { words in
                defer { words = [] }
                return words
            }
        }
    }

    private func join(_ memory: PieceMemory, _ pieceBytes: Int) -> (member: PieceMemory.Member, ear: Ear) {
        let ear = Ear()
        return (memory.join(pieceBytes: pieceBytes) { ear.hear($0) }, ear)
    }

    @Test func oneTorrentAloneGetsTheWholeBudget() {
        let memory = PieceMemory(budget: 100)
        let (one, _) = join(memory, 10)
        #expect(memory.allowance(of: one) == 0)
        #expect(!memory.open(one))
        memory.want(one)
        #expect(memory.allowance(of: one) == 10)
        for _ in 0..<10 { #expect(memory.open(one)) }
        #expect(!memory.open(one))
        memory.want(one)
        #expect(memory.allowance(of: one) == 10)
        // It gets back what it closes: nobody else waits.
        memory.close(one)
        #expect(memory.open(one))
    }

    @Test func whatIsNotUsedGoesToWhoWaits() {
        let memory = PieceMemory(budget: 100)
        let (one, ear) = join(memory, 10)
        memory.want(one)
        for _ in 0..<4 { #expect(memory.open(one)) }
        memory.settle(one)
        let (two, _) = join(memory, 20)
        memory.want(two)
        #expect(memory.allowance(of: two) == 1)
        #expect(memory.allowance(of: one) == 8)
        #expect(ear.take() == [.allowanceChanged])
        memory.want(two)
        memory.want(two)
        #expect(memory.allowance(of: two) == 3)
        #expect(memory.allowance(of: one) == 4)
    }

    /// Three torrents, room for two pieces: whoever has waited longest is next, again and again.
    @Test func turnsGoRound() {
        let memory = PieceMemory(budget: 2_000)
        let members = (0..<3).map { _ in join(memory, 1_000).member }
        var opened = [0, 0, 0]
        for (number, member) in members.enumerated() {
            memory.want(member)
            if memory.open(member) { opened[number] += 1 }
        }
        #expect(opened == [1, 1, 0])
        var holders = [0, 1]
        for _ in 0..<30 {
            let number = holders.removeFirst()
            memory.close(members[number])
            memory.want(members[number])
            let next = [0, 1, 2].first { !holders.contains($0) && memory.open(members[$0]) }
            guard let next else {
                Issue.record("a piece was closed and nobody may open one")
                return
            }
            opened[next] += 1
            holders.append(next)
        }
        #expect(opened.allSatisfy { (10...12).contains($0) })
    }

    @Test func aLongPieceIsAllowedAlone() {
        let memory = PieceMemory(budget: 100)
        let (small, _) = join(memory, 10)
        let (large, ear) = join(memory, 1_000)
        memory.want(small)
        #expect(memory.open(small))
        memory.settle(small)
        memory.want(large)
        #expect(memory.allowance(of: large) == 0)
        // No small piece is opened in the meantime, or the large one would wait for ever.
        memory.want(small)
        #expect(memory.allowance(of: small) == 1)
        memory.close(small)
        #expect(memory.allowance(of: large) == 1)
        #expect(ear.take() == [.allowanceChanged])
        #expect(memory.open(large))
        #expect(memory.allowance(of: small) == 0)
        memory.close(large)
        #expect(memory.allowance(of: small) >= 1)
    }

    @Test func whoLeavesMakesRoom() {
        let memory = PieceMemory(budget: 10)
        let (one, _) = join(memory, 10)
        let (two, ear) = join(memory, 10)
        memory.want(one)
        #expect(memory.open(one))
        memory.want(two)
        #expect(memory.allowance(of: two) == 0)
        memory.leave(one)
        #expect(memory.allowance(of: two) == 1)
        #expect(ear.take() == [.allowanceChanged])
        #expect(memory.allowance(of: one) == 0)
    }

    @Test func whoPressesMakesThoseWhoHoldMemoryHearOfIt() {
        let memory = PieceMemory(budget: 20)
        let (holder, holderEar) = join(memory, 10)
        let (idle, idleEar) = join(memory, 10)
        let (waiting, ear) = join(memory, 20)
        memory.want(holder)
        #expect(memory.open(holder))
        memory.want(idle)
        for member in [holder, idle] { memory.settle(member) }
        #expect(!memory.press(waiting), "it does not wait")
        memory.want(waiting)
        _ = (holderEar.take(), idleEar.take())
        #expect(memory.press(waiting))
        #expect(holderEar.take() == [.isWanted])
        #expect(idleEar.take() == [] && ear.take() == [])
        memory.close(holder)
        #expect(!memory.press(waiting))
    }

    /// Whatever torrents do, the budget is kept, and nobody who wants memory is passed over for ever.
    @Test(arguments: UInt64(1)...20)
    func anyOrderKeepsTheBudget(seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        let budget = 1_000
        let memory = PieceMemory(budget: budget)
        let lengths = (0..<6).map { _ in Int.random(in: 50...600, using: &chance) }
        let members = lengths.map { join(memory, $0).member }
        var open = lengths.map { _ in 0 }
        var turns = lengths.map { _ in 0 }
        for _ in 0..<4_000 {
            let number = Int.random(in: 0..<members.count, using: &chance)
            if open[number] > 0, Bool.random(using: &chance) {
                memory.close(members[number])
                open[number] -= 1
            } else if memory.open(members[number]) {
                open[number] += 1
                turns[number] += 1
            } else {
                memory.want(members[number])
                if Bool.random(using: &chance) { memory.settle(members[number]) }
            }
            let used = zip(open, lengths).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(used <= budget)
            #expect(memory.allowance(of: members[number]) >= open[number])
        }
        #expect(turns.allSatisfy { $0 > 15 }, "\(turns)")
    }
}
