package import PeerEvents
package import TorrentCore

/// Those who fetch what is shared here: who they are, how far each is, and how many have everything. Pure.
///
/// One is known by its peer id. That it has everything is told by itself, or by its announce at the tracker of this
/// process; it counts once, also if it leaves at once. Anybody can announce anything, so of those who were never
/// connected to us a few count for each address.
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
        /// In the order in which they came; who is gone makes room when there are many.
        var fetchers: [Fetcher] = []
        /// All who have everything, for good: nobody is counted twice.
        var owners: Set<PeerID> = []
        /// Where they are.
        var addresses: Set<IPAddress> = []
        /// How many of them the tracker alone has told of, by their networks.
        var unseen: [AddressBlock: Int] = [:]

        var finished: Int { owners.count }
    }

    var torrents: [Shared] = []
    /// What announces call those who have not connected yet, the latest last.
    private var names: [(id: PeerID, name: String)] = []
    /// How many are waited for; nil where nobody is.
    package let wanted: Int?

    /// Most that are listed, or that a name is kept of.
    private static let mostFetchers = 1_000
    /// Most that are counted: more cannot be waited for.
    package static let mostOwners = 100_000

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
        for position in torrents[place].fetchers.indices { torrents[place].fetchers[position].beginLook() }
        for peer in peers {
            guard let id = peer.id, let position = position(of: id, at: peer.endpoint, in: place) else { continue }
            torrents[place].fetchers[position].take(peer)
            if peer.isSeed { news += finish(id, at: peer.endpoint, in: place, .seen) }
        }
        for fetcher in torrents[place].fetchers where !fetcher.hasEverything {
            switch (fetcher.before.isConnected, fetcher.isConnected) {
            case (false, true): news.append(.came(infoHash, fetcher))
            case (true, false): news.append(.left(infoHash, fetcher))
            case (true, true) where fetcher.havePieces != fetcher.before.havePieces:
                news.append(.moved(infoHash, fetcher))
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
        return finish(id, at: news.endpoint, in: place, fromStart ? .cameWithAll : .seen)
    }

    /// Somebody has announced itself at the tracker of this process, from this address.
    package mutating func hear(_ announce: AnnounceRequest, from address: IPAddress) -> [News] {
        guard let place = torrents.firstIndex(where: { $0.infoHash == announce.infoHash }) else { return [] }
        let endpoint = Endpoint(address, port: announce.port)
        if let name = announce.name { learn(name, of: announce.peerID) }
        guard announce.event == .completed || announce.left == 0 && announce.event != .stopped else { return [] }
        let isKnown = torrents[place].fetchers.contains { $0.id == announce.peerID }
        let way: Way = isKnown ? .seen : announce.event == .completed ? .unseen : .unseenWithAll
        return finish(announce.peerID, at: endpoint, in: place, way)
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
        var fetcher = Fetcher(id, at: endpoint, name: name(of: id))
        fetcher.hasEverything = torrents[place].owners.contains(id)
        torrents[place].fetchers.append(fetcher)
        return torrents[place].fetchers.count - 1
    }

    /// How it is known that somebody has everything.
    fileprivate enum Way {
        /// It was connected to us, or is.
        case seen
        /// The same, but it never lacked anything here.
        case cameWithAll
        /// The tracker alone says so: it has fetched it, or came with it.
        case unseen, unseenWithAll

        var isUnseen: Bool { self == .unseen || self == .unseenWithAll }
        var isWithAll: Bool { self == .cameWithAll || self == .unseenWithAll }
    }

    /// Counts it, once. Who never lacked anything here is the same as one from its address that has been counted: a
    /// program that was started again.
    private mutating func finish(_ id: PeerID, at endpoint: Endpoint, in place: Int, _ way: Way) -> [News] {
        guard torrents[place].mayCount(id, at: endpoint.address, way) else { return [] }
        torrents[place].count(id, at: endpoint.address, way)
        let (infoHash, count) = (torrents[place].infoHash, torrents[place].finished)
        let news = News.finished(infoHash, owner(id, at: endpoint, in: place), count: count)
        let isLacking = torrents[place].fetchers.contains { $0.isConnected && !$0.hasEverything }
        return isLacking ? [news] : [news, .allHave(infoHash, count: count)]
    }

    /// Marks it as one that has everything, as far as it is listed.
    private mutating func owner(_ id: PeerID, at endpoint: Endpoint, in place: Int) -> Fetcher {
        let position = position(of: id, at: endpoint, in: place)
        var fetcher = position.map { torrents[place].fetchers[$0] } ?? Fetcher(id, at: endpoint, name: name(of: id))
        fetcher.hasEverything = true
        fetcher.havePieces = torrents[place].pieces
        if let position { torrents[place].fetchers[position] = fetcher }
        return fetcher
    }

    private func name(of id: PeerID) -> String? { names.last { $0.id == id }?.name }
}

extension Audience.Shared {
    /// Most that count of one address, or of one /64 of IPv6, which one machine may have, of those who were never
    /// connected to us.
    private static let mostUnseen = 3

    fileprivate func mayCount(_ id: PeerID, at address: IPAddress, _ way: Audience.Way) -> Bool {
        guard owners.count < Audience.mostOwners, !owners.contains(id) else { return false }
        if way.isWithAll, addresses.contains(address), !fetchers.contains(where: { $0.id == id }) { return false }
        return !way.isUnseen || unseen[Self.network(of: address), default: 0] < Self.mostUnseen
    }

    fileprivate mutating func count(_ id: PeerID, at address: IPAddress, _ way: Audience.Way) {
        owners.insert(id)
        addresses.insert(address)
        if way.isUnseen { unseen[Self.network(of: address), default: 0] += 1 }
    }

    private static func network(of address: IPAddress) -> AddressBlock {
        AddressBlock(address, prefixLength: address.isV4 ? 32 : 64)
    }
}

extension Fetcher {
    fileprivate mutating func beginLook() {
        before = Look(isConnected: isConnected, havePieces: havePieces)
        isConnected = false
    }

    fileprivate mutating func take(_ peer: PeerFigures) {
        endpoint = peer.endpoint
        client = peer.client ?? client
        havePieces = max(havePieces, peer.havePieces)
        rate = peer.given.rate
        isConnected = true
    }
}
