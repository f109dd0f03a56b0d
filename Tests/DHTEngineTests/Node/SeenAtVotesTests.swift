import Testing
import TorrentCore

@testable import DHTEngine

/// What others say of our address.
@Suite struct SeenAtVotesTests {
    private let ours = IPAddress("11.1.1.1")!

    private func place(_ number: Int) -> NodeID { NodeID(.test(UInt8(number))) }

    private func voted(_ voters: [(site: Int, place: Int?)], current: IPAddress? = nil) -> IPAddress? {
        var votes = SeenAtVotes()
        var winner: IPAddress?
        for (site, number) in voters {
            winner =
                winner
                ?? votes.vote(
                    for: ours, by: SmallDHT.address(site), near: number.map(place), current: current, at: .zero)
        }
        return winner
    }

    @Test func fourSitesOfTwoPlacesAreEnough() {
        #expect(voted([(1, 1), (2, 1), (3, 2), (4, 2)]) == ours)
        #expect(voted([(1, 1), (2, 1), (3, 2)]) == nil)
    }

    @Test func oneSiteHasOneVote() {
        #expect(voted((0..<20).map { (1, $0) }) == nil)
    }

    @Test func onePlaceIsNotEnough() {
        #expect(voted((0..<15).map { ($0, 1) }) == nil)
        // Nor is it a second one that somebody was found otherwise.
        #expect(voted((0..<15).map { ($0, $0 % 2 == 0 ? 1 : nil) }) == nil)
    }

    @Test func whatIsKnownIsNoNews() {
        #expect(voted((0..<9).map { ($0, $0) }, current: ours) == nil)
    }

    @Test func moreThanHalfHaveToAgree() {
        var votes = SeenAtVotes()
        for site in 0..<8 {
            #expect(
                votes.vote(
                    for: SmallDHT.address(500 + site), by: SmallDHT.address(site), near: place(site), current: nil,
                    at: .zero)
                    == nil)
        }
        for site in 8..<16 {
            #expect(
                votes.vote(for: ours, by: SmallDHT.address(site), near: place(site), current: nil, at: .zero) == nil)
        }
        #expect(votes.vote(for: ours, by: SmallDHT.address(16), near: place(16), current: nil, at: .zero) == ours)
    }

    /// Of one lookup's answers, however many, half is remembered beside those of the one before.
    @Test func anAddressThatChangesAtNightIsLearnedFromLookups() {
        var votes = SeenAtVotes()
        let other = SmallDHT.address(999)
        func lookUp(_ number: Int, _ address: IPAddress, at now: Moment) -> IPAddress? {
            (0..<30).compactMap { site in
                votes.vote(
                    for: address, by: SmallDHT.address(number * 30 + site), near: place(number), current: ours, at: now)
            }.first
        }
        for number in 1...3 { #expect(lookUp(number, ours, at: .zero) == nil) }
        #expect(lookUp(4, other, at: .zero + .seconds(900)) == nil)
        #expect(lookUp(5, other, at: .zero + .seconds(1_800)) == nil)
        #expect(lookUp(6, other, at: .zero + .seconds(2_700)) == other)
    }

    @Test func ourOwnNetworkHasNoVote() {
        var votes = SeenAtVotes()
        for number in 0..<16 {
            let local = IPAddress("10.0.\(number).1")!
            #expect(votes.vote(for: ours, by: local, near: place(number), current: nil, at: .zero) == nil)
            #expect(
                votes.vote(for: local, by: SmallDHT.address(number), near: place(number), current: nil, at: .zero)
                    == nil)
        }
    }

    @Test func anAddressIsKeptForAWhile() {
        var votes = SeenAtVotes()
        votes.changed(at: .zero)
        func all(for address: IPAddress, at now: Moment) -> Bool {
            (0..<9).contains {
                votes.vote(for: address, by: SmallDHT.address($0), near: place($0), current: nil, at: now) != nil
            }
        }
        #expect(!all(for: ours, at: .zero + .seconds(599)))
        #expect(all(for: ours, at: .zero + .seconds(600)))
    }

    /// Many voices at once are one crowded lookup; whoever is not contradicted for minutes is right.
    @Test func whatManyConfirmedIsNotLeftAtOnce() {
        var votes = SeenAtVotes()
        let other = SmallDHT.address(999)
        func says(_ site: Int, _ address: IPAddress, at now: Moment) -> IPAddress? {
            votes.vote(for: address, by: SmallDHT.address(site), near: place(site % 200), current: ours, at: now)
        }
        for site in 0..<6 { #expect(says(site, ours, at: .zero) == nil) }
        for site in 20..<60 { #expect(says(site, other, at: .zero + .seconds(1)) == nil) }
        for site in 60..<80 { #expect(says(site, ours, at: .zero + .seconds(60)) == nil) }
        for site in 80..<120 { #expect(says(site, other, at: .zero + .seconds(125)) == nil) }
        #expect(says(120, other, at: .zero + .seconds(244)) == nil)
        #expect(says(121, other, at: .zero + .seconds(245)) == other)
    }
}
