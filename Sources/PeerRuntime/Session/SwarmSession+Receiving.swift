import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

// What comes through the connections.
extension SwarmSession: PeerLinkOwner {
    func link(
        _ link: PeerLink, aimBehind begun: WireBlock?, _ aim: (UnsafeMutableRawPointer, Int) -> Bool
    ) {
        var last: (piece: PieceIndex, buffer: PieceBuffer)?
        brain.swarm.forEachReadTarget(from: link.connection, behind: begun) { block in
            if last?.piece != block.piece { last = pieces.buffer(of: block.piece).map { (block.piece, $0) } }
            guard let buffer = last?.buffer else { return false }
            return aim(buffer.pointer(at: Int(block.begin)), Int(block.length))
        }
    }

    func link(_ link: PeerLink, admit wire: WireBlock) -> PayloadDestination {
        switch askToAdmit(wire, from: link.connection) {
        case .accept(let block):
            // There may have been no memory for the piece, which the brain hears of in a moment.
            guard let buffer = pieces.buffer(of: block.piece) else { return .discard }
            return .slot(buffer.pointer(at: Int(block.begin)), block)
        case .discard: return .discard
        case .refuse: return .refuse
        }
    }

    func link(_ link: PeerLink, finished block: BlockRequest) {
        neighbours.tell(.block(block.onWire), isOurs: false, over: link.connection)
        tellBrain(.blockArrived(block, from: link.connection))
    }

    func link(_ link: PeerLink, discarded block: WireBlock) {
        tellBrain(.blockDiscarded(block, from: link.connection))
    }

    func linkWantsBlocks(_ link: PeerLink) { serving.read(for: link) }

    func link(_ link: PeerLink, sent block: BlockRequest) {
        neighbours.tell(.block(block.onWire), isOurs: true, over: link.connection)
        tellBrain(.blockSent(block, to: link.connection))
    }

    func link(_ link: PeerLink, keptMessagesWaiting time: Duration) {
        tellBrain(.messagesWaited(time, on: link.connection))
    }

    func completes(_ id: ConnectionID, by message: PeerMessage) -> PeerID? {
        brain.swarm.completes(id, by: message)
    }

    func completes(_ id: ConnectionID, byBitfield bytes: RawSpan) -> PeerID? {
        brain.swarm.completes(id, byBitfield: bytes)
    }

    // MARK: The end

    func link(_ link: PeerLink, ended reason: LinkEnd) {
        ended(link, reason)
        if case .contentShrank(let block) = reason, let error = content.shrunk(at: block) { failed(error) }
    }
}
