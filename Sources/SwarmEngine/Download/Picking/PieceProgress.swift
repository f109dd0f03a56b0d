import TorrentCore

/// An open piece: which of its blocks are requested, arriving or received, and who sent them. No one else keeps that:
/// whoever wants to write a block asks here. Who was asked for a block, and when, stands in the `RequestPipeline` of
/// that peer; here is only the count over all of them.
final class PieceProgress {
    let piece: PieceIndex
    let blockCount: Int
    let openedAt: Moment
    /// When the last block of it came, or when it was opened.
    private(set) var movedAt: Moment
    /// Its hash was wrong before. Now one peer alone should send it, so that a second failure names the liar.
    let isSuspect: Bool
    /// Blocks that no peer has been asked for.
    private(set) var freeCount: Int
    private(set) var receivedCount = 0
    /// All blocks are received, and the shell is verifying them.
    var isVerifying = false
    /// No longer open: stored, or to be begun anew.
    var isClosed = false
    /// The peer that should send it: others are asked for its blocks only if there is nothing else to ask them for.
    var owner: PeerConnection?
    /// Index in the picker's list of pieces with free blocks; -1 if it has none.
    var unfinishedPlace = -1
    /// The peers that have sent blocks of it.
    private(set) var contributors: [Contributor] = []

    private var states: [BlockState]
    // No block before this one is free.
    private var firstFree = 0

    private struct BlockState {
        /// Requests under way that are not given up.
        var requests: UInt8 = 0
        var isReceived = false
        /// Its bytes are coming in.
        var isArriving = false
        /// They are, and take too long: another peer may begin to send it.
        var isLate = false
        /// Who sent it: an index into `contributors`.
        var source: UInt16 = 0
    }

    init(_ piece: PieceIndex, blockCount: Int, isSuspect: Bool, at now: Moment) {
        self.piece = piece
        self.blockCount = blockCount
        self.isSuspect = isSuspect
        openedAt = now
        movedAt = now
        freeCount = blockCount
        states = Array(repeating: BlockState(), count: blockCount)
    }

    var isFull: Bool { receivedCount == blockCount }
    /// No block is received, arriving or requested.
    var isUntouched: Bool { receivedCount == 0 && isIdle }
    /// No block is arriving or requested.
    var isIdle: Bool { freeCount + receivedCount == blockCount }

    func isReceived(_ block: Int) -> Bool { states[block].isReceived }
    /// It is not there, and nobody is sending it: the bytes of whoever begins to may go to its place.
    func isMissing(_ block: Int) -> Bool { !states[block].isReceived && !states[block].isArriving }
    func isArriving(_ block: Int) -> Bool { states[block].isArriving }
    /// Nobody writes to its place, or may go on to: one read may be aimed there.
    func takesReads(_ block: Int) -> Bool { isMissing(block) && !states[block].isLate }
    func requests(of block: Int) -> Int { Int(states[block].requests) }

    /// The first free block, noted as requested. For a peer that helps the owner the last one, so that they do not
    /// meet.
    func takeFree(fromEnd: Bool) -> Int? {
        guard freeCount > 0 else { return nil }
        if fromEnd {
            for block in (0..<blockCount).reversed() where isFree(block) {
                request(block)
                return block
            }
            return nil
        }
        while firstFree < blockCount, !isFree(firstFree) { firstFree += 1 }
        guard firstFree < blockCount else { return nil }
        request(firstFree)
        return firstFree
    }

    /// One more peer is asked for the block.
    func request(_ block: Int) {
        if isFree(block) { freeCount -= 1 }
        states[block].requests += 1
    }

    /// One request for the block is given up.
    func giveUp(_ block: Int) {
        precondition(states[block].requests > 0, "given up without having been asked for")
        states[block].requests -= 1
        noteFree(block)
    }

    func setArriving(_ block: Int, _ isArriving: Bool) {
        let wasFree = isFree(block)
        states[block].isArriving = isArriving
        if wasFree, isArriving { freeCount -= 1 }
        if !wasFree { noteFree(block) }
    }

    /// It is late, and still coming; or not any more.
    func setLate(_ block: Int, _ isLate: Bool) { states[block].isLate = isLate }

    /// The block has been received from `contributor`.
    func receive(_ block: Int, from contributor: Contributor, at now: Moment) {
        precondition(!states[block].isReceived, "a block is received once")
        movedAt = now
        if isFree(block) { freeCount -= 1 }
        states[block].isArriving = false
        states[block].isReceived = true
        receivedCount += 1
        let source = contributors.lastIndex { $0.connection == contributor.connection } ?? contributors.count
        if source == contributors.count { contributors.append(contributor) }
        states[block].source = UInt16(truncatingIfNeeded: source)
    }

    /// Who sent each block: indices into `contributors`.
    var sources: [UInt16] { states.map(\.source) }

    private func isFree(_ block: Int) -> Bool {
        isMissing(block) && states[block].requests == 0
    }

    private func noteFree(_ block: Int) {
        guard isFree(block) else { return }
        freeCount += 1
        firstFree = min(firstFree, block)
    }
}
