import SwarmEngine
import TorrentCore

/// One peer of the world: a brain, and what a shell would keep for it, with blocks as mere marks of true or false.
final class SimulatedNode {
    let number: Int
    let plan: NodePlan
    let endpoint: Endpoint
    let peerID: PeerID
    var brain: Swarm
    var isAlive = false
    /// The earliest wake-up that is in the event queue.
    var wakeAt = Moment.distantFuture

    /// The links that the brain knows by number.
    var links: [ConnectionID: Int] = [:]
    /// Links that have something to send, in the turn that they are served in, and whether the line is busy.
    var sendTurns: [Int] = []
    var isSending = false
    /// When the line to here has delivered all that is on its way.
    var receivedUntil = Moment.zero

    /// For each open piece, each block: nil is missing, else whether it is true.
    var buffers: [Int: [Bool?]] = [:]
    /// Earlier failed attempts at a piece.
    var attempts: [Int: [[Bool]]] = [:]
    var openBytes = 0

    init(number: Int, plan: NodePlan, endpoint: Endpoint, peerID: PeerID, brain: Swarm) {
        self.number = number
        self.plan = plan
        self.endpoint = endpoint
        self.peerID = peerID
        self.brain = brain
    }
}

/// What travels between two peers.
enum Parcel {
    case message(PeerMessage)
    case bitfield([UInt8])
    case extensionHandshake(ExtensionHandshake)
    case piece(BlockRequest, isTrue: Bool)

    /// On the wire.
    var bytes: Int {
        switch self {
        case .message: 17
        case .bitfield(let bytes): 5 + bytes.count
        case .extensionHandshake: 80
        case .piece(let block, _): PieceHeader.byteCount + Int(block.length)
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
        var isInTurn = false
    }

    var sides: [Side]

    init(from: Int, id: ConnectionID, to: Int) {
        sides = [Side(node: from, id: id), Side(node: to, id: nil)]
    }
}
