import SwarmEngine
import TorrentCore
import TorrentIO

/// Whoever takes pieces in hears what becomes of them.
protocol PieceIntakeOwner: SessionPartOwner, PieceAllowanceOwner {
    /// There was no memory for it. Called in a later iteration.
    func notOpened(_ piece: PieceIndex)
    /// Its hash is right, and it has been written.
    func stored(_ piece: PieceIndex)
    /// Its hash is wrong. The answer is the name under which the digests of its blocks are kept, if they are of use.
    func rejected(_ piece: PieceIndex) -> RejectedAttempt?
    /// They still are.
    func remembers(_ attempt: RejectedAttempt) -> Bool
    /// The piece has come good, and these of its blocks were different in that attempt.
    func differed(_ blocks: [Int], of piece: PieceIndex, in attempt: RejectedAttempt)
    /// The disk would not take a piece, and not because it is full.
    func notStored(_ error: StorageError)
    /// The piece was good, and is lost: others need the memory in which it waited for room on the disk.
    func dropped(_ piece: PieceIndex)
}

/// Pieces on their way in: a buffer, the workers, the disk. Which blocks have come, and which place may be written now
/// and by whom, is known to the brain alone.
final class PieceIntake {
    weak var owner: (any PieceIntakeOwner)? {
        didSet { allowance.owner = self }
    }
    private let content: TorrentContent
    private let pool: PieceBufferPool
    private let allowance: PieceAllowance
    private let storers: HashAndStoreWorkers
    private let reactor: Reactor
    /// Those of the open pieces, by number.
    private(set) var buffers: [UInt32: PieceBuffer] = [:]
    /// Buffers that nobody needs any more, kept until the iteration ends: a read may still be aimed at them.
    private var graveyard: [PieceBuffer] = []
    private var rejected = RejectedDigests()
    /// The disk is full; pieces that are good and that it would not take.
    private(set) var isDiskFull = false
    private var unwritten: [(piece: PieceIndex, buffer: PieceBuffer)] = []
    /// The last piece that was to be opened got no buffer.
    private var lacksMemory = false
    /// Whole pieces that are with the workers.
    private var withWorkers = 0
    /// Waits for the last of them when the session stops.
    private var allStored: (() -> Void)?

    /// How long a full disk is left alone.
    private static let fullDiskPause = Duration.seconds(3)

    init(_ content: TorrentContent, _ context: NodeContext, _ reactor: Reactor) {
        self.content = content
        pool = context.buffers
        allowance = PieceAllowance(context.shared.pieces, reactor)
        storers = context.storers
        self.reactor = reactor
    }

    // MARK: Buffers

    /// There is something to fetch.
    func begin() { allowance.begin(pieceBytes: content.geometry.pieceLength) }

    func open(_ piece: PieceIndex) {
        guard allowance.open() else { return notOpened(piece) }
        let length = content.geometry.length(of: piece)
        // All keep to the budget together; that of the pool may be a little behind.
        guard let buffer = pool.take(length, evenOverBudget: true) else {
            allowance.closed()
            return noMemory(for: piece)
        }
        lacksMemory = false
        precondition(buffers[piece.number] == nil, "a piece is opened once")
        buffers[piece.number] = buffer
    }

    private func noMemory(for piece: PieceIndex) {
        if !lacksMemory {
            let size = content.geometry.length(of: piece)
            owner?.notice("no_memory", "no memory for a piece of \(size) bytes; going on with fewer at once")
        }
        lacksMemory = true
        notOpened(piece)
    }

    private func notOpened(_ piece: PieceIndex) {
        reactor.performLater { [weak self] in self?.owner?.notOpened(piece) }
    }

    /// One piece more would be opened if there were memory. On a full disk it would be of no use.
    func wantMemory() {
        if !isDiskFull { allowance.want() }
    }

    /// Other torrents have the memory.
    var waitsForMemory: Bool { allowance.isWaiting && buffers.isEmpty && withWorkers == 0 }

    /// Where the blocks of an open piece belong; nil if there was no memory for it.
    func buffer(of piece: PieceIndex) -> PieceBuffer? { buffers[piece.number] }

    func discard(_ piece: PieceIndex) {
        guard let buffer = buffers.removeValue(forKey: piece.number) else { return }
        graveyard.append(buffer)
    }

    /// Nothing is aimed at the buffers of discarded pieces any more. They are in the pool before others hear of it.
    func endIteration() {
        let count = graveyard.count
        graveyard.removeAll()
        for _ in 0..<count { allowance.closed() }
    }

    /// Nothing comes any more.
    func forgetOpen() { buffers = [:] }

    // MARK: Whole pieces

    func verifyAndStore(_ piece: PieceIndex) {
        guard let buffer = buffers.removeValue(forKey: piece.number) else {
            preconditionFailure("a piece is verified that is not open")
        }
        store(piece, buffer)
    }

    /// Calls `body` when no piece is with the workers any more.
    func whenStored(_ body: @escaping () -> Void) {
        let end = { [allowance] in
            allowance.end()
            body()
        }
        if withWorkers == 0 { end() } else { allStored = end }
    }

    private func store(_ piece: PieceIndex, _ buffer: PieceBuffer) {
        withWorkers += 1
        storers.add(
            HashAndStoreWorkers.Job(
                buffer: buffer, length: content.geometry.length(of: piece),
                offset: content.geometry.offset(of: piece), check: content.metainfo.check(of: piece),
                store: content.storage, wantsBlockDigests: rejected.contains(piece),
                reply: reactor.reply { [weak self] outcome in self?.ended(piece, outcome) }))
    }

    private func ended(_ piece: PieceIndex, _ outcome: HashAndStoreWorkers.Outcome) {
        var isKept = false
        if case .failed(let error, _) = outcome { isKept = error.isNoSpace }
        if !isKept { allowance.close() }
        switch outcome {
        case .stored(let digests):
            owner?.stored(piece)
            for (attempt, blocks) in rejected.settle(piece, good: digests) {
                owner?.differed(blocks, of: piece, in: attempt)
            }
        case .rejected(let digests):
            owner?.notice("piece_rejected", "\(piece) came with a wrong hash and is fetched again", isDetail: true)
            if let attempt = owner?.rejected(piece) { rejected.add(attempt, at: piece, digests) }
            // The brain keeps only so many in mind.
            rejected.keep { owner?.remembers($0) ?? false }
        case .failed(let error, let buffer):
            if error.isNoSpace { noRoom(for: piece, buffer) } else { owner?.notStored(error) }
        }
        withWorkers -= 1
        guard withWorkers == 0, let body = allStored else { return }
        allStored = nil
        body()
    }

    // MARK: Disk full

    /// The piece is good, so it stays in memory: what waits there keeps the brain from opening more, and nothing is
    /// fetched twice.
    private func noRoom(for piece: PieceIndex, _ buffer: PieceBuffer) {
        if !isDiskFull, let owner, !owner.isStopping {
            isDiskFull = true
            owner.notice("disk_full", "no space left in \(content.folderName): paused, going on when there is room")
            retryLater()
        }
        unwritten.append((piece, buffer))
    }

    private func retryLater() {
        reactor.setTimer(after: Self.fullDiskPause) { [weak self] in self?.retry() }
    }

    private func retry() {
        guard let owner, !owner.isStopping else { return }
        guard storeUnwritten() else { return retryLater() }
        isDiskFull = false
        owner.notice("disk_ready", "there is room again: going on")
        allowance.tellAgain()
    }

    /// Others need the memory of a piece that waits for room. False if there is none.
    private func dropUnwritten() -> Bool {
        guard let piece = unwritten.popLast()?.piece else { return false }
        allowance.close()
        owner?.dropped(piece)
        return true
    }

    /// Gives what the disk would not take to the workers once more. False if there is no room for all of it, or, where
    /// nothing waits, for a piece.
    @discardableResult
    func storeUnwritten() -> Bool {
        let bytes = unwritten.reduce(Int64(0)) { $0 + Int64($1.buffer.length) }
        guard content.storage.hasRoom(for: max(bytes, Int64(content.geometry.pieceLength))) else { return false }
        let waiting = unwritten
        unwritten = []
        for (piece, buffer) in waiting { store(piece, buffer) }
        return true
    }
}

extension PieceIntake: PieceAllowanceOwner {
    func mayOpen(_ count: Int) { owner?.mayOpen(count) }

    func memoryIsWanted() {
        if !dropUnwritten() { owner?.memoryIsWanted() }
    }
}
