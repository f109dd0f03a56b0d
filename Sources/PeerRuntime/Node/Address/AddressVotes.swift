import TorrentCore

/// At which public address others see us, by vote: peers say it in their extension handshake (BEP 10), trackers in
/// their answers (BEP 24). Anybody may lie, so each has one vote, and the address that most see is taken for ours, as
/// BEP 40 wants it.
struct AddressVotes {
    private struct Vote {
        let voter: IPAddress
        let address: IPAddress
    }

    /// One a voter, the newest last.
    private var votes: [Vote] = []
    private var electedV4: IPAddress?
    private var electedV6: IPAddress?

    /// Votes that count; the oldest go first, for our address may change.
    static let mostVotes = 64

    /// Those that were elected.
    var elected: [IPAddress] { [electedV4, electedV6].compactMap(\.self) }

    /// `voter` sees us at `address`. Answers with the address that is elected by that, if it is another one than
    /// before. Who is near sees us by another address than the world does, and nobody sees one of the other family.
    mutating func vote(for address: IPAddress, by voter: IPAddress) -> IPAddress? {
        guard address.scope == .world, voter.scope == .world, address.isV4 == voter.isV4 else { return nil }
        votes.removeAll { $0.voter == voter }
        if votes.count == Self.mostVotes { votes.removeFirst() }
        votes.append(Vote(voter: voter, address: address))
        let winner = winner(like: address)
        guard winner != (address.isV4 ? electedV4 : electedV6) else { return nil }
        if address.isV4 { electedV4 = winner } else { electedV6 = winner }
        return winner
    }

    /// The address with the most votes; of several that for which somebody voted last.
    private func winner(like address: IPAddress) -> IPAddress {
        var best = (address: address, votes: 0)
        var seen: [IPAddress] = []
        for vote in votes.reversed() where vote.address.isV4 == address.isV4 && !seen.contains(vote.address) {
            seen.append(vote.address)
            let count = votes.count { $0.address == vote.address }
            if count > best.votes { best = (vote.address, count) }
        }
        return best.address
    }
}
