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
}
