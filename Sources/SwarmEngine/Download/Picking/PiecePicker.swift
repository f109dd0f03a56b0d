import TorrentCore

/// Decides which block a peer is asked for next. The order: the piece that the peer has begun, pieces that others have
/// left unfinished, a new piece (the first at random, then the rarest), free blocks of a piece that another peer is
/// sending, and in the endgame blocks that others have been asked for already.
///
/// Another policy can take its place: the rest of the brain knows only `next`, and the functions that tell what became
/// of a block.
struct PiecePicker {
    private let geometry: TorrentGeometry
    /// Pieces not begun.
    var waiting: WaitingPieces
    /// Pieces begun and not stored, in arbitrary order.
    private(set) var open: [PieceProgress] = []
    /// Those of them that have free blocks.
    private var unfinished: [PieceProgress] = []
    private var progresses: [PieceIndex: PieceProgress] = [:]
    /// How many of them there may be.
    private var limit: OpenPieceLimit
    /// Each piece is asked of one peer only, as long as there are new pieces to begin.
    var keepsPiecesWhole: Bool

    /// The most peers that are asked for one block at the same time.
    private static let mostRequests = 3
    /// A peer becomes the owner of a piece if it needs no longer than this for the rest of it, or if the rest is small.
    private static let ownPieceTime = Duration.seconds(20)
    private static let smallPiece = 512 << 10
    /// A piece is taken from its owner if this time has passed and the owner would need as much again.
    static let slowPieceTime = Duration.seconds(30)
    /// A peer with this many requests under way is asked for no duplicates: their blocks would be sent before a cancel
    /// arrives.
    private static let mostDuplicates = 4
    /// Blocks looked at in one search for a duplicate.
    private static let duplicateSearch = 512

    init(
        openBytes: Int, keepsPiecesWhole: Bool, _ availability: borrowing Availability,
        using generator: inout SplitMix64
    ) {
        geometry = availability.geometry
        self.keepsPiecesWhole = keepsPiecesWhole
        waiting = WaitingPieces(availability, using: &generator)
        limit = OpenPieceLimit(openBytes: openBytes, pieceLength: geometry.pieceLength)
    }

    func progress(of piece: PieceIndex) -> PieceProgress? { progresses[piece] }

    /// The next block to request from `peer`, noted as requested; nil if there is none. It may open a piece, and
    /// discard another to make room.
    mutating func next(
        for peer: PeerConnection, _ rejections: RejectionLog, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) -> BlockRequest? {
        if let current = peer.download.current {
            if !current.isClosed, let block = take(from: current) { return block }
            peer.download.current = nil
        }
        if let orphan = orphan(for: peer, at: agenda.now) {
            adopt(orphan, by: peer, at: agenda.now)
            return take(from: orphan)
        }
        if let opened = openNew(for: peer, rejections, availability, &agenda) {
            adopt(opened, by: peer, at: agenda.now)
            return take(from: opened)
        }
        if keepsPiecesWhole, open.count < limit.most, waiting.reachableCount(availability) > 0 { return nil }
        if let shared = unfinished(of: peer, most: { $0.freeCount }, where: { !$0.isSuspect }) {
            return take(from: shared, fromEnd: true)
        }
        return duplicate(for: peer, availability, using: &agenda.generator)
    }

    /// The next block to request from `peer` while it chokes us: of the pieces that it allows (BEP 6).
    mutating func nextAllowed(
        for peer: PeerConnection, _ rejections: RejectionLog, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) -> BlockRequest? {
        for piece in peer.download.allowedFast where peer.pieces.have[piece] {
            if let progress = progresses[piece] {
                if !progress.isSuspect, let block = take(from: progress) { return block }
            } else if waiting.isWaiting[piece] {
                guard open.count < limit.most else {
                    askForMemory(for: peer, &agenda)
                    continue
                }
                let opened = openPiece(piece, rejections, availability, &agenda)
                return take(from: opened)
            }
        }
        return nil
    }

    /// Every block that a connected peer has is received or requested: from now on blocks are asked of several peers
    /// (BEP 3).
    mutating func isEndgame(_ availability: borrowing Availability) -> Bool {
        unfinished.isEmpty && waiting.reachableCount(availability) == 0
    }

    /// For people: which pieces are begun.
    func mark(_ states: inout [PieceState]) {
        for progress in open {
            states[progress.piece.position] = progress.isIdle || progress.isVerifying ? .partial : .inFlight
        }
    }

    // MARK: What became of a block

    /// One request for the block is given up: another peer may be asked.
    mutating func giveUp(_ block: BlockRequest) {
        guard let progress = progresses[block.piece], let number = geometry.number(of: block) else { return }
        progress.giveUp(number)
        updateUnfinished(progress)
    }

    mutating func setArriving(_ block: BlockRequest, _ isArriving: Bool) {
        guard let progress = progresses[block.piece], let number = geometry.number(of: block) else { return }
        progress.setArriving(number, isArriving)
        updateUnfinished(progress)
    }

    mutating func receive(
        _ block: Int, of progress: PieceProgress, from contributor: Contributor, at now: Moment
    ) {
        progress.receive(block, from: contributor, at: now)
        updateUnfinished(progress)
    }

    /// The piece is stored.
    mutating func close(_ progress: PieceProgress) {
        forget(progress)
    }

    /// The piece goes back among the waiting ones.
    mutating func reopen(_ progress: PieceProgress, _ availability: borrowing Availability) {
        forget(progress)
        waiting.putBack(progress.piece.position, availability)
    }

    /// There was no memory for the piece: for now no more pieces are opened than are open without it.
    mutating func couldNotOpen(_ progress: PieceProgress, _ availability: borrowing Availability) {
        reopen(progress, availability)
        limit.ranShort(at: open.count)
    }

    /// There may be memory again.
    mutating func mayOpenAgain() { limit.mayBeBack() }

    /// So many pieces may be open from now on.
    mutating func allow(_ count: Int) { limit.allow(count) }

    /// Another torrent waits for memory: the piece to do without, of which no block has come for `patience`, the least
    /// filled of them.
    func stagnant(for patience: Duration, at now: Moment) -> PieceProgress? {
        open.lazy.filter { !$0.isVerifying && now - $0.movedAt >= patience }.min { $0.receivedCount < $1.receivedCount }
    }

    /// The piece is discarded, and no other is opened in its place.
    mutating func yield(
        _ progress: PieceProgress, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        discard(progress, availability, &agenda)
        limit.gaveUpOne(leaving: open.count)
    }

    /// This peer will not finish the pieces that it owns.
    mutating func disown(_ id: ConnectionID) {
        for progress in open where progress.owner?.id == id { progress.owner = nil }
    }

    // MARK: Choosing

    /// An unfinished piece for `peer`, the fullest first: one without an owner, one whose owner is too slow, or a
    /// suspect piece of its own that was interrupted by a choke.
    private func orphan(for peer: PeerConnection, at now: Moment) -> PieceProgress? {
        unfinished(of: peer, most: { $0.receivedCount }) { progress in
            isAbandoned(progress, at: now) || (progress.isSuspect && progress.owner === peer)
        }
    }

    /// Of the unfinished pieces that fit, and that `peer` has if one is given, the first with the most of something.
    @inline(__always)
    private func unfinished(
        of peer: PeerConnection? = nil, most measure: (PieceProgress) -> Int, where fits: (PieceProgress) -> Bool
    ) -> PieceProgress? {
        var best: PieceProgress?
        for progress in unfinished where peer.map({ $0.pieces.have[progress.piece] }) ?? true {
            guard fits(progress) else { continue }
            if best.map({ measure(progress) > measure($0) }) ?? true { best = progress }
        }
        return best
    }

    /// It has no owner, or one that is too slow.
    private func isAbandoned(_ progress: PieceProgress, at now: Moment) -> Bool {
        guard let owner = progress.owner else { return true }
        let left = (progress.blockCount - progress.receivedCount) * TorrentGeometry.blockLength
        return now - progress.openedAt >= Self.slowPieceTime
            && owner.download.received.rate(at: now) * Self.slowPieceTime.inSeconds < Double(left)
    }

    private func adopt(_ progress: PieceProgress, by peer: PeerConnection, at now: Moment) {
        let left = (progress.blockCount - progress.receivedCount) * TorrentGeometry.blockLength
        let rate = peer.download.received.rate(at: now)
        let isQuick = left <= Self.smallPiece || rate * Self.ownPieceTime.inSeconds >= Double(left)
        if isQuick || progress.isSuspect { progress.owner = peer }
        peer.download.current = progress
    }

    private mutating func openNew(
        for peer: PeerConnection, _ rejections: RejectionLog, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) -> PieceProgress? {
        guard waiting.count > 0, peer.download.usefulCount > 0 else { return nil }
        // With more open than may be, another in the place of one would still be too many.
        if open.count > limit.most || (open.count == limit.most && !discardOne(availability, &agenda)) {
            askForMemory(for: peer, &agenda)
            return nil
        }
        // The first piece is picked at random, since a rare one may be slow to come, and we have nothing to trade
        // before.
        let position =
            availability.have.isEmpty
            ? waiting.random(of: peer.pieces.have, availability, using: &agenda.generator)
            : waiting.rarest(
                of: peer.pieces.have, isSeed: peer.pieces.isCountedAsSeed, availability, using: &agenda.generator)
        return position.map { openPiece(geometry.piece($0), rejections, availability, &agenda) }
    }

    private mutating func openPiece(
        _ piece: PieceIndex, _ rejections: RejectionLog, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) -> PieceProgress {
        waiting.take(piece.position, availability)
        let progress = PieceProgress(
            piece, blockCount: geometry.blockCount(of: piece), isSuspect: rejections.isSuspect(piece),
            at: agenda.now)
        progresses[piece] = progress
        open.append(progress)
        updateUnfinished(progress)
        agenda.effects.append(.openPiece(piece))
        return progress
    }

    /// Only other torrents keep us from beginning a piece that `peer` has: the shell may find room for one more.
    private mutating func askForMemory(for peer: PeerConnection, _ agenda: inout Agenda) {
        guard limit.isWorthAsking(beyond: open.count), waiting.isAnyWaiting(of: peer.pieces.have) else { return }
        limit.asked()
        agenda.effects.append(.wantMemory)
    }

    /// Discards the least filled piece that no peer is sending, to make room for one that a peer can send.
    private mutating func discardOne(_ availability: borrowing Availability, _ agenda: inout Agenda) -> Bool {
        let least = unfinished(most: { -$0.receivedCount }, where: { $0.owner == nil && $0.isIdle })
        guard let least else { return false }
        discard(least, availability, &agenda)
        return true
    }

    mutating func discard(
        _ progress: PieceProgress, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        reopen(progress, availability)
        agenda.effects.append(.discardPiece(progress.piece))
    }

    /// A block that others have been asked for already: only in the endgame, or while no piece may be opened.
    private mutating func duplicate(
        for peer: PeerConnection, _ availability: borrowing Availability, using generator: inout SplitMix64
    ) -> BlockRequest? {
        let asked = peer.download.pipeline.count
        guard !open.isEmpty, asked < Self.mostDuplicates,
            isEndgame(availability) || (open.count >= limit.ourOwn && asked == 0)
        else { return nil }
        let offset = Int.random(in: 0..<open.count, using: &generator)
        var best: (progress: PieceProgress, block: Int)?
        var looked = 0
        for step in 0..<open.count where looked < Self.duplicateSearch {
            let progress = open[(offset + step) % open.count]
            guard !progress.isVerifying, !progress.isSuspect, peer.pieces.have[progress.piece] else { continue }
            for block in (0..<progress.blockCount).reversed() where !progress.isReceived(block) {
                looked += 1
                let asked = progress.requests(of: block)
                guard !progress.isArriving(block), asked < Self.mostRequests,
                    best.map({ asked < $0.progress.requests(of: $0.block) }) ?? true,
                    !peer.download.pipeline.contains(geometry.block(block, of: progress.piece))
                else { continue }
                best = (progress, block)
                if asked <= 1 { break }
            }
            if let best, best.progress.requests(of: best.block) <= 1 { break }
        }
        guard let best else { return nil }
        best.progress.request(best.block)
        return geometry.block(best.block, of: best.progress.piece)
    }

    // MARK: Keeping lists

    private mutating func take(from progress: PieceProgress, fromEnd: Bool = false) -> BlockRequest? {
        guard progress.freeCount > 0, let block = progress.takeFree(fromEnd: fromEnd) else { return nil }
        updateUnfinished(progress)
        return geometry.block(block, of: progress.piece)
    }

    /// The free blocks of a piece have changed: keeps `unfinished` in step.
    private mutating func updateUnfinished(_ progress: PieceProgress) {
        let isUnfinished = progress.freeCount > 0
        guard isUnfinished != (progress.unfinishedPlace >= 0) else { return }
        if isUnfinished {
            progress.unfinishedPlace = unfinished.count
            unfinished.append(progress)
        } else {
            removeFromUnfinished(progress)
        }
    }

    private mutating func forget(_ progress: PieceProgress) {
        progresses[progress.piece] = nil
        progress.owner = nil
        progress.isClosed = true
        open.removeAll { $0 === progress }
        if progress.unfinishedPlace >= 0 { removeFromUnfinished(progress) }
    }

    /// The last one takes its place.
    private mutating func removeFromUnfinished(_ progress: PieceProgress) {
        let place = progress.unfinishedPlace
        let last = unfinished.removeLast()
        if last !== progress {
            unfinished[place] = last
            last.unfinishedPlace = place
        }
        progress.unfinishedPlace = -1
    }
}
