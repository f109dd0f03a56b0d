import SwarmEngine
import TorrentCore
import TorrentIO

/// The connections of a session by their ids: handshakes under way, then links. A link that has something to say is
/// flushed once an iteration.
final class SessionLinks {
    private let ours: Handshake
    /// The local address; nil leaves it to the system.
    private let source: IPAddress?
    private let limiters: LinkLimiters
    private let reactor: Reactor
    private let reader: MessageReader
    private var handshakes: [UInt64: HandshakeLink] = [:]
    private(set) var established: [UInt64: PeerLink] = [:]
    private var dirty: [PeerLink] = []

    private static let handshakeTimeout = Duration.seconds(20)

    init(_ content: TorrentContent, _ context: NodeContext, _ reactor: Reactor) {
        ours = Handshake(infoHash: content.metainfo.infoHash, peerID: context.peerID)
        source = context.source
        limiters = context.limiters
        self.reactor = reactor
        reader = MessageReader(pieceCount: content.geometry.pieceCount)
    }

    // MARK: Beginning and ending

    /// Connects and shakes hands. `completion` is called in a later iteration, unless `close` comes first.
    func connect(_ id: ConnectionID, to endpoint: Endpoint, completion: @escaping HandshakeLink.Completion) {
        do throws(SystemError) {
            handshakes[id.packed] = try HandshakeLink(
                to: endpoint, from: source, saying: ours, reactor: reactor, timeout: Self.handshakeTimeout
            ) { [weak self] result in
                self?.handshakes[id.packed] = nil
                completion(result)
            }
        } catch {
            reactor.performLater { completion(.failure(.connect(error))) }
        }
    }

    /// Takes over a connection, with what was read past its handshake. Nil if it cannot be watched: then it is closed.
    func open(
        _ connection: HandshakeLink.Established, as id: ConnectionID, owner: any PeerLinkOwner
    ) -> PeerLink? {
        do throws(SystemError) {
            let link = try PeerLink(
                id: id.packed, stream: connection.stream, early: connection.early, owner: owner, reactor: reactor,
                buffers: reactor.readBuffers, limiters: limiters, reader: reader)
            established[id.packed] = link
            return link
        } catch {
            connection.stream.close()
            return nil
        }
    }

    /// The link has ended by itself.
    func forget(_ link: PeerLink) { established[link.id] = nil }

    func close(_ id: ConnectionID) {
        if let handshake = handshakes.removeValue(forKey: id.packed) { handshake.close() }
        if let link = established.removeValue(forKey: id.packed) { link.close() }
    }

    func closeAll() {
        for link in established.values { link.close() }
        for handshake in handshakes.values { handshake.close() }
        established = [:]
        handshakes = [:]
    }

    /// The rate limits are others now.
    func limitsChanged() {
        for link in established.values { link.limitsChanged() }
    }

    // MARK: Sending

    /// Nothing happens if there is no such link any more.
    func send(to id: ConnectionID, _ body: (PeerLink) -> Void) {
        guard let link = established[id.packed] else { return }
        body(link)
        markDirty(link)
    }

    /// Answers somebody who connected to us.
    func sendHandshake(over link: PeerLink) {
        var bytes: [UInt8] = []
        ours.append(to: &bytes)
        link.send(encoded: bytes)
        markDirty(link)
    }

    private func markDirty(_ link: PeerLink) {
        guard !link.isDirty else { return }
        link.isDirty = true
        dirty.append(link)
    }

    /// At the end of the iteration. What becomes dirty meanwhile is flushed in the next one.
    func flush() {
        let flushing = dirty
        dirty.removeAll(keepingCapacity: true)
        for link in flushing {
            link.isDirty = false
            link.flush()
        }
    }

    // MARK: Receiving

    /// The buffer of this piece goes: whoever is reading into it throws the rest of the block away.
    func forgetSlots(of piece: PieceIndex) {
        for link in established.values where link.receiving?.piece == piece { link.forgetSlot() }
    }
}
