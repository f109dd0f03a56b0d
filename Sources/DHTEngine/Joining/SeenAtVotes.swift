import TorrentCore

/// What other nodes say of the address that they see us at (BEP 42). One voice is none: a site has one vote, and those
/// that one lookup led to are not enough.
struct SeenAtVotes {
    /// The votes that are remembered.
    static let remembered = 16
    /// Sites and lookups that have to agree.
    static let sitesNeeded = 4
    static let lookupsNeeded = 2
    /// Somebody with two ways out would be renamed again and again: so long one address is kept.
    static let keptFor = Duration.seconds(600)

    private struct Vote {
        let site: AddressBlock
        let address: IPAddress
        let lookup: Int
    }

    private var votes: [Vote] = []
    private var changedAt: Moment?

    /// Counts a vote. Gives the address if it has won, and is another one than `current`.
    mutating func vote(
        for address: IPAddress, by voter: IPAddress, in lookup: Int, current: IPAddress?, at now: Moment
    ) -> IPAddress? {
        guard address.scope == .world, voter.scope == .world, address.isV4 == voter.isV4 else { return nil }
        votes.removeAll { $0.site == voter.neighbourhood }
        if votes.count >= Self.remembered { votes.removeFirst() }
        votes.append(Vote(site: voter.neighbourhood, address: address, lookup: lookup))
        guard address != current else { return nil }
        if let changedAt, now - changedAt < Self.keptFor { return nil }
        let agreeing = votes.filter { $0.address == address }
        guard agreeing.count >= Self.sitesNeeded, agreeing.count * 2 > votes.count,
            Set(agreeing.map(\.lookup)).count >= Self.lookupsNeeded
        else { return nil }
        changed(at: now)
        return address
    }

    /// The address is another one now, whoever said so.
    mutating func changed(at now: Moment) {
        votes = []
        changedAt = now
    }
}
