import SwarmEngine
import TorrentCore
import TorrentIO

/// What came in a failed attempt at a piece: a digest a block.
struct Rejected {
    let attempt: RejectedAttempt
    let piece: PieceIndex
    let digests: [SHA1Digest]
}

// Pieces on their way in: a buffer, its blocks, the workers, the disk.
extension SwarmSession {
    /// How long a full disk is left alone.
    static let fullDiskPause = Duration.seconds(3)

    func open(_ piece: PieceIndex) {
        let length = content.geometry.length(of: piece)
        // The brain keeps to its budget; that of the pool is shared by all torrents and may be a little behind.
        guard let buffer = context.buffers.take(length, evenOverBudget: true) else { return noMemory(for: piece) }
        lacksMemory = false
        precondition(openPieces[piece.number] == nil, "a piece is opened once")
        openPieces[piece.number] = OpenPiece(buffer: buffer, blocks: content.geometry.blockCount(of: piece))
    }

    private func noMemory(for piece: PieceIndex) {
        if !lacksMemory {
            let size = content.geometry.length(of: piece)
            notice("no_memory", "no memory for a piece of \(size) bytes; going on with fewer at once")
        }
        lacksMemory = true
        reactor.performLater { [weak self] in self?.tellBrain(.pieceNotOpened(piece)) }
    }

    func discard(_ piece: PieceIndex) {
        guard let open = openPieces.removeValue(forKey: piece.number) else { return }
        for case .filling(let link) in open.slots { links[link]?.forgetSlot() }
        graveyard.append(open.buffer)
    }

    func verifyAndStore(_ piece: PieceIndex) {
        guard let open = openPieces.removeValue(forKey: piece.number) else {
            preconditionFailure("a piece is verified that is not open")
        }
        store(piece, open.buffer)
    }

    /// Calls `body` when no piece is with the workers any more.
    func whenStored(_ body: @escaping () -> Void) {
        if piecesWithWorkers == 0 { body() } else { allStored = body }
    }

    private func store(_ piece: PieceIndex, _ buffer: PieceBuffer) {
        piecesWithWorkers += 1
        context.storers.add(
            HashAndStoreWorkers.Job(
                buffer: buffer, length: content.geometry.length(of: piece),
                offset: content.geometry.offset(of: piece), check: content.metainfo.check(of: piece),
                store: content.storage, wantsBlockDigests: rejected.contains { $0.piece == piece },
                reply: reactor.reply { [weak self] outcome in self?.ended(piece, outcome) }))
    }

    private func ended(_ piece: PieceIndex, _ outcome: HashAndStoreWorkers.Outcome) {
        switch outcome {
        case .stored(let digests):
            // The brain first: the record that the delegate keeps asks it what is there.
            tellBrain(.pieceStored(piece))
            delegate?.session(self, stored: piece)
            blame(piece, good: digests)
        case .rejected(let digests):
            notice("piece_rejected", "\(piece) came with a wrong hash and is fetched again", isDetail: true)
            let attempt = askAboutRejected(piece)
            if let attempt { rejected.append(Rejected(attempt: attempt, piece: piece, digests: digests)) }
            // The brain keeps only so many in mind.
            rejected.removeAll { !swarm.remembers($0.attempt) }
        case .failed(let error, let buffer):
            failed(piece, error, buffer)
        }
        piecesWithWorkers -= 1
        guard piecesWithWorkers == 0, let body = allStored else { return }
        allStored = nil
        body()
    }

    /// The piece has come good: whoever sent other bytes in an earlier attempt lied.
    private func blame(_ piece: PieceIndex, good: [SHA1Digest]) {
        let earlier = rejected.filter { $0.piece == piece }
        rejected.removeAll { $0.piece == piece }
        for entry in earlier {
            let wrong = zip(entry.digests, good).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
            tellBrain(.blocksDiffered(wrong, of: piece, in: entry.attempt))
        }
    }

    // MARK: Disk full

    private func failed(_ piece: PieceIndex, _ error: StorageError, _ buffer: PieceBuffer) {
        guard error.isNoSpace else {
            return delegate?.session(self, failed: error) ?? ()
        }
        // The piece is good, so it stays in memory: what waits there keeps the brain from opening more, and nothing is
        // fetched twice.
        if unwritten.isEmpty, !isStopping {
            notice("disk_full", "no space left in \(content.folderName): paused, going on when there is room")
            reactor.setTimer(after: Self.fullDiskPause) { [weak self] in self?.retryUnwritten() }
        }
        unwritten.append((piece, buffer))
    }

    private func retryUnwritten() {
        guard !isStopping else { return }
        guard storeUnwritten() else {
            reactor.setTimer(after: Self.fullDiskPause) { [weak self] in self?.retryUnwritten() }
            return
        }
        notice("disk_ready", "there is room again: going on")
    }

    /// Gives what the disk would not take to the workers once more, if there is room for all of it by now.
    @discardableResult
    func storeUnwritten() -> Bool {
        guard !unwritten.isEmpty,
            content.storage.hasRoom(for: unwritten.reduce(Int64(0)) { $0 + Int64($1.buffer.length) })
        else { return false }
        let waiting = unwritten
        unwritten = []
        for (piece, buffer) in waiting { store(piece, buffer) }
        return true
    }
}
