import TorrentCore

// Who is forgotten, and who makes room for others.
extension PeerBook {
    mutating func forget(_ endpoint: Endpoint, at now: Moment) {
        if let place = places[endpoint] { remove(place, at: now) }
    }

    /// Forgets all that is known by ways that a private torrent may not use (BEP 27), and says which peers are gone
    /// with that.
    mutating func forgetForbidden(at now: Moment) -> [Endpoint] {
        keep(.mayServePrivate, at: now)
    }

    /// Forgets all that the user has not named.
    mutating func forgetUnnamed(at now: Moment) { _ = keep(PeerSources(.user), at: now) }

    /// Forgets all that is not known by one of these ways. Answers with the addresses that are gone.
    private mutating func keep(_ sources: PeerSources, at now: Moment) -> [Endpoint] {
        let gone = entries.filter { $0.sources.isDisjoint(with: sources) }.map(\.endpoint)
        for endpoint in gone { forget(endpoint, at: now) }
        for place in entries.indices {
            setSources(of: place, entries[place].sources.intersection(sources))
            if entries[place].neighbourhood == nil, entries[place].sources.areHearsay, !entries[place].isNear {
                entries[place].neighbourhood = neighbourhoods.join(entries[place].endpoint, at: now)
            }
        }
        return gone
    }

    func count(of source: PeerSource) -> Int { counts[Int(source.rawValue)] }

    /// Makes room by forgetting a peer, of `source` or of any but the user: one that has failed or has everything, or
    /// any at all.
    mutating func dropWorst(of source: PeerSource? = nil, evenGood: Bool = false, at now: Moment) -> Bool {
        var worst: Int?
        for (place, entry) in entries.enumerated()
        where !entry.isBusy && !entry.sources.contains(.user) && source.map({ $0 == entry.sources.best }) ?? true {
            if let old = worst, !isBetter(entries[old], entry) { continue }
            worst = place
        }
        guard let worst, evenGood || entries[worst].setbacks > 0 || entries[worst].isSeed else { return false }
        remove(worst, at: now)
        return true
    }

    /// Whether a list may bring one more address into its neighbourhood. If that is full, one there makes room that is
    /// known from lists alone, has not answered and is worth less: it has failed, which its neighbourhood remembers, or
    /// whoever told of it is heard less.
    mutating func makeRoom(near endpoint: Endpoint, for source: PeerSource, at now: Moment) -> Bool {
        guard let index = neighbourhoods.index(of: endpoint) else { return true }
        let isCrowded = source == .exchange && hasEnoughExchanged(index)
        guard isCrowded || neighbourhoods.isFull(index) else { return true }
        var worst: Int?
        for (place, entry) in entries.enumerated()
        where entry.neighbourhood == index && !entry.isBusy && entry.isUnproven
            && (entry.failures > 0 || entry.rank > source.rawValue) && (!isCrowded || entry.sources.best == .exchange)
        {
            if let old = worst, !isBetter(entries[old], entry) { continue }
            worst = place
        }
        guard let worst else { return false }
        remove(worst, at: now)
        return true
    }

    private func hasEnoughExchanged(_ index: Neighbourhoods.Index) -> Bool {
        let most = neighbourhoods.mostExchanged
        guard neighbourhoods.knownCount(index) >= most else { return false }
        return entries.count { $0.neighbourhood == index && $0.sources.best == .exchange } >= most
    }

    mutating func remove(_ place: Int, at now: Moment) {
        release(place, failed: false, at: now)
        setOutOfReach(place, false)
        neighbourhoods.leave(entries[place].neighbourhood)
        counts[Int(entries[place].sources.best.rawValue)] -= 1
        places[entries[place].endpoint] = nil
        let last = entries.removeLast()
        if place < entries.count {
            entries[place] = last
            places[last.endpoint] = place
        }
    }
}
