import TorrentCore

/// What other nodes say of the address that they see us at (BEP 42). One voice is none: a site has one vote, and those
/// that lookups of one place led to are not enough, since somebody may hold that place.
struct SeenAtVotes {
    /// The votes that are remembered.
    static let remembered = 16
    /// Those of one place, or of none: a lookup has twice as many answers, and must not be all that we remember.
    static let rememberedOfAPlace = 8
    /// Sites and places that have to agree.
    static let sitesNeeded = 4
    static let placesNeeded = 2
    /// Somebody with two ways out would be renamed again and again: so long one address is kept.
    static let keptFor = Duration.seconds(600)
    /// An address that enough have confirmed is only left when enough have named another one for so long, and most
    /// have not said ours meanwhile: one crowded lookup fills our memory of votes, and the nodes of our table speak in
    /// between.
    static let heldFor = Duration.seconds(120)

    private struct Vote {
        let site: AddressBlock
        let address: IPAddress
        /// What was looked up when the voter was found; nil for who was asked for another reason.
        let place: NodeID?
    }

    private var votes: [Vote] = []
    private var changedAt: Moment?
    private var isConfirmed = false
    /// Another address than ours that enough have named since then.
    private var rival: (address: IPAddress, since: Moment)?

    /// Counts a vote. Gives the address if it has won, and is another one than `current`.
    mutating func vote(
        for address: IPAddress, by voter: IPAddress, near place: NodeID?, current: IPAddress?, at now: Moment
    ) -> IPAddress? {
        guard address.scope == .world, voter.scope == .world, address.isV4 == voter.isV4 else { return nil }
        votes.removeAll { $0.site == voter.neighbourhood }
        if votes.count(where: { $0.place == place }) >= Self.rememberedOfAPlace,
            let oldest = votes.firstIndex(where: { $0.place == place })
        {
            votes.remove(at: oldest)
        } else if votes.count >= Self.remembered {
            votes.removeFirst()
        }
        votes.append(Vote(site: voter.neighbourhood, address: address, place: place))
        // To stay where we are no second place is needed.
        if address == current, isMajority(address) {
            isConfirmed = isConfirmed || isAgreed(address)
            rival = nil
            return nil
        }
        guard address != current, isAgreed(address) else { return nil }
        if let changedAt, now - changedAt < Self.keptFor { return nil }
        if isConfirmed {
            let since = rival.map { $0.address == address ? $0.since : now } ?? now
            rival = (address, since)
            guard now - since >= Self.heldFor else { return nil }
        }
        changed(at: now)
        return address
    }

    private func isAgreed(_ address: IPAddress) -> Bool {
        isMajority(address)
            && Set(votes.filter { $0.address == address }.compactMap(\.place)).count >= Self.placesNeeded
    }

    private func isMajority(_ address: IPAddress) -> Bool {
        let count = votes.count { $0.address == address }
        return count >= Self.sitesNeeded && count * 2 > votes.count
    }

    /// The address is another one now, whoever said so.
    mutating func changed(at now: Moment) {
        isElsewhere()
        changedAt = now
    }

    /// Whatever was true of the network before.
    mutating func isElsewhere() {
        votes = []
        isConfirmed = false
        rival = nil
    }
}
