import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

// Connections: made, taken over, closed, and what comes through them.
extension SwarmSession {
    static let handshakeTimeout = Duration.seconds(20)

    func connect(_ id: ConnectionID, _ endpoint: Endpoint) {
        let ours = Handshake(infoHash: content.metainfo.infoHash, peerID: context.peerID)
        neighbours[id.packed] = Neighbour(endpoint: endpoint, isIncoming: false)
        do throws(SystemError) {
            handshakes[id.packed] = try HandshakeLink(
                to: endpoint, from: context.source, saying: ours, reactor: reactor, timeout: Self.handshakeTimeout
            ) { [weak self] result in self?.shook(id, result) }
        } catch {
            // The brain hears of it in a later iteration, as of every failed connection.
            reactor.performLater { [weak self] in
                self?.tellGone(id, .connect(error))
                self?.tellBrain(.linkClosed(id, .connectFailed))
            }
        }
    }

    private func shook(
        _ id: ConnectionID, _ result: Result<HandshakeLink.Established, HandshakeLink.Failure>
    ) {
        handshakes[id.packed] = nil
        switch result {
        case .success(let established):
            guard adopt(established.socket, as: id) != nil else {
                tellGone(id, .networkError)
                return tellBrain(.linkClosed(id, .networkError))
            }
            // People hear that it is there before they hear what is said to it.
            if askToKeep(id, established.theirs) { tellConnected(id) }
            carryOut()
        case .failure(let failure):
            tellGone(id, failure)
            var reason = CloseReason.handshakeFailed
            if case .connect = failure { reason = .connectFailed }
            tellBrain(.linkClosed(id, reason))
        }
    }

    /// Somebody connected to the node and named this torrent.
    func accept(_ socket: Descriptor, from endpoint: Endpoint, handshake: Handshake) {
        guard !isStopping else { return socket.close() }
        // Our handshake goes before all that the brain wants sent, so its effects wait until the link is there.
        let id = askToAccept(from: endpoint, handshake)
        guard let id, let link = adopt(socket, as: id) else {
            socket.close()
            guard let id else { return carryOut() }
            return tellBrain(.linkClosed(id, .networkError))
        }
        neighbours[id.packed] = Neighbour(endpoint: endpoint, isIncoming: true)
        tellConnected(id)
        var ours: [UInt8] = []
        Handshake(infoHash: content.metainfo.infoHash, peerID: context.peerID).append(to: &ours)
        link.send(encoded: ours)
        markDirty(link)
        carryOut()
    }

    private func adopt(_ socket: Descriptor, as id: ConnectionID) -> PeerLink? {
        let link = try? PeerLink(
            id: id.packed, socket: socket, owner: self, reactor: reactor, buffers: readBuffers,
            limiters: context.limiters, reader: reader)
        links[id.packed] = link
        return link
    }

    func close(_ id: ConnectionID, _ reason: CloseReason) {
        tellGone(id, reason)
        if let handshake = handshakes.removeValue(forKey: id.packed) { handshake.close() }
        guard let link = links.removeValue(forKey: id.packed) else { return }
        letGo(of: link)
        link.close()
    }

    /// The slot that a closing link was reading into is free for others.
    private func letGo(of link: PeerLink) {
        guard let block = link.receiving, let open = openPieces[block.piece.number],
            let number = content.geometry.number(of: block), open.slots[number] == .filling(link: link.id)
        else { return }
        open.slots[number] = .free
    }

    func connectToNamedPeers() {
        for peer in context.options.peers { lookUp(peer.host, peer.port, from: .user) }
    }

    /// A name that the user gave and nobody knows is looked up again after this time, then ever later.
    private static let firstLookUpPause = Duration.seconds(5)
    private static let longestLookUpPause = Duration.seconds(300)

    /// Looks up a peer that is known by name.
    func lookUp(
        _ host: String, _ port: UInt16, from source: PeerSource, pause: Duration = firstLookUpPause
    ) {
        namesLookedUp += 1
        context.resolver.resolve(host, on: reactor) { [weak self] result in
            guard let self, !isStopping else { return }
            namesLookedUp -= 1
            switch result {
            case .success(let addresses): found(addresses.map { Endpoint($0, port: port) }, from: source)
            case .failure(let error):
                guard source == .user else { return notice("peer_unknown", "\(host): \(error)", isDetail: true) }
                let isFirst = pause == Self.firstLookUpPause
                notice("peer_unknown", "\(host): \(error); trying again", isDetail: !isFirst)
                reactor.setTimer(after: pause) { [weak self] in
                    guard let self, !isStopping else { return }
                    lookUp(host, port, from: source, pause: min(pause * 2, Self.longestLookUpPause))
                }
            }
        }
    }

    /// Tells the brain of peers that we can connect to: with `--listen` on one address, those of its family.
    func found(_ endpoints: [Endpoint], from source: PeerSource) {
        let usable = context.source.map { ours in endpoints.filter { $0.address.isV4 == ours.isV4 } } ?? endpoints
        if let ours = context.source, usable.count < endpoints.count {
            let number = endpoints.count - usable.count
            let peers = "\(number) \(ours.isV4 ? "IPv6" : "IPv4") \(number == 1 ? "peer" : "peers")"
            notice("peer_family", "\(peers) left out: --listen names \(ours)", isDetail: source != .user)
        }
        if source == .user, !usable.isEmpty { named.append(UserNamedPeer(endpoints: usable)) }
        tellBrain(.peersFound(usable, from: source))
    }
}

extension SwarmSession: PeerLinkOwner {
    func link(_ link: PeerLink, received message: PeerMessage) {
        if detail > .connections { tell(message, isOurs: false, over: link.id) }
        tellBrain(.message(message, from: ConnectionID(packed: link.id)))
    }

    func link(_ link: PeerLink, receivedBitfield bytes: RawSpan) {
        tell(.bitfield, isOurs: false, over: link.id)
        tellBrain(.bitfield(bytes.array, from: ConnectionID(packed: link.id)))
    }

    func link(_ link: PeerLink, receivedExtended id: UInt8, _ payload: RawSpan) {
        // 0 is the handshake; we offer no extension, so nobody has a reason to send another id (BEP 10).
        guard id == ExtendedMessage.handshakeID, let handshake = try? ExtensionHandshake(parsing: payload) else {
            return
        }
        if let client = handshake.client { neighbours[link.id]?.client = client }
        tell(.extensionHandshake, isOurs: false, over: link.id)
        tellBrain(.extensionHandshake(handshake, from: ConnectionID(packed: link.id)))
    }

    func link(
        _ link: PeerLink, aimBehind begun: WireBlock?, _ aim: (UnsafeMutableRawPointer, Int) -> Bool
    ) {
        var last: (piece: PieceIndex, open: OpenPiece)?
        swarm.forEachExpected(from: ConnectionID(packed: link.id)) { block in
            if block.onWire == begun { return true }
            if last?.piece != block.piece { last = openPieces[block.piece.number].map { (block.piece, $0) } }
            guard let open = last?.open, let number = content.geometry.number(of: block), open.slots[number] == .free
            else { return false }
            return aim(open.pointer(of: block), Int(block.length))
        }
    }

    func link(_ link: PeerLink, admit wire: WireBlock) -> PayloadDestination {
        switch askToAdmit(wire, from: ConnectionID(packed: link.id)) {
        case .accept(let block):
            guard let open = openPieces[block.piece.number], let number = content.geometry.number(of: block),
                open.slots[number] == .free
            else { return .discard }
            open.slots[number] = .filling(link: link.id)
            return .slot(open.pointer(of: block), block)
        case .discard: return .discard
        case .refuse: return .refuse
        }
    }

    func link(_ link: PeerLink, finished block: BlockRequest) {
        if detail == .words { tell(.block(block.onWire), isOurs: false, over: link.id) }
        if let open = openPieces[block.piece.number], let number = content.geometry.number(of: block) {
            open.slots[number] = .full
        }
        tellBrain(.blockArrived(block, from: ConnectionID(packed: link.id)))
    }

    func link(_ link: PeerLink, discarded block: WireBlock) {
        tellBrain(.blockDiscarded(block, from: ConnectionID(packed: link.id)))
    }

    func link(_ link: PeerLink, sent block: BlockRequest) {
        if detail == .words { tell(.block(block.onWire), isOurs: true, over: link.id) }
        tellBrain(.blockSent(block, to: ConnectionID(packed: link.id)))
    }

    func link(_ link: PeerLink, keptMessagesWaiting time: Duration) {
        tellBrain(.messagesWaited(time, on: ConnectionID(packed: link.id)))
    }

    func link(_ link: PeerLink, ended reason: LinkEnd) {
        links[link.id] = nil
        letGo(of: link)
        let why: CloseReason =
            switch reason {
            case .closedByPeer: .remoteClosed
            case .failed: .networkError
            case .contentShrank: .networkError
            case .malformed: .protocolViolation(.malformedFrame)
            case .deaf: .idle
            }
        tellGone(ConnectionID(packed: link.id), why)
        tellBrain(.linkClosed(ConnectionID(packed: link.id), why))
        if case .contentShrank(let block) = reason, !isStopping, let error = content.shrunk(at: block) {
            delegate?.session(self, failed: error)
        }
    }
}
