import Synchronization
import Testing
import TorrentCore

@testable import PeerRuntime

/// How the world sees us, by vote.
@Suite struct AddressVotesTests {
    private static func voter(_ number: Int) -> IPAddress { .v4(0x5000_0000 + UInt32(number) << 16) }
    private static let (ours, wrong) = (IPAddress.v4(0x6249_3620), IPAddress.v4(0x6249_3621))

    @Test func theFirstIsBelievedAndTheManyMore() {
        var votes = AddressVotes()
        #expect(votes.vote(for: Self.wrong, by: Self.voter(1)) == Self.wrong)
        // As many as before, and later.
        #expect(votes.vote(for: Self.ours, by: Self.voter(2)) == Self.ours)
        #expect(votes.vote(for: Self.ours, by: Self.voter(3)) == nil)
        // One who says it again has no second vote.
        for _ in 0..<9 { #expect(votes.vote(for: Self.wrong, by: Self.voter(1)) == nil) }
        #expect(votes.elected == [Self.ours])
    }

    @Test func whoeverSeesUsElsewhereNowHasChangedHisVote() {
        var votes = AddressVotes()
        for number in 0..<3 { _ = votes.vote(for: Self.wrong, by: Self.voter(number)) }
        #expect(votes.vote(for: Self.ours, by: Self.voter(0)) == nil)
        #expect(votes.vote(for: Self.ours, by: Self.voter(1)) == Self.ours)
    }

    /// Our address has changed: however many saw us there, the new ones win as the old votes go.
    @Test func votesAreBoundedAndTheNewestCount() {
        var votes = AddressVotes()
        for number in 0..<1_000 { _ = votes.vote(for: Self.wrong, by: Self.voter(number)) }
        let changed = (1_000..<2_000).first { votes.vote(for: Self.ours, by: Self.voter($0)) == Self.ours }
        #expect(changed == 1_000 + AddressVotes.mostVotes / 2 - 1)
    }

    /// Each as: who says it, and what.
    @Test(arguments: [
        ("80.1.1.1", "10.0.0.1"), ("80.1.1.1", "127.0.0.1"), ("80.1.1.1", "0.0.0.0"), ("80.1.1.1", "224.0.0.1"),
        ("80.1.1.1", "2a00::1"), ("2a00::2", "98.73.54.32"), ("10.0.0.2", "98.73.54.32"), ("127.0.0.1", "98.73.54.32"),
        ("2a00::2", "fe80::1"),
    ])
    func whoCannotKnowHasNoVote(voter: String, address: String) throws {
        var votes = AddressVotes()
        #expect(votes.vote(for: try #require(IPAddress(address)), by: try #require(IPAddress(voter))) == nil)
        #expect(votes.elected == [])
    }

    @Test func eachFamilyHasItsOwn() throws {
        var votes = AddressVotes()
        let ours6 = try #require(IPAddress("2a00::1"))
        #expect(votes.vote(for: Self.ours, by: Self.voter(1)) == Self.ours)
        #expect(votes.vote(for: ours6, by: try #require(IPAddress("2a00::2"))) == ours6)
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
        owner.saw(Self.wrong, by: Self.voter(1))
        owner.saw(Self.wrong, by: Self.voter(2))
        owner.join(second)
        owner.leave(first)
        for number in 3..<6 { owner.saw(Self.ours, by: Self.voter(number)) }
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
        owner.saw(Self.ours, by: Self.voter(1))
    }
}
