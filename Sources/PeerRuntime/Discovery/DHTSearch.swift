import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// Whoever has a torrent sought says what it lacks, and hears whom others have named.
protocol DHTSearchOwner: SessionPartOwner {
    func found(_ endpoints: [Endpoint], from source: PeerSource, by teller: IPAddress?)
    /// There is something that it wants of peers.
    var isFetching: Bool { get }
    /// There are few of them.
    var isShortOfPeers: Bool { get }
    /// There is something else to be said of why there are no peers.
    func outlookChanged()
}

/// A torrent's part in the DHT: it is sought as long as one of its sessions is at work, unless it is private (BEP 27).
// @unchecked: confined to `reactor`; named in jobs of other threads only to get back there.
final class DHTSearch: @unchecked Sendable {
    weak var owner: (any DHTSearchOwner)?
    private let infoHash: InfoHash
    private let service: DHTService?
    private let reactor: Reactor
    private var timer: TimerID?
    /// It is sought.
    private(set) var isOn = false
    private var isPrivate = false
    private var pace = LookPace()
    /// Nodes were there when it was last heard of them.
    private var wasReady = false
    /// When it is looked up again, as far as is known, and whether the node has been asked just now.
    private var next: (lookup: Moment?, isAsked: Bool) = (nil, false)
    /// How often in a row it was not known: a thousand torrents may wait for their turn.
    private var timesUnknown = 0
    /// Then there is something else to be said.
    private var nextWords: TimerID?

    /// With fewer connections there could be more.
    static let fewPeers = 8

    init(of infoHash: InfoHash, _ service: DHTService?, _ reactor: Reactor) {
        self.infoHash = infoHash
        self.service = service
        self.reactor = reactor
    }

    /// `nodes` are those that the torrent lists.
    func begin(_ nodes: [PeerAddress] = []) {
        guard let service, !isPrivate else { return }
        if !nodes.isEmpty { service.namedByTorrent(nodes) }
        guard !isOn else { return }
        isOn = true
        pace = LookPace()
        service.seek(infoHash, for: self)
        lookLater()
    }

    func end() {
        guard isOn else { return }
        isOn = false
        for timer in [timer, nextWords] { if let timer { reactor.cancel(timer) } }
        (timer, nextWords) = (nil, nil)
        service?.forget(infoHash, for: self)
    }

    /// Nobody else is to hear of it from now on.
    func becamePrivate() {
        isPrivate = true
        end()
    }

    /// The last connection is gone.
    func starved() {
        guard isOn, owner?.isFetching == true, pace.beginsAnew(at: reactor.now) else { return }
        service?.hurry(infoHash)
        lookLater()
    }

    /// Who has everything waits for others to come.
    private func lookLater() {
        if let timer { reactor.cancel(timer) }
        timer = nil
        guard owner?.isFetching == true else { return }
        timer = reactor.setTimer(after: pace.pause) { [weak self] in
            guard let self, isOn else { return }
            timer = nil
            if pace.looks(isShortOfPeers: owner?.isShortOfPeers == true) { service?.hurry(infoHash) }
            lookLater()
        }
    }

    /// Nodes may be there again, which then look for everything by themselves.
    private func heardOfNodes() {
        let isReady = service?.board.outlook == .ready
        let isNews = isReady && !wasReady
        wasReady = isReady
        guard isNews else { return }
        pace.networkCame()
        lookLater()
    }

    // MARK: What peers say

    /// The port that a peer at this address hears from us (BEP 5); nil for none.
    func port(for endpoint: Endpoint) -> UInt16? { isOn ? service?.port(isV4: endpoint.address.isV4) : nil }

    /// A peer has a node of the DHT there.
    func peerHasNode(at endpoint: Endpoint) {
        if isOn { service?.namedByPeer(endpoint) }
    }

    // MARK: For people

    /// It is sought, or may be as soon as it is at work.
    var isPossible: Bool { service != nil && !isPrivate }

    /// Nil while it is not sought.
    var outlook: DHTOutlook? {
        guard isOn, let outlook = service?.board.outlook else { return nil }
        if outlook == .ready { lookAtNextLookup() }
        return outlook
    }

    /// Why there are no peers where nobody but the DHT can be asked.
    var standstill: Standstill? {
        switch outlook {
        case .joining: .joiningDHT
        case .ready: next.lookup == nil ? .looking : .nobodyInDHT
        case .alone: .noAnswerInDHT
        case nil: nil
        }
    }

    /// The same for who has everything: it is enough that others can hear of it.
    var trouble: Standstill? {
        guard isOn, let outlook = service?.board.outlook else { return nil }
        return switch outlook {
        case .joining: .joiningDHT
        case .alone: .noAnswerInDHT
        case .ready: nil
        }
    }

    /// Nil where that is not known.
    var asksAgainAt: Moment? {
        switch outlook {
        case .alone(let moment): moment
        case .ready: next.lookup
        case .joining, nil: nil
        }
    }

    /// What became of it, a clause for people.
    func words(at now: Moment) -> String {
        let again = asksAgainAt.map { " in \(max(1, Int(($0 - now).inSeconds.rounded()))) s" }
        return switch outlook {
        case .joining: "joining the DHT"
        case .ready: again.map { "the DHT knows nobody yet, and is asked again\($0)" } ?? "asking the DHT"
        case .alone: "no node of the DHT answers, trying again\(again ?? "")"
        case nil: "the DHT is off"
        }
    }

    /// Asks for it, since the node lives elsewhere; at once, and until it is known. When that moment has come it is
    /// asked for again: what is waited for is another one then.
    private func lookAtNextLookup() {
        guard !next.isAsked, let service else { return }
        next.isAsked = true
        service.nextLookup(of: infoHash) { [weak self, reactor] moment in
            reactor.perform { [weak self] in self?.heard(nextLookup: moment) }
        }
    }

    private func heard(nextLookup moment: Moment?) {
        let isNews = moment != next.lookup
        next.lookup = moment
        guard isOn else { return next.isAsked = false }
        reactor.setTimer(after: Self.shortestWords) { [weak self] in self?.next.isAsked = false }
        if let nextWords { reactor.cancel(nextWords) }
        timesUnknown = moment == nil ? timesUnknown + 1 : 0
        let unknown = min(Self.shortestWords * timesUnknown, Self.longestUnknown)
        let wait = max(moment.map { $0 - reactor.now } ?? unknown, Self.shortestWords)
        nextWords = reactor.setTimer(after: wait + .milliseconds(10)) { [weak self] in
            guard let self else { return }
            nextWords = nil
            if isOn, owner?.isStopping == false { owner?.outlookChanged() }
        }
        if isNews, owner?.isStopping == false { owner?.outlookChanged() }
    }

    /// So long the moment that is known is said, at the least.
    private static let shortestWords = Duration.seconds(1)
    private static let longestUnknown = Duration.seconds(10)
}

extension DHTSearch: DHTSeeker {
    func found(_ peers: [Endpoint], by teller: IPAddress) {
        reactor.perform { [weak self] in
            guard let self, isOn, let owner, !owner.isStopping else { return }
            owner.found(peers, from: .dht, by: teller)
        }
    }

    func outlookChanged() {
        reactor.perform { [weak self] in
            guard let self, isOn, let owner, !owner.isStopping else { return }
            heardOfNodes()
            owner.outlookChanged()
        }
    }
}
