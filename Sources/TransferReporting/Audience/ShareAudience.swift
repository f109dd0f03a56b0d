package import PeerEvents
package import TorrentCore

/// Those who fetch what is shared here: who they are, how far each is, and how many have everything. Pure.
///
/// One is known by its peer id. That it has everything is told by itself, or by its announce at the tracker of this
/// process; it counts once, also if it leaves at once.
package struct Audience: Sendable {
    /// What has changed.
    package enum News: Sendable, Equatable {
        /// Somebody has come.
        case came(InfoHash, Fetcher)
        /// It has got further.
        case moved(InfoHash, Fetcher)
        /// It has left before it had everything.
        case left(InfoHash, Fetcher)
        /// It has everything: so many have by now.
        case finished(InfoHash, Fetcher, count: Int)
        /// All who are there have everything.
        case allHave(InfoHash, count: Int)
    }

    /// A torrent that is shared.
    struct Shared: Sendable {
        let infoHash: InfoHash
        let name: String
        let pieces: Int
        /// In the order in which they came.
        var fetchers: [Fetcher] = []
        /// How many have everything, those included that are not listed any more.
        var finished = 0
    }

    var torrents: [Shared] = []
    /// What announces call those who have not connected yet, the latest last.
    private var names: [(id: PeerID, name: String)] = []
    /// How many are waited for; nil where nobody is.
    package let wanted: Int?

    /// Most that are listed, or that a name is kept of.
    private static let mostFetchers = 1_000

    package init(wanted: Int? = nil) {
        self.wanted = wanted
    }

    /// Names a torrent, before anything is said of it.
    package mutating func add(_ infoHash: InfoHash, name: String, pieces: Int) {
        torrents.append(Shared(infoHash: infoHash, name: name, pieces: pieces))
    }

    /// How many have everything, of the torrent of which the fewest do.
    package var finished: Int { torrents.map(\.finished).min() ?? 0 }

    /// As many as are waited for have everything.
    package var isSatisfied: Bool { wanted.map { finished >= $0 } ?? false }

    // MARK: What is heard

    /// Those who are connected to a torrent now.
    package mutating func see(_ peers: [PeerFigures], of infoHash: InfoHash) -> [News] {
        guard let place = torrents.firstIndex(where: { $0.infoHash == infoHash }) else { return [] }
        var news: [News] = []
        let before = torrents[place].fetchers
        for position in torrents[place].fetchers.indices { torrents[place].fetchers[position].isConnected = false }
        for peer in peers {
            guard let id = peer.id, let position = position(of: id, at: peer.endpoint, in: place) else { continue }
            torrents[place].fetchers[position].take(peer)
            if peer.isSeed { news += finish(id, at: peer.endpoint, in: place, cameWithAll: false) }
        }
        for fetcher in torrents[place].fetchers where !fetcher.hasEverything {
            let old = before.first { $0.id == fetcher.id }
            switch (old?.isConnected ?? false, fetcher.isConnected) {
            case (false, true): news.append(.came(infoHash, fetcher))
            case (true, false): news.append(.left(infoHash, fetcher))
            case (true, true) where fetcher.havePieces != old?.havePieces: news.append(.moved(infoHash, fetcher))
            default: break
            }
        }
        return news
    }

    /// Somebody says that it has everything now.
    package mutating func hear(_ news: PeerNews, of infoHash: InfoHash) -> [News] {
        guard case .hasEverything(let id, let fromStart) = news.kind,
            let place = torrents.firstIndex(where: { $0.infoHash == infoHash })
        else { return [] }
        return finish(id, at: news.endpoint, in: place, cameWithAll: fromStart)
    }

    /// Somebody has announced itself at the tracker of this process, from this address.
    package mutating func hear(_ announce: AnnounceRequest, from address: IPAddress) -> [News] {
        guard let place = torrents.firstIndex(where: { $0.infoHash == announce.infoHash }) else { return [] }
        let endpoint = Endpoint(address, port: announce.port)
        if let name = announce.name { learn(name, of: announce.peerID) }
        guard announce.event == .completed || announce.left == 0 && announce.event != .stopped else { return [] }
        return finish(announce.peerID, at: endpoint, in: place, cameWithAll: announce.event != .completed)
    }

    private mutating func learn(_ name: String, of id: PeerID) {
        names.removeAll { $0.id == id }
        if names.count >= Self.mostFetchers { names.removeFirst() }
        names.append((id, name))
        for place in torrents.indices {
            if let position = torrents[place].fetchers.firstIndex(where: { $0.id == id }) {
                torrents[place].fetchers[position].name = name
            }
        }
    }

    /// Nil if there are too many already.
    private mutating func position(of id: PeerID, at endpoint: Endpoint, in place: Int) -> Int? {
        if let known = torrents[place].fetchers.firstIndex(where: { $0.id == id }) { return known }
        if torrents[place].fetchers.count >= Self.mostFetchers {
            guard let gone = torrents[place].fetchers.firstIndex(where: { !$0.isConnected }) else { return nil }
            torrents[place].fetchers.remove(at: gone)
        }
        let name = names.last { $0.id == id }?.name
        torrents[place].fetchers.append(Fetcher(id, at: endpoint, name: name))
        return torrents[place].fetchers.count - 1
    }

    /// Counts it, once. `cameWithAll`: it never lacked anything here. Then it is the same as one from its address that
    /// has been counted: a program that was started again.
    private mutating func finish(
        _ id: PeerID, at endpoint: Endpoint, in place: Int, cameWithAll: Bool
    ) -> [News] {
        let fetchers = torrents[place].fetchers
        let isKnown = fetchers.contains { $0.id == id }
        if cameWithAll, !isKnown, fetchers.contains(where: { $0.hasEverything && $0.isAt(endpoint.address) }) {
            return []
        }
        guard let position = position(of: id, at: endpoint, in: place),
            !torrents[place].fetchers[position].hasEverything
        else { return [] }
        torrents[place].fetchers[position].hasEverything = true
        torrents[place].fetchers[position].havePieces = torrents[place].pieces
        torrents[place].finished += 1
        let shared = torrents[place]
        var news: [News] = [.finished(shared.infoHash, shared.fetchers[position], count: shared.finished)]
        if !shared.fetchers.contains(where: { $0.isConnected && !$0.hasEverything }) {
            news.append(.allHave(shared.infoHash, count: shared.finished))
        }
        return news
    }
}

extension Fetcher {
    fileprivate func isAt(_ address: IPAddress) -> Bool { endpoint.address == address }

    fileprivate mutating func take(_ peer: PeerFigures) {
        endpoint = peer.endpoint
        client = peer.client ?? client
        havePieces = max(havePieces, peer.havePieces)
        rate = peer.given.rate
        isConnected = true
    }
}
