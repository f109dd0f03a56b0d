import TorrentCore

/// A piece that is being filled: which of its blocks are asked for, coming in or there, and who sent them.
final class PieceProgress {
    let piece: PieceIndex
    let blockCount: Int
    let openedAt: Moment
    /// It has been rejected before, so one peer alone should send it.
    let isSuspect: Bool
    /// Blocks that nobody has been asked for.
    private(set) var freeCount: Int
    private(set) var receivedCount = 0
    /// All blocks are there and the shell has them.
    var isVerifying = false
    /// No longer open: stored, or to be begun anew.
    var isClosed = false
    /// Whose piece it is: others take blocks of it only if they find nothing else.
    var owner: PeerConnection?
    /// Where it stands in the picker's list of pieces with free blocks; -1 if it has none.
    var unfinishedPlace = -1
    private(set) var contributors: [Contributor] = []

    private var states: [BlockState]
    // Every block before it is taken.
    private var firstFree = 0

    private struct BlockState {
        /// Requests under way, those given up left out.
        var requests: UInt8 = 0
        var isReceived = false
        /// Its bytes are coming in.
        var isArriving = false
        /// Who sent it, as a position in `contributors`.
        var source: UInt16 = 0
    }

    init(_ piece: PieceIndex, blockCount: Int, isSuspect: Bool, at now: Moment) {
        self.piece = piece
        self.blockCount = blockCount
        self.isSuspect = isSuspect
        openedAt = now
        freeCount = blockCount
        states = Array(repeating: BlockState(), count: blockCount)
    }

    var isFull: Bool { receivedCount == blockCount }
    /// Nothing has come and nothing is on its way.
    var isUntouched: Bool { receivedCount == 0 && isIdle }
    /// Nothing is on its way.
    var isIdle: Bool { freeCount + receivedCount == blockCount && !states.contains { $0.isArriving } }

    func isReceived(_ block: Int) -> Bool { states[block].isReceived }
    func isArriving(_ block: Int) -> Bool { states[block].isArriving }
    func requests(of block: Int) -> Int { Int(states[block].requests) }

    /// The first block that nobody has been asked for, or the last one for somebody who only helps; now asked for.
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

    /// One peer less will send the block.
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

    /// The block is there, from `contributor`.
    func receive(_ block: Int, from contributor: Contributor) {
        precondition(!states[block].isReceived, "a block is received once")
        if isFree(block) { freeCount -= 1 }
        states[block].isArriving = false
        states[block].isReceived = true
        receivedCount += 1
        let source = contributors.lastIndex { $0.connection == contributor.connection } ?? contributors.count
        if source == contributors.count { contributors.append(contributor) }
        states[block].source = UInt16(truncatingIfNeeded: source)
    }

    /// Who sent each block.
    var sources: [UInt16] { states.map(\.source) }

    private func isFree(_ block: Int) -> Bool {
        !states[block].isReceived && !states[block].isArriving && states[block].requests == 0
    }

    private func noteFree(_ block: Int) {
        guard isFree(block) else { return }
        freeCount += 1
        firstFree = min(firstFree, block)
    }
}
