import SwarmEngine
import TorrentCore
import TorrentIO

/// Whoever has connections hears what comes of them, and through them.
protocol SessionLinksOwner: PeerLinkOwner {
    /// What came of a connection that was made: called in a later iteration, unless it is closed first.
    func shook(_ id: ConnectionID, _ result: Result<HandshakeLink.Established, HandshakeLink.Failure>)
    /// A connection is not made for now: called in a later iteration as well.
    func wasPutOff(_ id: ConnectionID)
}

/// The connections of a session by their ids: handshakes under way, then links. A link that has something to say is
/// flushed once an iteration.
final class SessionLinks {
    weak var owner: (any SessionLinksOwner)?
    /// It says whether there is a node of the DHT (BEP 5).
    private(set) var ours: Handshake
    /// The local address; nil leaves it to the system.
    private let source: IPAddress?
    private let limiters: LinkLimiters
    /// Those in these networks are held to no limit; nil: all are held to them.
    private let unlimited: CurrentNetworks?
    private let reactor: Reactor
    private var reader: MessageReader
    private var handshakes: [UInt64: HandshakeLink] = [:]
    private(set) var established: [UInt64: PeerLink] = [:]
    private var dirty: [PeerLink] = []

    private static let handshakeTimeout = Duration.seconds(20)

    /// `reader` frames what comes.
    init(of infoHash: InfoHash, _ context: NodeContext, _ reactor: Reactor, reader: MessageReader) {
        ours = Handshake(
            infoHash: infoHash, peerID: context.peerID,
            reserved: context.dht?.tellsPeers == true ? [.ours, .dht] : .ours)
        source = context.source
        limiters = context.limiters
        unlimited = context.options.lan.isUnlimited ? context.networks : nil
        self.reactor = reactor
        self.reader = reader
    }

    // MARK: Beginning and ending

    /// Connects and shakes hands; the owner hears what comes of it.
    func connect(_ id: ConnectionID, to endpoint: Endpoint) {
        do throws(SystemError) {
            handshakes[id.packed] = try HandshakeLink(
                to: endpoint, from: source, saying: ours, reactor: reactor, timeout: Self.handshakeTimeout
            ) { [weak self] result in
                self?.handshakes[id.packed] = nil
                self?.owner?.shook(id, result)
            }
        } catch {
            let failure: HandshakeLink.Failure = error.isOurOwnFault ? .noWay(error) : .connect(error)
            reactor.performLater { [weak self] in self?.owner?.shook(id, .failure(failure)) }
        }
    }

    /// Makes no connection for now. Whoever is the owner then hears it in a later iteration, since a brain is never
    /// called while its wishes are carried out.
    func putOff(_ id: ConnectionID) {
        reactor.performLater { [weak self] in self?.owner?.wasPutOff(id) }
    }

    /// Takes over a connection, with what was read past its handshake. Nil if it cannot be watched: then it is closed.
    /// Where it leads says which limits it keeps to.
    func open(_ connection: HandshakeLink.Established, as id: ConnectionID, at address: IPAddress?) -> PeerLink? {
        guard let owner else {
            connection.stream.close()
            return nil
        }
        do throws(SystemError) {
            let link = try PeerLink(
                id: id.packed, stream: connection.stream, early: connection.early, owner: owner, reactor: reactor,
                buffers: reactor.readBuffers, limiters: limiters(for: address), reader: reader)
            established[id.packed] = link
            return link
        } catch {
            connection.stream.close()
            return nil
        }
    }

    private func limiters(for address: IPAddress?) -> LinkLimiters {
        guard let unlimited, let address, unlimited.contains(address, at: reactor.now) else { return limiters }
        return LinkLimiters()
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

    /// Nobody hears of our node of the DHT any more (BEP 27).
    func becamePrivate() { ours = Handshake(infoHash: ours.infoHash, peerID: ours.peerID) }

    /// All links have another owner, which has been set, and their messages are read by `reader` from now on.
    func move(reader: MessageReader) {
        guard let owner else { return }
        self.reader = reader
        for link in established.values { link.move(to: owner, reader: reader) }
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

    /// Closes a connection that somebody made to us, but says first who we are.
    func greet(_ connection: HandshakeLink.Established) { connection.close(saying: ours) }

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

    /// What still comes of the block that is being read is thrown away.
    func forgetSlot(of id: ConnectionID) { established[id.packed]?.forgetSlot() }

    /// The buffer of this piece goes: whoever is reading into it throws the rest of the block away.
    func forgetSlots(of piece: PieceIndex) {
        for link in established.values where link.receiving?.piece == piece { link.forgetSlot() }
    }
}
