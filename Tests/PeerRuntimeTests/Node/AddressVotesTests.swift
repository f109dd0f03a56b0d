import Synchronization
import Testing
import TorrentCore

@testable import PeerRuntime

/// How the world sees us, by vote.
@Suite struct AddressVotesTests {
    private static func voter(_ number: Int) -> IPAddress { .v4(0x5000_0000 + UInt32(number) << 16) }
    private static let (ours, wrong) = (IPAddress.v4(0x6249_3620), IPAddress.v4(0x6249_3621))

    /// The votes, each cast after a pause in which an election may be held.
    private struct Stage {
        var votes = AddressVotes()
        var now = Moment.zero

        mutating func vote(for address: IPAddress, by number: Int, after pause: Duration = .seconds(30)) -> IPAddress? {
            now = now + pause
            return votes.vote(for: address, by: AddressVotesTests.voter(number), at: now)
        }
    }

    @Test func theFirstIsBelievedAndManyMore() {
        var stage = Stage()
        #expect(stage.vote(for: Self.wrong, by: 1) == Self.wrong)
        // One voter's word gives way to that of two.
        #expect(stage.vote(for: Self.ours, by: 2) == nil)
        #expect(stage.vote(for: Self.ours, by: 3) == Self.ours)
        #expect(stage.vote(for: Self.ours, by: 4) == nil)
        // Who says it again has no second vote, nor have his neighbours.
        for _ in 0..<9 { #expect(stage.vote(for: Self.wrong, by: 1) == nil) }
        for neighbour in 1..<200 {
            stage.now = stage.now + .seconds(60)
            let voter = IPAddress.v4(0x5009_0900 + UInt32(neighbour))
            #expect(stage.votes.vote(for: Self.wrong, by: voter, at: stage.now) == nil)
        }
        #expect(stage.votes.elected == [Self.ours])
    }

    /// However often one stranger changes his mind.
    @Test func nobodyMovesUsAlone() {
        var stage = Stage()
        #expect(stage.vote(for: Self.ours, by: 1) == Self.ours)
        for round in 0..<100 {
            #expect(stage.vote(for: round % 2 == 0 ? Self.wrong : Self.ours, by: 2) == nil)
        }
        for other in 3..<5 { #expect(stage.vote(for: Self.ours, by: other) == nil) }
        #expect(stage.votes.elected == [Self.ours])
    }

    /// A tracker that reports the address of its own proxy does not undo what many have agreed on.
    @Test func anAgreementIsMoreThanAFewVoices() {
        var stage = Stage()
        #expect(stage.votes.elect(Self.ours, at: stage.now) == Self.ours)
        for number in 1..<6 { #expect(stage.vote(for: Self.wrong, by: number) == nil) }
        #expect(stage.votes.elected == [Self.ours])
        #expect(stage.vote(for: Self.wrong, by: 6) == Self.wrong)
    }

    @Test func anElectionIsHeldNowAndThen() {
        var stage = Stage()
        #expect(stage.vote(for: Self.wrong, by: 0) == Self.wrong)
        for number in 1..<9 { #expect(stage.vote(for: Self.ours, by: number, after: .seconds(1)) == nil) }
        // Whoever says it again reminds of it.
        #expect(stage.vote(for: Self.ours, by: 1, after: .seconds(22)) == Self.ours)
    }

    @Test func whoeverSeesUsElsewhereNowHasChangedHisVote() {
        var stage = Stage()
        for number in 0..<3 { _ = stage.vote(for: Self.wrong, by: number) }
        #expect(stage.vote(for: Self.ours, by: 0) == nil)
        #expect(stage.vote(for: Self.ours, by: 1) == Self.ours)
    }

    /// Our address has changed: however many saw us there, the new ones win as the old votes go.
    @Test func votesAreBoundedAndTheNewestCount() {
        var stage = Stage()
        for number in 0..<1_000 { _ = stage.vote(for: Self.wrong, by: number) }
        let changed = (1_000..<2_000).first { stage.vote(for: Self.ours, by: $0) == Self.ours }
        #expect(changed == 1_000 + AddressVotes.mostVotes / 2)
    }

    /// Each as: who says it, and what.
    @Test(arguments: [
        ("80.1.1.1", "10.0.0.1"), ("80.1.1.1", "127.0.0.1"), ("80.1.1.1", "0.0.0.0"), ("80.1.1.1", "224.0.0.1"),
        ("80.1.1.1", "2a00::1"), ("2a00::2", "98.73.54.32"), ("10.0.0.2", "98.73.54.32"), ("127.0.0.1", "98.73.54.32"),
        ("2a00::2", "fe80::1"),
    ])
    func whoCannotKnowHasNoVote(voter: String, address: String) throws {
        var votes = AddressVotes()
        #expect(
            votes.vote(for: try #require(IPAddress(address)), by: try #require(IPAddress(voter)), at: .zero) == nil)
        #expect(votes.elected == [])
    }

    @Test func eachFamilyHasItsOwn() throws {
        var votes = AddressVotes()
        let ours6 = try #require(IPAddress("2a00::1"))
        #expect(votes.vote(for: Self.ours, by: Self.voter(1), at: .zero) == Self.ours)
        #expect(votes.vote(for: ours6, by: try #require(IPAddress("2a00::2")), at: .zero) == ours6)
        #expect(votes.elected == [Self.ours, ours6])
    }

    private final class Session: OurAddressListener {
        private let said = Mutex<[IPAddress]>([])
        var heard: [IPAddress] { said.withLock { $0 } }
        func theySeeUs(at address: IPAddress) { said.withLock { $0.append(address) } }
    }

    /// Whoever comes later hears what is known; whoever has left hears nothing.
    @Test func everySessionHearsOfIt() {
        let owner = OurAddress()
        let (first, second) = (Session(), Session())
        owner.join(first)
        owner.saw(Self.wrong, by: Self.voter(1), at: .zero)
        owner.saw(Self.wrong, by: Self.voter(2), at: .zero)
        owner.join(second)
        owner.leave(first)
        let later = Moment.zero + .seconds(60)
        for number in 3..<7 { owner.saw(Self.ours, by: Self.voter(number), at: later) }
        #expect(first.heard == [Self.wrong])
        #expect(second.heard == [Self.wrong, Self.ours])
    }

    /// Nobody keeps a session alive by that, and those that are gone are forgotten.
    @Test func aSessionThatIsGoneIsLetPass() {
        let owner = OurAddress()
        weak var gone: Session?
        do {
            let session = Session()
            gone = session
            owner.join(session)
        }
        #expect(gone == nil)
        owner.saw(Self.ours, by: Self.voter(1), at: .zero)
    }
}
