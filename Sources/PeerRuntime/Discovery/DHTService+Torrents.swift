import DHTEngine
import Synchronization
import TorrentCore
import TorrentIO

/// Whoever has a torrent sought hears, on the reactor of the DHT, of peers of it.
protocol DHTSeeker: AnyObject, Sendable {
    func found(_ peers: [Endpoint], by teller: IPAddress)
    /// Nodes are there, or have been lost.
    func outlookChanged()
}

// What torrents want, from their own reactors.
extension DHTService {
    /// From now on peers of this torrent are looked for, again and again.
    func seek(_ infoHash: InfoHash, for seeker: any DHTSeeker) {
        isInUse.store(true, ordering: .releasing)
        reactor.perform { [self] in
            sought[infoHash] = seeker
            begin()
            seek(infoHash)
        }
    }

    func seek(_ infoHash: InfoHash) {
        for family in families { family.take(.seek(infoHash, family.announcement)) }
    }

    /// The torrent is short of peers.
    func hurry(_ infoHash: InfoHash) {
        reactor.perform { [self] in
            guard sought[infoHash] != nil else { return }
            for family in families { family.take(.hurry(infoHash)) }
        }
    }

    /// Tells, on the reactor of the service, when it is looked up again: nil while that happens, or is about to.
    func nextLookup(of infoHash: InfoHash, _ body: @escaping @Sendable (Moment?) -> Void) {
        reactor.perform { [self] in
            let moments = families.filter(\.isReady).map { $0.nextLookup(of: infoHash, at: reactor.now) }
            body(moments.contains(nil) ? nil : moments.compactMap(\.self).min())
        }
    }

    /// No longer; nothing happens if another one seeks it by now. Where nothing else is sought the nodes end: what goes
    /// on may be private (BEP 27).
    func forget(_ infoHash: InfoHash, for seeker: any DHTSeeker) {
        reactor.perform { [self] in
            guard sought[infoHash] === seeker else { return }
            sought[infoHash] = nil
            for family in families { family.take(.forget(infoHash)) }
            if sought.isEmpty { rest() }
        }
    }

    /// A torrent lists them (BEP 5).
    func namedByTorrent(_ nodes: [PeerAddress]) {
        reactor.perform { [self] in
            for place in nodes.prefix(Self.mostNodesATorrent) {
                strangersNames.lookUp(place) { [weak self] result in
                    switch result {
                    case .success(let endpoints): self?.named(endpoints, by: .torrent)
                    case .failure(let failure): self?.isUnknown(place, failure)
                    }
                }
            }
        }
    }

    /// Who lists more of them wants something else than that we find a way in.
    private static let mostNodesATorrent = 8

    /// Whether peers hear that there is a node here.
    var tellsPeers: Bool { !options.isReadOnly }

    /// Where our node of this family is heard; nil where there is none. From any thread.
    func port(isV4: Bool) -> UInt16? {
        guard tellsPeers else { return nil }
        return surroundings.hub.endpoints.first { $0.address.isV4 == isV4 }?.port
    }

    /// A peer that we are connected to says so (BEP 5).
    func namedByPeer(_ endpoint: Endpoint) {
        guard endpoint.port != 0 else { return }
        reactor.perform { [self] in
            guard remembered.isNews(endpoint, at: reactor.now) else { return }
            named([endpoint], by: .peer)
        }
    }
}
