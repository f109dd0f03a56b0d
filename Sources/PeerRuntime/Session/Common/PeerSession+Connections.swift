import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

// Connections: made, taken over and ended, and the addresses that they are made to.
extension PeerSession {
    func connect(_ id: ConnectionID, _ endpoint: Endpoint) {
        let origin = source(of: id).map { PeerOrigin($0) }
        var neighbour = Neighbour(endpoint: endpoint, isIncoming: false, origin: origin)
        if isUnproven(id) {
            neighbour.attempt = context.shared.attempts.begin(at: endpoint.address, at: reactor.now)
            guard neighbour.attempt != nil else {
                return links.putOff(id)
            }
        }
        neighbours.begin(id, neighbour)
        links.connect(id, to: endpoint)
    }

    func shook(_ id: ConnectionID, _ result: Result<HandshakeLink.Established, HandshakeLink.Failure>) {
        switch result {
        case .success(let established):
            neighbours.answered(id)
            guard links.open(established, as: id, at: neighbours.address(of: id)) != nil else {
                return ended(id, .networkError)
            }
            // People hear that it is there before they hear what is said to it.
            if askToKeep(id, established.theirs) {
                neighbours.connected(id, at: reactor.now)
                neighbours.tell(.handshake(links.ours), isOurs: true, over: id)
                neighbours.tell(.handshake(established.theirs), isOurs: false, over: id)
            }
            carryOut()
            tellOfNode(id, established.theirs)
        case .failure(let failure):
            neighbours.gone(id, failure, at: reactor.now)
            let reason: CloseReason =
                switch failure {
                case .noWay: .noWay
                case .connect: .connectFailed
                case .timeout, .dropped, .malformed: .handshakeFailed
                }
            tellBrain(.linkClosed(id, reason))
        }
    }

    func wasPutOff(_ id: ConnectionID) { tellBrain(.linkClosed(id, .putOff)) }

    /// Somebody connected to the node and named this torrent.
    func accept(_ established: HandshakeLink.Established, from endpoint: Endpoint) {
        guard !isStopping else { return established.stream.close() }
        // Our handshake goes before all that the brain wants sent, so its effects wait until the link is there.
        guard let id = askToAccept(from: endpoint, established.theirs) else {
            greets(established.theirs, from: endpoint) ? links.greet(established) : established.stream.close()
            return carryOut()
        }
        guard let link = links.open(established, as: id, at: endpoint.address) else {
            return tellBrain(.linkClosed(id, .networkError))
        }
        neighbours.begin(id, Neighbour(endpoint: endpoint, isIncoming: true, origin: .incoming))
        neighbours.connected(id, at: reactor.now)
        neighbours.tell(.handshake(established.theirs), isOurs: false, over: id)
        neighbours.tell(.handshake(links.ours), isOurs: true, over: id)
        links.sendHandshake(over: link)
        carryOut()
        tellOfNode(id, established.theirs)
    }

    /// Where our node of the DHT is, for peers that have one, of the family that they reach us by (BEP 5, BEP 32).
    /// Nothing happens if the brain has closed the connection.
    private func tellOfNode(_ id: ConnectionID, _ theirs: Handshake) {
        guard theirs.reserved.contains(.dht), let endpoint = neighbours.endpoint(of: id),
            let port = dht.port(for: endpoint)
        else { return }
        links.send(to: id) { link in
            neighbours.tell(.port(port), isOurs: true, over: id)
            link.send(.port(port))
        }
    }

    /// The brain wants no more of it.
    func close(_ id: ConnectionID, _ reason: CloseReason) {
        neighbours.gone(id, reason, at: reactor.now, isFetching: isFetching)
        links.close(id)
    }

    /// A connection has ended by itself.
    func ended(_ id: ConnectionID, _ reason: CloseReason) {
        neighbours.gone(id, reason, at: reactor.now, isFetching: isFetching)
        tellBrain(.linkClosed(id, reason))
    }

    /// The same of one whose link stands.
    func ended(_ link: PeerLink, _ end: LinkEnd) {
        links.forget(link)
        let why: CloseReason =
            switch end {
            case .closedByPeer: .remoteClosed
            case .failed: .networkError
            case .contentShrank: .networkError
            case .malformed: .protocolViolation(.malformedFrame)
            case .deaf: .idle
            }
        ended(link.connection, why)
    }

    /// Tells the brain of peers that we can connect to: with `--listen` on one address, those of its family. `teller`
    /// is the tracker that told of them.
    func found(_ endpoints: [Endpoint], from source: PeerSource, by teller: IPAddress?) {
        let usable = context.source.map { ours in endpoints.filter { $0.address.isV4 == ours.isV4 } } ?? endpoints
        if let ours = context.source, usable.count < endpoints.count {
            let number = endpoints.count - usable.count
            let peers = "\(number) \(ours.isV4 ? "IPv6" : "IPv4") \(number == 1 ? "peer" : "peers")"
            notice("peer_family", "\(peers) left out: --listen names \(ours)", isDetail: !source.isNamed)
        }
        if source.isNamed, !usable.isEmpty { neighbours.userNamed(usable) }
        tellBrain(.peersFound(usable, from: source, by: teller))
    }
}

extension PeerSession {
    /// The world sees us at another address than before.
    func theySeeUs(at address: IPAddress) {
        reactor.perform { [weak self] in
            guard let self, !isStopping else { return }
            tellBrain(.externalAddress(address))
        }
    }
}

// What trackers say.
extension PeerSession {
    func answered(_ tracker: TrackerIndex, _ answer: AnnounceAnswer) {
        let response = answer.response
        // How the tracker sees us (BEP 24).
        if let address = response.externalAddress {
            context.shared.ourAddress.saw(address, by: answer.address, at: reactor.now)
        }
        tellBrain(.announceAnswered(tracker, interval: response.interval, minimum: response.minInterval))
        found(response.peers, from: .tracker, by: answer.address)
        for peer in response.namedPeers {
            lookups.lookUp(peer.host, peer.port, of: tracker, by: answer.address)
        }
    }

    func failed(_ tracker: TrackerIndex, _ failure: AnnounceFailure) {
        tellBrain(.announceFailed(tracker, retryIn: failure.retryIn, isFinal: failure.isFinal))
    }
}
