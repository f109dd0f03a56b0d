import TorrentCore

// Peers that do not send what they were asked for, or send too slowly.

extension Download {
    /// A peer that was asked for blocks and sends none for this long is snubbed.
    private static let snubTime = Duration.seconds(60)
    /// After this time others are asked for a block that a peer has skipped while it sent later ones.
    private static let requestTime = Duration.seconds(120)

    /// When to look at this peer again; distant if nothing is to come from it.
    func deadline(of peer: PeerConnection, _ availability: borrowing Availability) -> Moment {
        let patience = peer.download.patience
        if let oldest = peer.download.pipeline.oldestSentAt {
            return min(patience.waitingSince + Self.snubTime, oldest + Self.requestTime)
        }
        return couldSend(peer, availability) ? nextQuestion(for: peer) : .distantFuture
    }

    /// Sets the timer for a peer that was just asked for blocks, or is to be asked later. When its deadline moves to a
    /// later time, the timer stays: it fires too early then, and is set anew.
    func expect(_ peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda) {
        agenda.deadlines.set(.patrol, noLaterThan: deadline(of: peer, availability))
    }

    /// When a peer without requests is asked again: it has rejected them, or there was nothing to ask it for.
    private func nextQuestion(for peer: PeerConnection) -> Moment {
        let patience = peer.download.patience
        let usual = patience.waitingSince + PiecePicker.slowPieceTime
        return patience.restsUntil > patience.waitingSince ? min(usual, patience.restsUntil) : usual
    }

    /// It has unchoked us and has no requests. In a while it may take over a piece whose owner is too slow.
    private func couldSend(_ peer: PeerConnection, _ availability: borrowing Availability) -> Bool {
        !availability.isComplete && !peer.download.isChokingUs && peer.download.usefulCount > 0
            && peer.download.pipeline.count == 0 && !peer.isLate
    }

    /// Snubs the peer, gives up overdue requests or asks it again, whatever is due by now.
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

    /// Others are asked for all its blocks first, and it is asked for one block at a time.
    private mutating func snub(
        _ peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        peer.download.patience.isSnubbed = true
        // It may have dropped its requests without a reject; blocks that still come are accepted.
        peer.download.strays += peer.download.pipeline.count
        giveUpRequests(of: peer)
        peer.download.pipeline.removeAll()
        askOthersFirst(than: peer, availability, &agenda)
    }

    /// It sends blocks, but has skipped old requests.
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

    /// `peer` has had its chance at the blocks that are free again: it is asked last.
    private mutating func askOthersFirst(
        than peer: PeerConnection, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        renewInterest(availability, &agenda)
        refillAll(besides: peer.id, availability, &agenda)
        refill(peer, availability, &agenda)
    }
}
