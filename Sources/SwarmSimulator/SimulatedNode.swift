import SwarmEngine
import TorrentCore

/// One peer of the world: a brain, and what a shell would keep for it, with blocks as mere marks of true or false.
final class SimulatedNode {
    let number: Int
    let plan: NodePlan
    let endpoint: Endpoint
    let peerID: PeerID
    /// From here to the middle of the network, nanoseconds.
    let latency: Int64
    var brain: Swarm
    var isAlive = false
    /// It is not there any more, and nobody knows.
    var hasVanished = false
    /// Its user has stopped it; what its disk and its tracker still say reaches it all the same.
    var isStopped = false
    /// The earliest wake-up that is in the event queue.
    var wakeAt = Moment.distantFuture

    /// The links that the brain knows by number.
    var links = LinkTable()
    /// Links that have something to send, in the turn that they are served in, and whether the line is busy.
    var readyDirections: [Int] = []
    var isSending = false
    /// What the line is busy with, as `readyDirections` names it.
    var onLine: Int?
    /// When the line to here has delivered all that is on its way.
    var receivedUntil = Moment.zero

    /// For each open piece, each block: nil is missing, else whether it is true.
    var buffers: [Int: [Bool?]] = [:]
    /// Earlier failed attempts at a piece.
    var attempts: [Int: [(name: RejectedAttempt, marks: [Bool])]] = [:]
    var openBytes = 0
    /// Pieces that were to be opened, and there was no memory.
    var unopened: Set<PieceIndex> = []

    init(number: Int, plan: NodePlan, endpoint: Endpoint, peerID: PeerID, brain: consuming Swarm) {
        self.number = number
        self.plan = plan
        latency = plan.latency.wholeNanoseconds
        self.endpoint = endpoint
        self.peerID = peerID
        self.brain = brain
    }

    /// There was no memory for its piece, or there is none any more: what comes in is thrown away.
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
    /// A block that is none of this torrent.
    case strayPiece(WireBlock)
    /// A block that its sender believes to have sent.
    case forgotten(BlockRequest)

    /// The block that its sender is told of when it has left.
    var served: BlockRequest? {
        switch self {
        case .piece(let block, _), .forgotten(let block): block
        default: nil
        }
    }

    /// On the wire.
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
        /// By which its brain knows the link; nil before it was accepted and after it was closed.
        var id: ConnectionID?
        /// What this side sends, in order.
        var queue: [Parcel] = []
        var head = 0
        var isReady = false
        /// Messages that wait for the end of the block that is on the line, and since when.
        var heldMessages: [Parcel] = []
        var heldSince = Moment.zero
        /// Other parcels in the queue than blocks: no message passes those.
        var unpassable = 0
        /// What an odd client goes by: when it was choked and will hear of an unchoke, and when a block came last.
        var chokedAt: Moment?
        var hearsAt: Moment?
        var lastBlockAt = Moment.zero
        /// What has left last comes in then; nothing that left later comes sooner.
        var arrivesUntil = Moment.zero
        /// What was said to the head of the block that is coming in.
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
    /// Links whose slot has been taken by a later connection before they were closed: a brain that lets somebody in
    /// may close another connection to the same peer for it.
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
