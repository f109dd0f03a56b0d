import TorrentCore

/// Decides which block a peer is asked for next. The classic order: what the peer has begun, what others have left
/// behind, a new piece (the first at random, then the rarest), a part of somebody else's piece, and in the endgame what
/// others have been asked for already.
///
/// This is a seam: `next`, and the verbs that say what became of a block, are all that the swarm knows of the policy.
struct PiecePicker {
    private let geometry: TorrentGeometry
    /// Pieces not begun.
    var waiting: WaitingPieces
    /// Pieces begun and not stored, in no order that means anything.
    private(set) var open: [PieceProgress] = []
    /// Those of them that have free blocks.
    private var unfinished: [PieceProgress] = []
    private var progresses: [PieceIndex: PieceProgress] = [:]
    private let mostByBudget: Int
    /// Pieces that may be open at once: as many as the budget has room for, or there was memory for of late.
    private var mostOpen: Int
    /// One source a piece, as long as there are pieces to begin.
    var keepsPiecesWhole: Bool

    /// A block is asked of so many peers at once at most.
    private static let mostRequests = 3
    /// A piece belongs to one peer if that one needs no longer for it than this, or if it is small.
    private static let ownPieceTime = Duration.seconds(20)
    private static let smallPiece = 512 << 10
    /// A piece is taken from an owner who has had this time for it and would need as much again.
    static let slowPieceTime = Duration.seconds(30)
    /// Requests under way to a peer up to which it is asked for what others were asked for: more would be there before
    /// the cancels are.
    private static let mostDuplicates = 4
    /// Blocks looked at in one search for something to ask for twice.
    private static let duplicateSearch = 512

    init(
        openBytes: Int, keepsPiecesWhole: Bool, _ availability: borrowing Availability,
        using generator: inout SplitMix64
    ) {
        geometry = availability.geometry
        self.keepsPiecesWhole = keepsPiecesWhole
        waiting = WaitingPieces(availability, using: &generator)
        mostByBudget = max(2, openBytes / geometry.pieceLength)
        mostOpen = mostByBudget
    }

    func progress(of piece: PieceIndex) -> PieceProgress? { progresses[piece] }

    /// A block to ask of `peer`, counted as asked for; nil if there is none. A piece that has to be opened or given up
    /// for it is said in the effects.
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
        if keepsPiecesWhole, open.count < mostOpen, waiting.reachableCount(availability) > 0 { return nil }
        if let shared = unfinished.filter({ peer.pieces.have[$0.piece] && !$0.isSuspect }).max(by: {
            $0.freeCount < $1.freeCount
        }) {
            return take(from: shared, fromEnd: true)
        }
        return duplicate(for: peer, availability, using: &agenda.generator)
    }

    /// A block out of a piece that `peer` allows us while it chokes us.
    mutating func nextAllowed(
        for peer: PeerConnection, _ rejections: RejectionLog, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) -> BlockRequest? {
        for piece in peer.download.allowedFast where peer.pieces.have[piece] {
            if let progress = progresses[piece] {
                if !progress.isSuspect, let block = take(from: progress) { return block }
            } else if waiting.isWaiting[piece], open.count < mostOpen {
                let opened = openPiece(piece, rejections, availability, &agenda)
                return take(from: opened)
            }
        }
        return nil
    }

    /// Every block within reach has been asked for.
    mutating func isEndgame(_ availability: borrowing Availability) -> Bool {
        unfinished.isEmpty && waiting.reachableCount(availability) == 0
    }

    // MARK: What became of a block

    /// A peer will not send the block, or not soon: others may be asked.
    mutating func giveUp(_ block: BlockRequest) {
        guard let progress = progresses[block.piece], let number = geometry.number(of: block) else { return }
        progress.giveUp(number)
        note(progress)
    }

    mutating func setArriving(_ block: BlockRequest, _ isArriving: Bool) {
        guard let progress = progresses[block.piece], let number = geometry.number(of: block) else { return }
        progress.setArriving(number, isArriving)
        note(progress)
    }

    mutating func receive(_ block: Int, of progress: PieceProgress, from contributor: Contributor) {
        progress.receive(block, from: contributor)
        note(progress)
    }

    /// The piece is stored.
    mutating func close(_ progress: PieceProgress) {
        forget(progress)
    }

    /// The piece has to be fetched again, or at all.
    mutating func reopen(_ progress: PieceProgress, _ availability: borrowing Availability) {
        forget(progress)
        waiting.putBack(progress.piece.position, availability)
    }

    /// There was no memory for the piece: for now there may be no more open than the others.
    mutating func couldNotOpen(_ progress: PieceProgress, _ availability: borrowing Availability) {
        reopen(progress, availability)
        mostOpen = min(mostOpen, open.count)
    }

    /// There may be memory again.
    mutating func mayOpenAgain() { mostOpen = mostByBudget }

    /// `peer` will finish none of its pieces.
    mutating func disown(_ id: ConnectionID) {
        for progress in open where progress.owner?.id == id { progress.owner = nil }
    }

    // MARK: Choosing

    /// A piece that somebody has left, whose owner is too slow for it, or that `peer` alone should send and has not
    /// been asked for to the end, since a choke came between: the fullest first.
    private func orphan(for peer: PeerConnection, at now: Moment) -> PieceProgress? {
        var best: PieceProgress?
        for progress in unfinished where peer.pieces.have[progress.piece] {
            guard isAbandoned(progress, at: now) || (progress.isSuspect && progress.owner === peer) else { continue }
            if best.map({ progress.receivedCount > $0.receivedCount }) ?? true { best = progress }
        }
        return best
    }

    /// Its owner is gone, or will not be done with it in a while.
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
        if open.count >= mostOpen, !discardOne(availability, &agenda) { return nil }
        // The first piece of all is picked at random: it should soon be there, to have something to trade.
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
        note(progress)
        agenda.effects.append(.openPiece(piece))
        return progress
    }

    /// Gives up the least filled piece that nobody is sending, to make room for one that somebody can send.
    private mutating func discardOne(_ availability: borrowing Availability, _ agenda: inout Agenda) -> Bool {
        let idle = unfinished.filter { $0.owner == nil && $0.isIdle }
        guard let least = idle.min(by: { $0.receivedCount < $1.receivedCount }) else { return false }
        discard(least, availability, &agenda)
        return true
    }

    mutating func discard(
        _ progress: PieceProgress, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        reopen(progress, availability)
        agenda.effects.append(.discardPiece(progress.piece))
    }

    /// A block that others have been asked for: only when nothing else is left to ask for, or nothing may be opened.
    private mutating func duplicate(
        for peer: PeerConnection, _ availability: borrowing Availability, using generator: inout SplitMix64
    ) -> BlockRequest? {
        let asked = peer.download.pipeline.count
        guard !open.isEmpty, asked < Self.mostDuplicates,
            isEndgame(availability) || (open.count >= mostOpen && asked == 0)
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
        note(progress)
        return geometry.block(block, of: progress.piece)
    }

    /// Keeps `unfinished` right after a change.
    private mutating func note(_ progress: PieceProgress) {
        let isUnfinished = progress.freeCount > 0
        guard isUnfinished != (progress.unfinishedPlace >= 0) else { return }
        if isUnfinished {
            progress.unfinishedPlace = unfinished.count
            unfinished.append(progress)
        } else {
            let place = progress.unfinishedPlace
            let last = unfinished.removeLast()
            if last !== progress {
                unfinished[place] = last
                last.unfinishedPlace = place
            }
            progress.unfinishedPlace = -1
        }
    }

    private mutating func forget(_ progress: PieceProgress) {
        progresses[progress.piece] = nil
        progress.owner = nil
        progress.isClosed = true
        open.removeAll { $0 === progress }
        if progress.unfinishedPlace >= 0 {
            let place = progress.unfinishedPlace
            let last = unfinished.removeLast()
            if last !== progress {
                unfinished[place] = last
                last.unfinishedPlace = place
            }
            progress.unfinishedPlace = -1
        }
    }
}
