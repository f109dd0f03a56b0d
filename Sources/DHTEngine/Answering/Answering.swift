package import TorrentCore

/// Answers what others ask (BEP 5, 32, 43, 44 and 51), and keeps for them what they announce and give.
///
/// Nobody is told more than fits into one datagram, asked twice for the same, or answered more often than the limits
/// say; everything that is kept is bounded in number, in time, and in the share of who gave it.
package struct Answering: ~Copyable {
    private let configuration: DHTConfiguration
    private let tokens: AnnounceTokens
    private var sources: SourceLimiter
    /// Bytes to those who have not shown that they are where they say: whoever writes another's address on his
    /// questions has the answers sent there.
    private var unproven: Allowance
    private var peers: KeptPeers
    private var items: KeptItems
    private var samples = InfohashSample()
    private var generator: SplitMix64

    package init(_ configuration: DHTConfiguration) {
        self.configuration = configuration
        let (limits, secret) = (configuration.limits, configuration.secret)
        tokens = AnnounceTokens(secret: secret)
        sources = SourceLimiter(limits, secret: secret)
        unproven = Allowance(aSecond: limits.unprovenBytesASecond)
        peers = KeptPeers(limits, secret: secret)
        items = KeptItems(configuration)
        generator = SplitMix64(seed: KeyedHash(secret: secret, purpose: "lots")(configuration.seed))
    }

    // MARK: Figures and deadlines

    /// Torrents of which peers are kept.
    package var keptTorrents: Int { peers.torrentCount }
    /// Peers that are kept, of all torrents.
    package var keptPeers: Int { peers.peerCount }
    /// Items that are kept (BEP 44).
    package var keptItems: Int { items.count }
    /// Bytes that the items take.
    package var itemBytes: Int { items.bytes }

    /// When `expire` has something to do.
    package var nextDeadline: Moment { min(peers.nextDeadline, items.nextDeadline) }

    /// Forgets what is over.
    package mutating func expire(at now: Moment) {
        peers.expire(at: now)
        items.expire(at: now)
    }

    // MARK: Answers

    /// Whether a datagram of this address is worth reading: to be asked before anything else.
    package mutating func admits(_ address: IPAddress, at now: Moment) -> Bool {
        sources.admits(address, at: now)
    }

    /// The datagram that answers a question; nil if it stays unanswered. `closest` and `beside` give the good nodes
    /// that are closest to a place, of our family and of the other one. `isProven`: we know that the asking node is
    /// where it says, since it has answered us from there.
    package mutating func answer(
        _ query: KRPCQuery, from sender: Endpoint, as ourID: NodeID, isProven: Bool,
        closest: (NodeID) -> [DHTContact], beside: (NodeID) -> [DHTContact] = { _ in [] }, at now: Moment
    ) -> [UInt8]? {
        guard !configuration.isReadOnly else { return nil }
        var response = KRPCResponse(transaction: query.transaction, sender: ourID)
        // BEP 42.
        response.seenAt = sender
        do throws(KRPCFailure) {
            if let place = try answer(query, from: sender, as: ourID, into: &response, at: now) {
                let isOurFamily = configuration.isV4
                let wants = query.wants.isEmpty ? (isOurFamily ? .v4 : .v6) : query.wants
                if wants.contains(.v4) { response.nodes = (isOurFamily ? closest(place) : beside(place)) }
                if wants.contains(.v6) { response.nodes6 = (isOurFamily ? beside(place) : closest(place)) }
            }
        } catch {
            return send(error.encoded(), isProven: isProven, at: now)
        }
        return send(response.encoded(limit: configuration.limits.datagramBytes), isProven: isProven, at: now)
    }

    /// The same for what could not be read as a question; nil for most of it.
    package mutating func answer(_ error: KRPCError, isProven: Bool, at now: Moment) -> [UInt8]? {
        guard !configuration.isReadOnly, let failure = error.failure else { return nil }
        return send(failure.encoded(), isProven: isProven, at: now)
    }

    private mutating func send(_ datagram: [UInt8], isProven: Bool, at now: Moment) -> [UInt8]? {
        isProven || unproven.take(datagram.count, at: now) ? datagram : nil
    }

    // MARK: Methods

    /// Peers of one answer that are drawn; fewer may have room in it.
    private static let peersAnAnswer = 100

    /// Fills in what was asked for. Gives the place whose closest nodes are to be told, if any; throws a refusal.
    private mutating func answer(
        _ query: KRPCQuery, from sender: Endpoint, as ourID: NodeID, into response: inout KRPCResponse, at now: Moment
    ) throws(KRPCFailure) -> NodeID? {
        switch query.method {
        case .ping: return nil
        case .findNode(let target): return target
        case .getPeers(let infoHash):
            response.token = tokens.token(for: sender.address, at: now)
            response.values = peers.peers(of: infoHash, limit: Self.peersAnAnswer, using: &generator, at: now)
            return NodeID(infoHash)
        case .announcePeer(let infoHash, let port, let impliesPort, let token):
            try check(token, of: sender, query, at: now)
            let peer = Endpoint(sender.address, port: impliesPort ? sender.port : port)
            guard peer.port != 0, peers.keep(peer, of: infoHash, near: ourID, at: now) else {
                throw KRPCFailure(.serverError, transaction: query.transaction, "no room")
            }
            return nil
        case .get(let target, let newerThan):
            response.token = tokens.token(for: sender.address, at: now)
            guard let item = items.item(at: target, now) else { return target }
            response.sequence = item.signature?.sequence
            if let sequence = response.sequence, let newerThan, sequence <= newerThan { return target }
            response.item = item
            return target
        case .put(let item, let replaced, let token):
            try check(token, of: sender, query, at: now)
            do throws(KeptItems.Refusal) {
                try items.keep(item, replacing: replaced, from: sender.address, near: ourID, at: now)
            } catch {
                throw KRPCFailure(error.code, transaction: query.transaction, error.reason)
            }
            return nil
        case .sampleInfohashes(let target):
            let told = samples.tell(of: peers, using: &generator, at: now)
            (response.samples, response.sampleInterval) = (told.torrents, told.seconds)
            response.sampleCount = peers.torrentCount
            return target
        case .unknown(let target?): return target
        case .unknown(nil): throw KRPCFailure(.methodUnknown, transaction: query.transaction, "unknown method")
        }
    }

    private func check(
        _ token: [UInt8], of sender: Endpoint, _ query: KRPCQuery, at now: Moment
    ) throws(KRPCFailure) {
        guard tokens.accepts(token, from: sender.address, at: now) else {
            throw KRPCFailure(.protocolError, transaction: query.transaction, "bad token")
        }
    }
}
