import TorrentCore

// What becomes of whole pieces, once the workers have looked at them.

extension Download {
    /// The piece has come good and is stored; false if it was not being verified. Whoever sent blocks of it is thanked.
    mutating func stored(_ piece: PieceIndex, _ availability: borrowing Availability) -> Bool {
        guard let progress = picker.progress(of: piece), progress.isVerifying else { return false }
        credit(progress, availability)
        picker.close(progress)
        return true
    }

    private func credit(_ progress: PieceProgress, _ availability: borrowing Availability) {
        var senders: [PeerConnection?] = []
        for contributor in progress.contributors {
            senders.append(availability.peers.first { $0.id == contributor.connection })
        }
        let length = geometry.length(of: progress.piece)
        if senders.count == 1 {
            senders[0]?.download.verifiedBytes += Int64(length)
            return
        }
        for (block, source) in progress.sources.enumerated() {
            let bytes = min(TorrentGeometry.blockLength, length - block * TorrentGeometry.blockLength)
            senders[Int(source)]?.download.verifiedBytes += Int64(bytes)
        }
    }

    /// We have a piece now that this peer has as well.
    func stored(alsoOf peer: PeerConnection, _ agenda: inout Agenda) {
        peer.download.usefulCount -= 1
        updateInterest(in: peer, &agenda)
    }

    /// The hash differs: the attempt's name, and who is to blame if one peer alone sent the piece. `refillAll` is to
    /// follow.
    mutating func rejected(
        _ piece: PieceIndex, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) -> (attempt: RejectedAttempt, culprit: Contributor?)? {
        guard let progress = picker.progress(of: piece), progress.isVerifying else { return nil }
        let attempt = rejections.add(progress)
        fetchAnew(progress, availability, &agenda)
        return (attempt, progress.contributors.count == 1 ? progress.contributors[0] : nil)
    }

    /// The disk would not take it; it has to be fetched again.
    mutating func storeFailed(
        _ piece: PieceIndex, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard let progress = picker.progress(of: piece), progress.isVerifying else { return }
        fetchAnew(progress, availability, &agenda)
        refillAll(availability, &agenda)
    }

    private mutating func fetchAnew(
        _ progress: PieceProgress, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        wasted += Int64(geometry.length(of: progress.piece))
        picker.reopen(progress, availability)
        hasEnteredEndgame = false
        renewInterest(in: progress.piece, availability, &agenda)
    }

    /// There was no memory for a piece that was to be opened, so the shell has no buffer for it. What was asked of it
    /// is taken back; the pieces that are open go on, and others are begun when one of them is done, or after a while.
    mutating func notOpened(
        _ piece: PieceIndex, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard let progress = picker.progress(of: piece), !progress.isVerifying else { return }
        for peer in availability.peers { takeBack(piece, from: peer, &agenda) }
        picker.couldNotOpen(progress, availability)
        hasEnteredEndgame = false
        agenda.deadlines.set(.memory, noLaterThan: agenda.now + Self.memoryPause)
        renewInterest(in: piece, availability, &agenda)
        refillAll(availability, &agenda)
    }

    private static let memoryPause = Duration.seconds(2)

    mutating func memoryMayBeBack(_ availability: borrowing Availability, _ agenda: inout Agenda) {
        agenda.deadlines.clear(.memory)
        picker.mayOpenAgain()
        refillAll(availability, &agenda)
    }

    /// The swarm stops: gives up what is not with the workers.
    mutating func stop(_ availability: borrowing Availability, _ agenda: inout Agenda) {
        for progress in picker.open where !progress.isVerifying { picker.discard(progress, availability, &agenda) }
    }

    // MARK: For people

    func describe(_ peer: PeerConnection, at now: Moment, in figures: inout ConnectionFigures) {
        figures.isChokingUs = peer.download.isChokingUs
        figures.isInteresting = peer.download.isInteresting
        figures.isSnubbed = peer.download.patience.isSnubbed
        figures.downloadRate = peer.download.received.rate(at: now)
        figures.downloaded = peer.download.received.total
        figures.requests = peer.download.pipeline.count
        figures.depth = peer.download.pipeline.depth
    }
}
