import TorrentCore

/// At which public address others see us, by vote: peers say it in their extension handshake (BEP 10), trackers in
/// their answers (BEP 24). Anybody may lie, and have many addresses for it, so each neighbourhood has one vote, and the
/// address that most see is taken for ours, as BEP 40 wants it. What is known gives way to another address only when
/// that is well ahead of it, and not often: one stranger alone must not move us to and fro.
struct AddressVotes {
    fileprivate struct Vote {
        let voter: AddressBlock
        let address: IPAddress
    }

    /// What is known of one family.
    fileprivate struct Poll {
        /// One a voter, the newest last.
        var votes: [Vote] = []
        var elected: IPAddress?
        /// By many who agreed elsewhere, which counts as so many votes.
        var isAgreed = false
        /// No election is held before.
        var nextElection = Moment.zero
    }

    private var polls: (v4: Poll, v6: Poll) = (Poll(), Poll())

    /// Votes of a family that count; the oldest go first, for our address may change.
    static let mostVotes = 32
    /// So many votes more than the address that is known another one has to have.
    static let lead = 2
    /// What an agreement elsewhere is worth, votes.
    static let agreement = 4
    /// Between two elections of a family.
    static let pause = Duration.seconds(30)

    /// Those that were elected.
    var elected: [IPAddress] { [polls.v4.elected, polls.v6.elected].compactMap(\.self) }

    /// `voter` sees us at `address`. Answers with the address that is elected by that, if it is another one than
    /// before. Who is near sees us by another address than the world does, and nobody sees one of the other family.
    mutating func vote(for address: IPAddress, by voter: IPAddress, at now: Moment) -> IPAddress? {
        guard address.scope == .world, voter.scope == .world, address.isV4 == voter.isV4 else { return nil }
        let vote = Vote(voter: voter.neighbourhood, address: address)
        return address.isV4 ? polls.v4.take(vote, at: now) : polls.v6.take(vote, at: now)
    }

    /// Takes over an address on which voters in many neighbourhoods have agreed elsewhere. The answer is the same as
    /// that of `vote`.
    mutating func elect(_ address: IPAddress, at now: Moment) -> IPAddress? {
        guard address.scope == .world else { return nil }
        return address.isV4 ? polls.v4.elect(address, at: now) : polls.v6.elect(address, at: now)
    }
}

extension AddressVotes.Poll {
    fileprivate mutating func take(_ vote: AddressVotes.Vote, at now: Moment) -> IPAddress? {
        // Who says the same again does not become newer by that.
        if !votes.contains(where: { $0.voter == vote.voter && $0.address == vote.address }) {
            votes.removeAll { $0.voter == vote.voter }
            if votes.count == AddressVotes.mostVotes { votes.removeFirst() }
            votes.append(vote)
        }
        guard now >= nextElection, let winner, winner != elected else { return nil }
        nextElection = now + AddressVotes.pause
        (elected, isAgreed) = (winner, false)
        return winner
    }

    fileprivate mutating func elect(_ address: IPAddress, at now: Moment) -> IPAddress? {
        if address == elected { isAgreed = true }
        guard now >= nextElection, address != elected else { return nil }
        nextElection = now + AddressVotes.pause
        (elected, isAgreed) = (address, true)
        return address
    }

    /// The address with the most votes, of several the one that was seen last, if it is far enough ahead of the one
    /// that is known.
    private var winner: IPAddress? {
        var best: (address: IPAddress, votes: Int)?
        for vote in votes.reversed() {
            let count = count(of: vote.address)
            if count > best?.votes ?? 0 { best = (vote.address, count) }
        }
        guard let best else { return nil }
        guard let elected else { return best.address }
        // One that a single voter has made known is not more than one voter's word.
        let held = max(count(of: elected), isAgreed ? AddressVotes.agreement : 0)
        return best.votes >= held + min(AddressVotes.lead, max(1, held)) ? best.address : nil
    }

    private func count(of address: IPAddress) -> Int { votes.count { $0.address == address } }
}
