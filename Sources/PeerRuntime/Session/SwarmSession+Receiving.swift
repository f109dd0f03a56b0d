import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

// What comes through the connections.
extension SwarmSession: PeerLinkOwner {
    func link(_ link: PeerLink, received message: PeerMessage) {
        neighbours.tell(message, isOurs: false, over: link.connection)
        tellBrain(.message(message, from: link.connection))
    }

    func link(_ link: PeerLink, receivedBitfield bytes: RawSpan) {
        neighbours.tell(.bitfield, isOurs: false, over: link.connection)
        tellBrain(.bitfield(bytes.array, from: link.connection))
    }

    func link(_ link: PeerLink, receivedExtended id: UInt8, _ payload: RawSpan) {
        if id == ExtendedMessage.handshakeID { return receivedExtensionHandshake(payload, from: link.connection) }
        // The ids are those of our table (BEP 10). What is malformed is let pass, like an extension that nobody knows.
        guard let row = PeerExtension(rawValue: id), let message = try? ExtensionMessage(row, parsing: payload) else {
            return
        }
        neighbours.tell(.extended(row), isOurs: false, over: link.connection)
        tellBrain(.extended(message, from: link.connection))
    }

    private func receivedExtensionHandshake(_ payload: RawSpan, from id: ConnectionID) {
        guard let handshake = try? ExtensionHandshake(parsing: payload) else { return }
        if let client = handshake.client { neighbours.introduced(id, as: client) }
        if let seen = handshake.yourAddress, let voter = neighbours.address(of: id) {
            context.shared.ourAddress.saw(seen, by: voter)
        }
        neighbours.tell(.extensionHandshake, isOurs: false, over: id)
        tellBrain(.extensionHandshake(handshake, from: id))
    }

    // MARK: Blocks

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

    func linkSentAwaited(_ link: PeerLink) { tellBrain(.metadataSent(to: link.connection)) }

    func link(_ link: PeerLink, keptMessagesWaiting time: Duration) {
        tellBrain(.messagesWaited(time, on: link.connection))
    }

    // MARK: The end

    func link(_ link: PeerLink, ended reason: LinkEnd) {
        links.forget(link)
        let why: CloseReason =
            switch reason {
            case .closedByPeer: .remoteClosed
            case .failed: .networkError
            case .contentShrank: .networkError
            case .malformed: .protocolViolation(.malformedFrame)
            case .deaf: .idle
            }
        ended(link.connection, why)
        if case .contentShrank(let block) = reason, let error = content.shrunk(at: block) { failed(error) }
    }
}
