import TorrentCore
import TorrentIO

/// Whoever has an allowance hears what concerns it, in an iteration of its own.
protocol PieceAllowanceOwner: AnyObject {
    /// So many pieces may be open from now on.
    func mayOpen(_ count: Int)
    /// Other torrents wait: a piece that does not move is to be given up.
    func memoryIsWanted()
}

/// The part of one torrent in the memory that all share for pieces, from its start to its end: see `PieceMemory`.
// @unchecked: confined to `reactor`; the memory's words come through its inbox.
final class PieceAllowance: @unchecked Sendable {
    weak var owner: (any PieceAllowanceOwner)?
    private let memory: PieceMemory
    private let reactor: Reactor
    private var member: PieceMemory.Member?
    /// What the owner was told last.
    private var told = 0
    /// More is wanted than there is.
    private(set) var isWaiting = false
    private var pressTimer: TimerID?
    /// That others wait is not passed on before.
    private var nextHearing = Moment.zero

    /// How long one waits before those that have memory are asked to do without some of it, again and again.
    private static let patience = Duration.seconds(3)
    /// Between two times that the owner hears of it.
    private static let hearingPause = Duration.milliseconds(100)

    init(_ memory: PieceMemory, _ reactor: Reactor) {
        self.memory = memory
        self.reactor = reactor
    }

    deinit { end() }

    /// The torrent begins to fetch pieces of so many bytes, and may open none before it has asked.
    func begin(pieceBytes: Int) {
        guard member == nil else { return }
        member = memory.join(pieceBytes: pieceBytes) { [weak self, reactor] word in
            reactor.perform { [weak self] in self?.heard(word) }
        }
    }

    /// All its pieces are closed, and no other will be opened.
    func end() {
        if let member { memory.leave(member) }
        member = nil
        isWaiting = false
    }

    private func heard(_ word: PieceMemory.Word) {
        guard member != nil else { return }
        switch word {
        case .allowanceChanged: tellIfChanged()
        case .isWanted:
            // However many wait: each of them says it again.
            guard reactor.now >= nextHearing else { return }
            nextHearing = reactor.now + Self.hearingPause
            owner?.memoryIsWanted()
        }
    }

    /// One more piece would be opened.
    func want() {
        guard let member else { return }
        memory.want(member)
        isWaiting = true
        pressLater()
        tellLater()
    }

    private func pressLater() {
        guard pressTimer == nil else { return }
        pressTimer = reactor.setTimer(after: Self.patience) { [weak self] in
            guard let self else { return }
            pressTimer = nil
            guard let member, isWaiting else { return }
            // If it waits no more, the wish is granted, which is told as any other change.
            memory.press(member) ? pressLater() : tellIfChanged()
        }
    }

    /// False if nothing may be opened: what was allowed is another's since a moment ago.
    func open() -> Bool {
        guard let member else { return true }
        return memory.open(member)
    }

    /// The memory of a piece is free again. If it may open fewer now, the owner is told at once: before it hears what
    /// became of the piece.
    func close() {
        guard let member else { return }
        memory.close(member)
        tellIfChanged()
    }

    /// The same for a piece that the owner itself has closed: it is told in a later iteration.
    func closed() {
        guard let member else { return }
        memory.close(member)
        tellLater()
    }

    private func tellLater() {
        reactor.performLater { [weak self] in self?.tellIfChanged() }
    }

    /// Says what is allowed once more, for whoever has not heeded it before.
    func tellAgain() {
        guard member != nil else { return }
        owner?.mayOpen(told)
    }

    private func tellIfChanged() {
        guard let member else { return }
        let count = memory.allowance(of: member)
        // What was closed may be allowed again in the same breath: then the number is the old one, and the wish is
        // granted all the same.
        let isGranted = isWaiting && !memory.isWaiting(member)
        if isGranted { isWaiting = false }
        guard isGranted || count != told else { return }
        told = count
        owner?.mayOpen(count)
        memory.settle(member)
        // What it has not used at once may be another's in the same breath, and then nobody else says so.
        if memory.allowance(of: member) != told { tellLater() }
    }
}
