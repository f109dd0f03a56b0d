import TorrentCore

// What happens to a peer that was asked and does not send, or sends too slowly.

extension Download {
    /// A peer that sends no block for so long, though asked, is snubbed.
    private static let snubTime = Duration.seconds(60)
    /// A request that was passed over is asked of others after this time.
    private static let requestTime = Duration.seconds(120)

    /// When to look at this peer; distant if nothing is expected of it.
    func deadline(of peer: PeerConnection, _ availability: borrowing Availability) -> Moment {
        let patience = peer.download.patience
        if let oldest = peer.download.pipeline.oldestSentAt {
            return min(patience.waitingSince + Self.snubTime, oldest + Self.requestTime)
        }
        return couldSend(peer, availability) ? nextQuestion(for: peer) : .distantFuture
    }

    /// It has just been asked for something, or is to be asked later. Deadlines move to later times without a word.
    func expect(_ peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda) {
        agenda.deadlines.set(.patrol, noLaterThan: deadline(of: peer, availability))
    }

    /// There was nothing to ask it for, or it has refused what it was asked for.
    private func nextQuestion(for peer: PeerConnection) -> Moment {
        let patience = peer.download.patience
        let usual = patience.waitingSince + PiecePicker.slowPieceTime
        return patience.restsUntil > patience.waitingSince ? min(usual, patience.restsUntil) : usual
    }

    /// There was nothing to ask it for: who is too slow with a piece may have to leave it to this one in a while.
    private func couldSend(_ peer: PeerConnection, _ availability: borrowing Availability) -> Bool {
        !availability.isComplete && !peer.download.isChokingUs && peer.download.usefulCount > 0
            && peer.download.pipeline.count == 0
    }

    /// Does what the patience with this peer asks for by now.
    mutating func attend(
        to peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        if let oldest = peer.download.pipeline.oldestSentAt {
            if peer.download.patience.waitingSince + Self.snubTime <= agenda.now {
                snub(peer, availability, &agenda)
            } else if oldest + Self.requestTime <= agenda.now {
                dropOverdue(of: peer, availability, &agenda)
            }
        } else if couldSend(peer, availability), nextQuestion(for: peer) <= agenda.now {
            refill(peer, availability, &agenda)
        }
    }

    /// It sends nothing: others are asked for all of it, and it for one block at a time.
    private mutating func snub(
        _ peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        peer.download.patience.isSnubbed = true
        // It may have dropped them without a word; what comes of them all the same is let in.
        peer.download.strays += peer.download.pipeline.count
        giveUpRequests(of: peer)
        peer.download.pipeline.removeAll()
        askOthersFirst(than: peer, availability, &agenda)
    }

    /// It sends, though not what was asked first.
    private mutating func dropOverdue(
        of peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        let overdue = peer.download.pipeline.positions.map { peer.download.pipeline[$0] }
            .filter { !$0.isGivenUp && $0.sentAt + Self.requestTime <= agenda.now }
        for entry in overdue {
            guard let position = peer.download.pipeline.pendingPosition(of: entry.block) else { continue }
            picker.giveUp(entry.block)
            peer.download.pipeline.remove(at: position)
            peer.download.strays += 1
        }
        askOthersFirst(than: peer, availability, &agenda)
    }

    /// It has had its chance at what has come free.
    private mutating func askOthersFirst(
        than peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        renewInterest(availability, &agenda)
        refillAll(besides: peer.id, availability, &agenda)
        refill(peer, availability, &agenda)
    }
}
