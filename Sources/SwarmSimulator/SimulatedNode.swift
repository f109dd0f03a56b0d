import SwarmEngine
import TorrentCore

/// One peer of the world: a brain, and what its shell keeps. Of a block it keeps only whether its bytes are correct.
final class SimulatedNode {
    let number: Int
    let plan: NodePlan
    let endpoint: Endpoint
    let peerID: PeerID
    var brain: Swarm
    var isAlive = false
    /// Its user has stopped it; results of its disk and its trackers still reach its brain.
    var isStopped = false
    /// The earliest `wake` for it in the event queue.
    var wakeAt = Moment.distantFuture

    /// The number of the link behind each connection of the brain.
    var links = LinkTable()

    /// For each open piece the blocks: nil if missing, otherwise whether the bytes are correct.
    var buffers: [Int: [Bool?]] = [:]
    /// Rejected attempts at each piece.
    var attempts: [Int: [(name: RejectedAttempt, marks: [Bool])]] = [:]
    var openBytes = 0
    /// Pieces to be opened for which there was no memory.
    var unopened: Set<PieceIndex> = []
    var acquaintance = Acquaintance()

    init(number: Int, plan: NodePlan, endpoint: Endpoint, peerID: PeerID, brain: consuming Swarm) {
        self.number = number
        self.plan = plan
        self.endpoint = endpoint
        self.peerID = peerID
        self.brain = brain
    }

    /// There is no buffer for its piece, for want of memory: the block is discarded.
    func lacksBuffer(for block: BlockRequest) -> Bool {
        plan.shortage.noMemoryOneIn > 0 && buffers[block.piece.position] == nil
    }
}

/// Whom a node of a private torrent may call: those that the tracker has named that answered last, and whom its user
/// named (BEP 27).
struct Acquaintance {
    private var places: Set<Endpoint> = []
    private var tracker: TrackerIndex?
    /// How often it has called somebody else, as it may where the torrent is public.
    private(set) var strangersCalled = 0
    /// How often another tracker has answered than the one before.
    private(set) var switches = 0

    /// A tracker has answered. False if another one had answered before.
    mutating func hears(from tracker: TrackerIndex) -> Bool {
        defer { self.tracker = tracker }
        guard let before = self.tracker, before != tracker else { return true }
        switches += 1
        places = []
        return false
    }

    mutating func add(_ endpoints: [Endpoint]) { places.formUnion(endpoints) }

    /// False if it may not.
    mutating func calls(_ endpoint: Endpoint, named: some Sequence<Endpoint>) -> Bool {
        if places.contains(endpoint) || named.contains(endpoint) { return true }
        strangersCalled += 1
        return false
    }
}

/// A connection between two nodes, as their shells see it: the network carries it under the same number. Side 0 made
/// it, and sends over the flow `link << 1`, side 1 over `link << 1 | 1`.
final class SimulatedLink {
    struct Side {
        let node: Int
        /// The id that its brain has for the link; nil before it was accepted and after it was closed.
        var id: ConnectionID?
        /// For imitated clients: when it was choked, when it will take notice of an unchoke, and when a block came
        /// last.
        var chokedAt: Moment?
        var hearsAt: Moment?
        var lastBlockAt = Moment.zero
        /// The brain's verdict on the block that is coming in, once its header has arrived.
        var admission: BlockAdmission?
    }

    var sides: [Side]

    init(from: Int, id: ConnectionID, to: Int) {
        sides = [Side(node: from, id: id), Side(node: to, id: nil)]
    }
}

/// The number of the link behind each connection of one node.
struct LinkTable {
    private var entries: [(generation: UInt32, link: Int)] = []
    /// Links that are still open although a later connection has their slot: a brain that accepts a connection may
    /// close another one to the same peer in the same call.
    private var overtaken: [Overtaken] = []
    private static let none = Int.min

    private struct Overtaken {
        let id: ConnectionID
        let link: Int
    }

    subscript(id: ConnectionID) -> Int? {
        get {
            let slot = Int(id.slot)
            guard slot < entries.count, entries[slot].link != Self.none, entries[slot].generation == id.generation
            else { return overtaken.first { $0.id == id }?.link }
            return entries[slot].link
        }
        set {
            let slot = Int(id.slot)
            while entries.count <= slot { entries.append((0, Self.none)) }
            let old = entries[slot]
            if newValue == nil, old.generation != id.generation || old.link == Self.none {
                return overtaken.removeAll { $0.id == id }
            }
            if old.link != Self.none, old.generation != id.generation {
                overtaken.append(
                    Overtaken(id: ConnectionID(slot: id.slot, generation: old.generation), link: old.link))
            }
            entries[slot] = (id.generation, newValue ?? Self.none)
        }
    }

    mutating func removeValue(forKey id: ConnectionID) -> Int? {
        let link = self[id]
        if link != nil { self[id] = nil }
        return link
    }
}
