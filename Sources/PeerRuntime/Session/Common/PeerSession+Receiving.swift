import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

// What comes through the connections, whatever is fetched.
extension PeerSession {
    func link(_ link: PeerLink, received message: PeerMessage) {
        neighbours.tell(message, isOurs: false, over: link.connection)
        if let peer = completes(link.connection, by: message) {
            hasEverything(link, peer, fromStart: message == .haveAll)
        }
        if case .port(let port) = message, let address = neighbours.addressOfNode(of: link.connection) {
            dht.peerHasNode(at: Endpoint(address, port: port))
        }
        tellBrain(.message(message, from: link.connection))
    }

    func link(_ link: PeerLink, receivedBitfield bytes: RawSpan) {
        neighbours.tell(.bitfield(bytes.setBits), isOurs: false, over: link.connection)
        if let peer = completes(link.connection, byBitfield: bytes) { hasEverything(link, peer, fromStart: true) }
        tellBrain(.bitfield(bytes.array, from: link.connection))
    }

    /// Told before the brain hears of it: a seed leaves such a peer at once. What left for it has come, and is counted
    /// now, since a link that is closed while effects are carried out can tell the brain nothing any more.
    private func hasEverything(_ link: PeerLink, _ peer: PeerID, fromStart: Bool) {
        link.blocksHaveArrived()
        neighbours.complete(link.connection, peer, fromStart: fromStart)
    }

    func link(_ link: PeerLink, receivedExtended id: UInt8, _ payload: RawSpan) {
        if id == ExtendedMessage.handshakeID { return receivedExtensionHandshake(payload, from: link.connection) }
        // The ids are those of our table (BEP 10). What is malformed is let pass, like an extension that nobody knows.
        guard let row = PeerExtension(rawValue: id) else { return }
        if row == .metadata {
            guard let (message, bytes) = try? MetadataMessage.parse(payload) else { return }
            neighbours.tell(.extended(.metadata(message)), isOurs: false, over: link.connection)
            return heard(message, payload.extracting(bytes), from: link.connection)
        }
        guard let message = try? ExtensionMessage(row, parsing: payload) else { return }
        neighbours.tell(.extended(message), isOurs: false, over: link.connection)
        tellBrain(.extended(message, from: link.connection))
    }

    func linkSentAwaited(_ link: PeerLink) { tellBrain(.metadataSent(to: link.connection)) }

    private func receivedExtensionHandshake(_ payload: RawSpan, from id: ConnectionID) {
        guard let handshake = try? ExtensionHandshake(parsing: payload) else { return }
        if let client = handshake.client { neighbours.introduced(id, as: client) }
        if let seen = handshake.yourAddress, let voter = neighbours.address(of: id) {
            context.shared.ourAddress.saw(seen, by: voter, at: reactor.now)
        }
        neighbours.tell(.extensionHandshake(handshake), isOurs: false, over: id)
        tellBrain(.extensionHandshake(handshake, from: id))
    }

    /// The bytes of a block are of no use to whoever has the metadata.
    func heard(_ message: MetadataMessage, _ bytes: RawSpan, from id: ConnectionID) {
        tellBrain(.extended(.metadata(message), from: id))
    }

    /// Nobody knows yet how much there is to have.
    func completes(_ id: ConnectionID, by message: PeerMessage) -> PeerID? { nil }
    func completes(_ id: ConnectionID, byBitfield bytes: RawSpan) -> PeerID? { nil }
}

extension RawSpan {
    /// How many bits are set: pieces, in a bitfield.
    fileprivate var setBits: Int { (0..<byteCount).reduce(0) { $0 + uint8(at: $1).nonzeroBitCount } }
}
