import SwarmEngine
import TorrentIO

/// Whoever fetches metadata hears of the memory for it, in an iteration of its own.
protocol MetadataMemoryOwner: AnyObject {
    /// So many parts of it may be used from now on.
    func mayUse(parts: Int)
    /// Other torrents wait: what does not move is to be given up. The answer is how many parts are in use then.
    func memoryIsWanted() -> Int
}

/// The part of one torrent in the memory that all share for metadata on its way, and for what peers say meanwhile. What
/// it holds is nobody else's before it is given back.
final class MetadataMemory {
    weak var owner: (any MetadataMemoryOwner)?
    private let allowance: PieceAllowance
    private let reactor: Reactor
    /// Parts that are held.
    private(set) var held = 0
    private var isWanted = false

    init(_ memory: PieceMemory, _ reactor: Reactor) {
        allowance = PieceAllowance(memory, reactor)
        self.reactor = reactor
        allowance.owner = self
    }

    /// More is wanted than there is.
    var isWaiting: Bool { allowance.isWaiting }

    /// Nothing may be used before there is use for it.
    func begin() {
        allowance.begin(pieceBytes: MetadataRoom.partBytes)
    }

    /// Nothing is kept any more.
    func end() {
        release(to: 0)
        allowance.end()
    }

    /// There is use for more.
    func want() {
        isWanted = true
        if !take() { allowance.want() }
    }

    /// What is above `parts` is given back. True if that was anything.
    @discardableResult
    func release(to parts: Int) -> Bool {
        guard held > parts else { return false }
        while held > parts {
            held -= 1
            allowance.closed()
        }
        return true
    }

    /// Holds on to some of what is allowed, twice as much each time; false if nothing is.
    private func take() -> Bool {
        let before = held
        let most = held + max(MetadataRoom.spareParts, held)
        while held < most, allowance.open() { held += 1 }
        guard held > before else { return false }
        isWanted = false
        reactor.performLater { [weak self] in
            guard let self else { return }
            owner?.mayUse(parts: held)
        }
        return true
    }
}

extension MetadataMemory: PieceAllowanceOwner {
    func mayOpen(_ count: Int) {
        // What was allowed may be another's since a moment ago.
        if isWanted, !take() { allowance.want() }
    }

    func memoryIsWanted() {
        if let parts = owner?.memoryIsWanted(), release(to: parts) { owner?.mayUse(parts: held) }
    }
}
