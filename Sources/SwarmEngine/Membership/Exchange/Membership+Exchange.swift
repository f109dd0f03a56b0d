import TorrentCore

// Peers tell each other whom they are connected with (BEP 11).

extension Membership {
    // MARK: Telling

    /// Sets the timer for whoever has something to be told. To be called after somebody came, went, or said what it
    /// speaks.
    func planExchange(with peers: [PeerConnection], _ agenda: inout Agenda) {
        guard exchange.isOn, exchange.tells, agenda.isRunning else { return }
        for peer in peers where peer.extensions.speaks(.exchange) {
            let record = peer.membership.exchange
            guard record.isBehind(exchange.changes) else { continue }
            agenda.deadlines.set(.exchange, noLaterThan: max(record.nextAt, agenda.now))
        }
    }

    /// Tells all whose time has come, and who have something to be told.
    mutating func tellOfOthers(_ peers: [PeerConnection], _ agenda: inout Agenda) {
        agenda.deadlines.clear(.exchange)
        guard exchange.isOn, exchange.tells else { return }
        for peer in peers where peer.extensions.speaks(.exchange) {
            let record = peer.membership.exchange
            guard record.isBehind(exchange.changes), record.nextAt <= agenda.now else { continue }
            let others = others(for: peer, among: peers, at: agenda.now)
            guard peer.membership.exchange.tell(of: others, changes: exchange.changes, at: agenda.now) else { continue }
            peer.membership.lastSentAt = agenda.now
            agenda.effects.append(.sendExtension(peer.id, .exchange))
        }
        planExchange(with: peers, &agenda)
    }

    /// What a peer was told last.
    func lastTold(to peer: PeerConnection) -> PeerExchange { peer.membership.exchange.last }

    /// Those whom this peer may hear of, each once: first those who can be reached for certain, since we reached them.
    private func others(
        for peer: PeerConnection, among peers: [PeerConnection], at now: Moment
    ) -> [ExchangedPeer] {
        var others: [ExchangedPeer] = []
        var named: Set<Endpoint> = []
        if let listensAt = peer.membership.listensAt { named.insert(listensAt) }
        for isOutgoing in [true, false] {
            for other in peers where other !== peer && other.isOutgoing == isOutgoing {
                guard let endpoint = other.membership.listensAt, endpoint.isOfUse(to: peer.endpoint),
                    named.insert(endpoint).inserted
                else { continue }
                var flags: ExchangedPeer.Flags = isOutgoing ? .reachable : []
                if other.pieces.wantsNothing { flags.insert(.uploadOnly) }
                others.append(ExchangedPeer(endpoint, flags))
            }
        }
        for (endpoint, _) in exchange.newcomers(at: now) where endpoint.isOfUse(to: peer.endpoint) {
            if named.insert(endpoint).inserted { others.append(ExchangedPeer(endpoint, [])) }
        }
        return others
    }

    /// Somebody has just announced itself at the tracker of this process: all who are connected hear of it at once, for
    /// their own trackers may tell them in half an hour. False if nobody can be connected to for that.
    ///
    /// Anybody may announce anything there: a private torrent takes peers only out of answers to its own announces.
    mutating func newcomer(_ endpoint: Endpoint, peers: [PeerConnection], _ agenda: inout Agenda) -> Bool {
        guard !isPrivate else { return false }
        if exchange.noteNewcomer(endpoint, at: agenda.now) {
            for peer in peers where peer.extensions.speaks(.exchange) {
                peer.membership.exchange.hasten(at: agenda.now)
            }
            tellOfOthers(peers, &agenda)
        }
        schedule.newcomer()
        // It is our own tracker that says so.
        return found([endpoint], from: .tracker, by: .loopbackV4, peers: peers, &agenda)
    }

    // MARK: Hearing

    /// A peer tells whom it is connected with. Whom it has lost is of no use: we may reach them all the same. False if
    /// it is not believed.
    mutating func heard(
        _ news: PeerExchange, from peer: PeerConnection, peers: [PeerConnection], isComplete: Bool,
        _ agenda: inout Agenda
    ) -> Bool {
        guard exchange.isOn else { return false }
        let most = peer.membership.exchange.believed(at: agenda.now)
        // Two who have everything have nothing for each other.
        let useful = news.added.prefix(most).filter { !isComplete || !$0.flags.contains(.uploadOnly) }
        guard !useful.isEmpty else { return false }
        return found(useful.map(\.endpoint), from: .exchange, by: peer.endpoint.address, peers: peers, &agenda)
    }
}

extension Endpoint {
    /// An address of one machine, or of one LAN, means nothing beyond it.
    fileprivate func isOfUse(to peer: Endpoint) -> Bool {
        address.scope.rawValue >= peer.address.scope.rawValue
    }
}
