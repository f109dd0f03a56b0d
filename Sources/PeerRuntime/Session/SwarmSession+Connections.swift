import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

// Connections: made, taken over and ended, and the addresses that they are made to.
extension SwarmSession {
    func connect(_ id: ConnectionID, _ endpoint: Endpoint) {
        let origin = brain.swarm.source(of: id).map { PeerOrigin($0) }
        neighbours.begin(id, Neighbour(endpoint: endpoint, isIncoming: false, origin: origin))
        links.connect(id, to: endpoint) { [weak self] result in self?.shook(id, result) }
    }

    private func shook(_ id: ConnectionID, _ result: Result<HandshakeLink.Established, HandshakeLink.Failure>) {
        switch result {
        case .success(let established):
            guard links.open(established, as: id, owner: self) != nil else {
                return ended(id, .networkError)
            }
            // People hear that it is there before they hear what is said to it.
            if askToKeep(id, established.theirs) { neighbours.connected(id, at: reactor.now) }
            carryOut()
        case .failure(let failure):
            neighbours.gone(id, failure)
            var reason = CloseReason.handshakeFailed
            if case .connect = failure { reason = .connectFailed }
            tellBrain(.linkClosed(id, reason))
        }
    }

    /// Somebody connected to the node and named this torrent.
    func accept(_ established: HandshakeLink.Established, from endpoint: Endpoint) {
        guard !isStopping else { return established.stream.close() }
        // Our handshake goes before all that the brain wants sent, so its effects wait until the link is there.
        guard let id = askToAccept(from: endpoint, established.theirs) else {
            established.stream.close()
            return carryOut()
        }
        guard let link = links.open(established, as: id, owner: self) else {
            return tellBrain(.linkClosed(id, .networkError))
        }
        neighbours.begin(id, Neighbour(endpoint: endpoint, isIncoming: true, origin: .incoming))
        neighbours.connected(id, at: reactor.now)
        links.sendHandshake(over: link)
        carryOut()
    }

    /// A connection has ended by itself.
    func ended(_ id: ConnectionID, _ reason: CloseReason) {
        neighbours.gone(id, reason, at: reactor.now, isFetching: brain.swarm.isFetching)
        tellBrain(.linkClosed(id, reason))
    }

    /// Tells the brain of peers that we can connect to: with `--listen` on one address, those of its family. `teller`
    /// is the tracker that told of them.
    func found(_ endpoints: [Endpoint], from source: PeerSource, by teller: IPAddress?) {
        let usable = context.source.map { ours in endpoints.filter { $0.address.isV4 == ours.isV4 } } ?? endpoints
        if let ours = context.source, usable.count < endpoints.count {
            let number = endpoints.count - usable.count
            let peers = "\(number) \(ours.isV4 ? "IPv6" : "IPv4") \(number == 1 ? "peer" : "peers")"
            notice("peer_family", "\(peers) left out: --listen names \(ours)", isDetail: source != .user)
        }
        if source == .user, !usable.isEmpty { neighbours.userNamed(usable) }
        tellBrain(.peersFound(usable, from: source, by: teller))
    }
}
