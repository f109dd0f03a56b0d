import TorrentCore

// Whole pieces: stored, rejected because of their hash, or not opened for want of memory.

extension Download {
    /// The piece is stored, which is counted in favour of those who sent its blocks. False if it was not being
    /// verified.
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

    /// We have stored a piece that this peer has as well: it is useful to us for one piece less.
    func stored(alsoOf peer: PeerConnection, _ agenda: inout Agenda) {
        peer.download.usefulCount -= 1
        updateInterest(in: peer, &agenda)
    }

    /// The hash is wrong. Returns the name of the attempt, and the sender if one peer sent the whole piece. The caller
    /// calls `refillAll` next.
    mutating func rejected(
        _ piece: PieceIndex, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) -> (attempt: RejectedAttempt, culprit: Contributor?)? {
        guard let progress = picker.progress(of: piece), progress.isVerifying else { return nil }
        let attempt = rejections.add(progress)
        fetchAnew(progress, availability, &agenda)
        return (attempt, progress.contributors.count == 1 ? progress.contributors[0] : nil)
    }

    /// The piece could not be written; it has to be fetched again.
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

    /// There was no memory for the buffer of a new piece. Its requests are cancelled. The open pieces go on, and
    /// another is opened when one of them is done, or after a while.
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

    /// The pause is over: as many pieces as the budget allows may be open again.
    mutating func memoryMayBeBack(_ availability: borrowing Availability, _ agenda: inout Agenda) {
        agenda.deadlines.clear(.memory)
        picker.mayOpenAgain()
        refillAll(availability, &agenda)
    }

    // MARK: Memory that torrents share

    /// So many pieces may be open at once, those that are open included.
    mutating func mayOpen(
        _ count: Int, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        picker.allow(count)
        refillAll(availability, &agenda)
    }

    /// Another torrent waits for memory: a piece that does not move is given up, and with it the room that it had.
    mutating func giveUpMemory(_ availability: borrowing Availability, _ agenda: inout Agenda) {
        guard let progress = picker.stagnant(for: Self.patienceWithPiece, at: agenda.now) else { return }
        for peer in availability.peers { takeBack(progress.piece, from: peer, &agenda) }
        wasted += Int64(progress.receivedCount * TorrentGeometry.blockLength)
        picker.yield(progress, availability, &agenda)
        hasEnteredEndgame = false
        renewInterest(in: progress.piece, availability, &agenda)
        refillAll(availability, &agenda)
    }

    /// A piece of which no block has come for so long does without its memory while others wait for some.
    static let patienceWithPiece = Duration.seconds(10)

    /// The swarm stops: gives up all pieces that are not being verified.
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
