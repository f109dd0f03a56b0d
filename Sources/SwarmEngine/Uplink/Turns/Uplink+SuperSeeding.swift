import TorrentCore

// Super seeding (BEP 16), which people ask for where the uplink is scarce: our pieces stay hidden whatever lines and
// neighbours are like, and each is given once. It is given again only when nobody here has it any more, or to who has
// waited in vain: others may choke it for good, or have nothing that it lacks.
//
// Turns go with it, not slots: the sooner a piece is whole, the sooner it is passed on, and one that goes to one peer
// alone is whole sooner than four that share the line.

extension Uplink {
    /// Who has got nothing from others for this time, and that in which our line sends so many pieces, waits in vain.
    private static let patience = Duration.seconds(15)
    private static let patienceInPieces = 8
    /// With each piece that it is given then, the next one is waited for half as long, so many times.
    private static let mostRescues = 8
    /// Who is alone is shown as many pieces ahead as our line sends in this time: some programs look for something to
    /// ask for twice a second.
    private static let timeAhead = Duration.seconds(2)
    private static let mostAhead = 32
    /// The most pieces that are shown at once to who asks for nothing.
    private static let mostShownAtOnce = 64

    // MARK: Who may be given something

    /// Nobody here has a piece that this one lacks, or it has waited long enough.
    func mayBeGiven(
        _ peer: PeerConnection, _ turns: Turns, _ availability: borrowing Availability, at now: Moment
    ) -> Bool {
        let sparing = peer.uplink.spread.sparing
        if now >= sparing.waitsUntil || !sparing.promised.isEmpty { return true }
        return peer.uplink.spread.isHidden && turns.ledger?.lostPiece(for: peer, availability) != nil
    }

    /// The piece for it. Who has been shown all that it lacks asks for what it wants.
    func spare(
        to peer: PeerConnection, _ turns: Turns, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) -> Int? {
        while let promised = peer.uplink.spread.sparing.promised.first {
            peer.uplink.spread.sparing.promised.removeFirst()
            turns.ledger?.failed(promised, to: peer)
            if !peer.pieces.have[promised] { return promised }
        }
        if let lost = turns.ledger?.lostPiece(for: peer, availability) { return lost }
        let rarest = turns.ledger?.rarestHidden(from: peer, availability, using: &agenda.generator)
        if rarest == nil { peer.uplink.spread.shown = nil }
        peer.uplink.spread.sparing.rescues = min(Self.mostRescues, peer.uplink.spread.sparing.rescues + 1)
        if let rarest { turns.ledger?.waitedInVain(for: rarest) }
        return rarest
    }

    /// From now on it waits for what others give it.
    func waits(_ peer: PeerConnection, at now: Moment) {
        let pieces = (turns?.pace.time(for: geometry.pieceLength) ?? .zero) * Self.patienceInPieces
        let patience = (Self.patience + pieces) / (1 << peer.uplink.spread.sparing.rescues)
        peer.uplink.spread.sparing.waitsUntil = now + patience
    }

    /// It has announced a piece. One that we did not show it came from somebody else.
    func gotOn(_ peer: PeerConnection, with piece: PieceIndex, at now: Moment) {
        guard let shown = peer.uplink.spread.shown, !shown[piece.position] else { return }
        turns?.ledger?.cameFromOthers(piece.position)
        peer.uplink.spread.sparing.rescues = 0
        waits(peer, at: now)
    }

    // MARK: Within a turn

    /// The first request of a turn decides, and it may be for a piece that it was shown before.
    func decided(
        _ piece: PieceIndex, _ turn: UploadTurn, of peer: PeerConnection, _ turns: Turns,
        _ availability: borrowing Availability
    ) -> Int {
        peer.uplink.spread.sparing.shownAtOnce = max(1, peer.uplink.spread.sparing.shownAtOnce / 2)
        let piece = piece.position
        if let offered = turn.offered, offered != piece {
            turns.ledger?.failed(offered, to: peer)
            begin(piece, of: peer, turns, availability)
        }
        return piece
    }

    /// It asks for this one, which it may have been promised.
    private func begin(
        _ piece: Int, of peer: PeerConnection, _ turns: Turns, _ availability: borrowing Availability
    ) {
        if let place = peer.uplink.spread.sparing.promised.firstIndex(of: piece) {
            peer.uplink.spread.sparing.promised.remove(at: place)
        } else {
            turns.ledger?.began(piece, to: peer, availability)
        }
    }

    /// It asked for nothing in its last turns: some of the pieces that it is shown now it may want.
    func showMore(
        to peer: PeerConnection, _ turns: Turns, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        for _ in 1..<max(1, peer.uplink.spread.sparing.shownAtOnce) {
            guard let piece = turns.ledger?.rarestHidden(from: peer, availability, using: &agenda.generator) else {
                return
            }
            show(piece, to: peer, &agenda)
        }
    }

    /// It is shown the next pieces, which it is promised.
    func showNext(to peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda) {
        guard let turns else { return }
        let pieceTime = turns.pace.time(for: geometry.pieceLength) ?? Self.timeAhead
        var room = min(Self.mostAhead, max(1, Int(Self.timeAhead / max(pieceTime, .milliseconds(1)))))
        room -= peer.uplink.spread.sparing.promised.count
        while room > 0, let piece = turns.ledger?.lostPiece(for: peer, availability) {
            peer.uplink.spread.sparing.promised.append(piece)
            turns.ledger?.began(piece, to: peer, availability)
            show(piece, to: peer, &agenda)
            room -= 1
        }
    }

    /// Its turn has gone on to another piece.
    func wentOn(_ peer: PeerConnection, _ turns: Turns, _ availability: borrowing Availability) {
        guard let turn = peer.uplink.turns.current, let piece = turn.piece?.position else { return }
        if turn.offered != piece { begin(piece, of: peer, turns, availability) }
        peer.uplink.turns.current?.offered = piece
    }

    /// Its turn is over. What was promised to who sleeps or asks for nothing is to be given anew.
    func cameToNothing(_ turn: UploadTurn, of peer: PeerConnection, _ turns: Turns) {
        if turn.piece == nil {
            let shown = peer.uplink.spread.sparing.shownAtOnce * 2
            peer.uplink.spread.sparing.shownAtOnce = min(Self.mostShownAtOnce, shown)
        }
        if turn.piece == nil || peer.uplink.flow.isStalled {
            for piece in peer.uplink.spread.sparing.promised { turns.ledger?.failed(piece, to: peer) }
            peer.uplink.spread.sparing.promised = []
        }
        leave(turn, with: turn.sent, of: peer, turns)
    }

    /// The piece of its turn is left behind with so many of its bytes. What it does not have whole is to be given anew,
    /// if it is to be given at all.
    func leave(_ turn: UploadTurn, with bytes: Int, of peer: PeerConnection, _ turns: Turns) {
        guard let offered = turn.offered, !peer.pieces.have[offered] else { return }
        if let piece = turn.piece, turn.from == 0, bytes >= geometry.length(of: piece) { return }
        turns.ledger?.failed(offered, to: peer)
    }
}
