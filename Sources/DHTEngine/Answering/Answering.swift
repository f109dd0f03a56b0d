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
    private var unproven: UnprovenBytes
    private var peers: KeptPeers
    private var items: KeptItems
    private var samples = InfohashSample()
    private var generator: SplitMix64

    package init(_ configuration: DHTConfiguration) {
        self.configuration = configuration
        let (limits, secret) = (configuration.limits, configuration.secret)
        tokens = AnnounceTokens(secret: secret)
        sources = SourceLimiter(limits, secret: secret)
        unproven = UnprovenBytes(aSecond: limits.unprovenBytesASecond, secret: secret)
        peers = KeptPeers(limits, secret: secret)
        items = KeptItems(configuration)
        generator = SplitMix64(seed: SipHash(secret: secret, purpose: "lots").hash(configuration.seed, 0, 0))
    }

    // MARK: Figures and deadlines

    /// What is kept for others.
    package var kept: DHTFigures.Kept {
        var kept = DHTFigures.Kept()
        (kept.torrents, kept.peers) = (peers.torrentCount, peers.peerCount)
        (kept.items, kept.itemBytes) = (items.count, items.bytes)
        return kept
    }

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
        announced = nil
        guard !configuration.isReadOnly else { return nil }
        var response = KRPCResponse(transaction: query.transaction, sender: ourID)
        // BEP 42.
        response.seenAt = sender
        let limit = configuration.limits.datagramBytes
        do throws(KRPCFailure) {
            if let place = try answer(query, from: sender, as: ourID, into: &response, closest, at: now) {
                let told = { (nodes: [DHTContact]) in
                    nodes.filter { $0.endpoint.address.means(somethingTo: sender.address) }
                }
                let isOurFamily = configuration.isV4
                let wants = query.wants.isEmpty ? (isOurFamily ? .v4 : .v6) : query.wants
                if wants.contains(.v4) { response.nodes = told(isOurFamily ? closest(place) : beside(place)) }
                if wants.contains(.v6) { response.nodes6 = told(isOurFamily ? beside(place) : closest(place)) }
            }
        } catch {
            return send(error.encoded(), to: sender, isProven: isProven, at: now)
        }
        let whole = response.encoded(limit: limit)
        // Whoever shows a token that was sent to him is where he says.
        let isProven = isProven || query.method.hasToken
        if isProven || unproven.take(whole.count, for: sender.address, isLong: true, at: now) { return whole }
        response.shorten(keepsV4: configuration.isV4)
        return send(response.encoded(limit: limit), to: sender, isProven: false, at: now)
    }

    /// The same for what could not be read as a question; nil for most of it.
    package mutating func answer(
        _ error: KRPCError, from sender: Endpoint, isProven: Bool, at now: Moment
    ) -> [UInt8]? {
        guard !configuration.isReadOnly, let failure = error.failure else { return nil }
        return send(failure.encoded(), to: sender, isProven: isProven, at: now)
    }

    private mutating func send(
        _ datagram: [UInt8], to sender: Endpoint, isProven: Bool, at now: Moment
    ) -> [UInt8]? {
        let isAllowed = isProven || unproven.take(datagram.count, for: sender.address, isLong: false, at: now)
        return isAllowed ? datagram : nil
    }

    /// What the question that was answered last announced, if that was taken.
    package private(set) var announced: (infoHash: InfoHash, peer: Endpoint)?

    /// Some of the peers that are kept of this torrent.
    package mutating func kept(of infoHash: InfoHash, limit: Int, at now: Moment) -> [Endpoint] {
        peers.peers(of: infoHash, for: nil, limit: limit, using: &generator, at: now)
    }

    // MARK: Methods

    /// Peers of one answer that are drawn; fewer may have room in it.
    private static let peersAnAnswer = 100

    /// Fills in what was asked for. Gives the place whose closest nodes are to be told, if any; throws a refusal.
    private mutating func answer(
        _ query: KRPCQuery, from sender: Endpoint, as ourID: NodeID, into response: inout KRPCResponse,
        _ closest: (NodeID) -> [DHTContact], at now: Moment
    ) throws(KRPCFailure) -> NodeID? {
        switch query.method {
        case .ping: return nil
        case .findNode(let target): return target
        case .getPeers(let infoHash):
            response.token = tokens.token(for: sender.address, at: now)
            response.values = peers.peers(
                of: infoHash, for: sender.address, limit: Self.peersAnAnswer, using: &generator, at: now)
            return NodeID(infoHash)
        case .announcePeer(let infoHash, let port, let impliesPort, let token):
            try check(token, of: sender, query, at: now)
            let peer = Endpoint(sender.address, port: impliesPort ? sender.port : port)
            let isKept =
                peer.port != 0
                && peers.keep(peer, of: infoHash, in: Neighbourhood(of: ourID, among: closest(ourID)), at: now)
            guard isKept else {
                throw KRPCFailure(.serverError, transaction: query.transaction, "no room")
            }
            announced = (infoHash, peer)
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
                try items.keep(
                    item, replacing: replaced, from: sender.address,
                    in: Neighbourhood(of: ourID, among: closest(ourID)), at: now)
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

extension KRPCQuery.Method {
    /// Whether it was answered only because it had a good token.
    fileprivate var hasToken: Bool {
        switch self {
        case .announcePeer, .put: true
        case .ping, .findNode, .getPeers, .get, .sampleInfohashes, .unknown: false
        }
    }
}

extension KRPCResponse {
    /// Peers that are enough to begin with: each knows others.
    private static let peersOfShortAnswer = 8

    /// Leaves out what can be asked for again, or elsewhere.
    fileprivate mutating func shorten(keepsV4: Bool) {
        if values.count > Self.peersOfShortAnswer { values.removeSubrange(Self.peersOfShortAnswer...) }
        (item, sequence) = (nil, nil)
        (samples, sampleCount, sampleInterval) = (nil, nil, nil)
        if nodes != nil, nodes6 != nil { if keepsV4 { nodes6 = nil } else { nodes = nil } }
    }
}
