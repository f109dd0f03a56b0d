import SwarmEngine
import TorrentCore

/// One peer of the world: a brain, and what its shell keeps. Of a block it keeps only whether its bytes are correct.
final class SimulatedNode {
    let number: Int
    let plan: NodePlan
    let endpoint: Endpoint
    let peerID: PeerID
    /// One way to the middle of the network, nanoseconds.
    let latency: Int64
    var brain: Swarm
    var isAlive = false
    /// It sleeps: nothing leaves it or comes in, and no other node is told.
    var hasVanished = false
    /// Its user has stopped it; results of its disk and its trackers still reach its brain.
    var isStopped = false
    /// The earliest `wake` for it in the event queue.
    var wakeAt = Moment.distantFuture

    /// The number of the link behind each connection of the brain.
    var links = LinkTable()
    /// The directions of links in which it has something to send, `link << 1 | side`, served round robin; and whether
    /// the line is busy.
    var readyDirections: [Int] = []
    var isSending = false
    /// The direction that the line is busy with.
    var onLine: Int?
    /// Until when its line is busy receiving.
    var receivedUntil = Moment.zero

    /// For each open piece the blocks: nil if missing, otherwise whether the bytes are correct.
    var buffers: [Int: [Bool?]] = [:]
    /// Rejected attempts at each piece.
    var attempts: [Int: [(name: RejectedAttempt, marks: [Bool])]] = [:]
    var openBytes = 0
    /// Pieces to be opened for which there was no memory.
    var unopened: Set<PieceIndex> = []

    init(number: Int, plan: NodePlan, endpoint: Endpoint, peerID: PeerID, brain: consuming Swarm) {
        self.number = number
        self.plan = plan
        latency = plan.latency.wholeNanoseconds
        self.endpoint = endpoint
        self.peerID = peerID
        self.brain = brain
    }

    /// There is no buffer for its piece, for want of memory: the block is discarded.
    func lacksBuffer(for block: BlockRequest) -> Bool {
        plan.noMemoryOneIn > 0 && buffers[block.piece.position] == nil
    }
}

/// What travels between two peers.
enum Parcel {
    case message(PeerMessage)
    case bitfield([UInt8])
    case extensionHandshake(ExtensionHandshake)
    case piece(BlockRequest, isCorrect: Bool)
    /// A block that the torrent does not have.
    case strayPiece(WireBlock)
    /// A block that is dropped, though its sender takes it as sent.
    case forgotten(BlockRequest)

    /// The block whose leaving its sender is told: `blockSent`.
    var served: BlockRequest? {
        switch self {
        case .piece(let block, _), .forgotten(let block): block
        default: nil
        }
    }

    /// Length on the wire.
    var bytes: Int64 {
        switch self {
        case .message: 17
        case .bitfield(let bytes): 5 + Int64(bytes.count)
        case .extensionHandshake: 80
        case .piece(let block, _): Int64(PieceHeader.byteCount) + Int64(block.length)
        case .strayPiece(let block): Int64(PieceHeader.byteCount) + Int64(block.length)
        case .forgotten: 0
        }
    }
}

/// A connection between two nodes. Side 0 made it.
final class SimulatedLink {
    struct Side {
        let node: Int
        /// The id that its brain has for the link; nil before it was accepted and after it was closed.
        var id: ConnectionID?
        /// What this side sends, in order.
        var queue: [Parcel] = []
        var head = 0
        /// It is among the `readyDirections` of its node, or on its line.
        var isReady = false
        /// Messages that wait until the block on the line has left, and since when.
        var heldMessages: [Parcel] = []
        var heldSince = Moment.zero
        /// Parcels in the queue that are not blocks: later messages may not overtake them.
        var unpassable = 0
        /// For imitated clients: when it was choked, when it will take notice of an unchoke, and when a block came
        /// last.
        var chokedAt: Moment?
        var hearsAt: Moment?
        var lastBlockAt = Moment.zero
        /// When the last parcel sent arrives; later ones do not arrive sooner.
        var arrivesUntil = Moment.zero
        /// The brain's verdict on the block that is coming in, once its header has arrived.
        var admission: BlockAdmission?
        var ramp = LinkRamp.State()
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

extension Moment {
    /// So many nanoseconds later.
    func later(by nanoseconds: Int64) -> Moment { Moment(nanoseconds: self.nanoseconds + nanoseconds) }
}
