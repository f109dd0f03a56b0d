import Testing
import TorrentCore

@testable import DHTEngine

/// What others say of our address.
@Suite struct SeenAtVotesTests {
    private let ours = IPAddress("11.1.1.1")!

    private func voted(_ voters: [(site: Int, lookup: Int)], current: IPAddress? = nil) -> IPAddress? {
        var votes = SeenAtVotes()
        var winner: IPAddress?
        for (site, lookup) in voters {
            winner =
                winner
                ?? votes.vote(for: ours, by: SmallDHT.address(site), in: lookup, current: current, at: .zero)
        }
        return winner
    }

    @Test func fourSitesOfTwoLookupsAreEnough() {
        #expect(voted([(1, 1), (2, 1), (3, 2), (4, 2)]) == ours)
        #expect(voted([(1, 1), (2, 1), (3, 2)]) == nil)
    }

    @Test func oneSiteHasOneVote() {
        #expect(voted((0..<20).map { (1, $0) }) == nil)
    }

    @Test func oneLookupIsNotEnough() {
        #expect(voted((0..<15).map { ($0, 1) }) == nil)
    }

    @Test func whatIsKnownIsNoNews() {
        #expect(voted((0..<9).map { ($0, $0) }, current: ours) == nil)
    }

    @Test func moreThanHalfHaveToAgree() {
        var votes = SeenAtVotes()
        for site in 0..<8 {
            #expect(
                votes.vote(
                    for: SmallDHT.address(500 + site), by: SmallDHT.address(site), in: site, current: nil, at: .zero)
                    == nil)
        }
        for site in 8..<16 {
            #expect(votes.vote(for: ours, by: SmallDHT.address(site), in: site, current: nil, at: .zero) == nil)
        }
        #expect(votes.vote(for: ours, by: SmallDHT.address(16), in: 16, current: nil, at: .zero) == ours)
    }

    @Test func ourOwnNetworkHasNoVote() {
        var votes = SeenAtVotes()
        for number in 0..<16 {
            let local = IPAddress("10.0.\(number).1")!
            #expect(votes.vote(for: ours, by: local, in: number, current: nil, at: .zero) == nil)
            #expect(votes.vote(for: local, by: SmallDHT.address(number), in: number, current: nil, at: .zero) == nil)
        }
    }

    @Test func anAddressIsKeptForAWhile() {
        var votes = SeenAtVotes()
        votes.changed(at: .zero)
        func all(for address: IPAddress, at now: Moment) -> Bool {
            (0..<9).contains {
                votes.vote(for: address, by: SmallDHT.address($0), in: $0, current: nil, at: now) != nil
            }
        }
        #expect(!all(for: ours, at: .zero + .seconds(599)))
        #expect(all(for: ours, at: .zero + .seconds(600)))
    }
}
