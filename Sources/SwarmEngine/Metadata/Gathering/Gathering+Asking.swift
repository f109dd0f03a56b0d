import TorrentCore

// Requests that go out, and those that come to nothing.

extension Gathering {
    /// A request that is not answered in this time is made to others.
    static let answerTime = Duration.seconds(10)
    /// One that others were asked for is forgotten after this time.
    static let forgetTime = Duration.seconds(30)
    /// So many answers to later requests, and a request counts as dropped.
    static let mostOvertaken = 4
    /// A peer that let us down rests for so long, twice as long with each time in a row.
    static let firstRest = Duration.seconds(5)
    static let longestRest = Duration.seconds(60)
    /// Near the end others are asked for what has been owed for twice the time that they take, within these bounds.
    static let patience = (least: Duration.milliseconds(50), most: Duration.seconds(1))
    /// Late answers that are let pass.
    static let mostStrays = 4 * MetadataWindow.deepest

    /// Asks the peer for as much as it may be asked for now.
    mutating func refill(_ peer: PeerConnection, _ agenda: inout Agenda) {
        guard agenda.isRunning, verifiedSize == nil, !peer.isGone,
            peer.gathering.patience.restsUntil <= agenda.now, let position = position(for: peer)
        else { return }
        directRequests(of: peer, to: position)
        let now = agenda.now
        let patience = patience(of: peer)
        while peer.gathering.requests.count < peer.gathering.window.depth {
            let mayGrow = hasRoom(for: 1)
            let next = withAssembly(at: position) { assembly in
                assembly.isVerifying
                    ? .nothing
                    : assembly.next(owed: peer.gathering.owes, patience: patience, mayGrow: mayGrow, at: now)
            }
            switch next {
            case .nothing: return
            case .noRoom: return room.want(&agenda)
            case .later(let moment): return agenda.deadlines.set(.patrol, noLaterThan: moment)
            case .piece(let piece):
                peer.gathering.requests.append(MetadataRequest(piece: piece, sentAt: now))
                agenda.deadlines.set(.patrol, noLaterThan: now + Self.answerTime)
                peer.send(.metadataRequest(piece), &agenda)
            }
        }
    }

    /// The peer has sent something: it is asked for more, and so are others if it left something to them.
    mutating func goOn(after peer: PeerConnection, _ peers: [PeerConnection], _ agenda: inout Agenda) {
        refill(peer, &agenda)
        guard let position = position(for: peer), assemblies[position].hasReturned else { return }
        refillAll(peers, &agenda)
    }

    /// Those who let us down are asked last: others may have come that never do.
    mutating func refillAll(_ peers: [PeerConnection], _ agenda: inout Agenda) {
        let inOrder = peers.sorted {
            ($0.gathering.patience.refusals, $0.id.slot) < ($1.gathering.patience.refusals, $1.id.slot)
        }
        for peer in inOrder { refill(peer, &agenda) }
    }

    /// How long others may owe a block before this peer is asked for it too.
    private func patience(of peer: PeerConnection) -> Duration {
        guard let trip = peer.gathering.shortestTrip else { return Self.patience.most }
        return min(max(trip * 2, Self.patience.least), Self.patience.most)
    }

    /// The peer does not give the block now (BEP 9).
    mutating func rejected(_ piece: UInt32, by peer: PeerConnection, _ agenda: inout Agenda) {
        guard let place = peer.gathering.requests.firstIndex(where: { $0.piece == piece }) else {
            return passStray(of: peer)
        }
        let request = peer.gathering.requests.remove(at: place)
        release(request, of: peer)
        letDown(by: peer, sentAt: request.sentAt, &agenda)
    }

    /// Others may be asked for what this request is about.
    private mutating func release(_ request: MetadataRequest, of peer: PeerConnection) {
        guard !request.isGivenUp, let position = positionOfRequests(of: peer) else { return }
        withAssembly(at: position) { $0.giveUp(request.piece) }
    }

    /// A request was refused or dropped: the peer gets fewer at once, and none for a while, unless it answers others.
    private func letDown(by peer: PeerConnection, sentAt: Moment, _ agenda: inout Agenda) {
        guard peer.gathering.window.refused(sentAt: sentAt, at: agenda.now) else { return }
        let rest = Self.firstRest * (1 << min(peer.gathering.patience.refusals, 8))
        peer.gathering.patience.refusals += 1
        peer.gathering.patience.restsUntil = agenda.now + min(rest, Self.longestRest)
        agenda.deadlines.set(.patrol, noLaterThan: peer.gathering.patience.restsUntil)
    }

    private func passStray(of peer: PeerConnection) {
        peer.gathering.strays = max(0, min(peer.gathering.strays, Self.mostStrays) - 1)
    }

    // MARK: Patience

    /// When something that we wait for of this peer is late.
    func deadline(of peer: PeerConnection) -> Moment {
        var soonest = Moment.distantFuture
        // Both kinds are in the order in which they were sent.
        for isGivenUp in [false, true] {
            guard let request = peer.gathering.requests.first(where: { $0.isGivenUp == isGivenUp }) else { continue }
            soonest = min(soonest, request.sentAt + (isGivenUp ? Self.forgetTime : Self.answerTime))
        }
        return soonest
    }

    /// When the peer may be asked again; distant if it may be now, or has nothing to be asked for.
    func endOfRest(of peer: PeerConnection, at now: Moment) -> Moment {
        let end = peer.gathering.patience.restsUntil
        return peer.gathering.claim != nil && verifiedSize == nil && end > now ? end : .distantFuture
    }

    /// Gives up what the peer has owed for too long.
    mutating func attend(to peer: PeerConnection, _ agenda: inout Agenda) {
        let now = agenda.now
        for place in peer.gathering.requests.indices {
            let request = peer.gathering.requests[place]
            guard !request.isGivenUp, request.sentAt + Self.answerTime <= now else { continue }
            release(request, of: peer)
            peer.gathering.requests[place].isGivenUp = true
            letDown(by: peer, sentAt: request.sentAt, &agenda)
        }
        let count = peer.gathering.requests.count
        peer.gathering.requests.removeAll { $0.isGivenUp && $0.sentAt + Self.forgetTime <= now }
        peer.gathering.strays += count - peer.gathering.requests.count
    }

    /// The request at `place` has been answered, and those before it have been overtaken.
    mutating func overtakeRequests(before place: Int, of peer: PeerConnection, _ agenda: inout Agenda) {
        for older in 0..<place { peer.gathering.requests[older].overtaken += 1 }
        while let lost = peer.gathering.requests.first, lost.overtaken >= Self.mostOvertaken {
            peer.gathering.requests.removeFirst()
            peer.gathering.strays += 1
            release(lost, of: peer)
            _ = peer.gathering.window.refused(sentAt: lost.sentAt, at: agenda.now)
        }
    }
}
