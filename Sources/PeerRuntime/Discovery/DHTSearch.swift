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
    /// When it is looked up again, as far as is known, and whether the node has been asked just now.
    private var next: (lookup: Moment?, isAsked: Bool) = (nil, false)

    /// With fewer connections there could be more.
    static let fewPeers = 8
    /// Between two looks at whether there are enough peers.
    private static let interval = Duration.seconds(30)

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
        service.seek(infoHash, for: self)
        lookLater()
    }

    func end() { end(restsIfLast: false) }

    /// Nobody else is to hear of it from now on.
    func becamePrivate() {
        isPrivate = true
        end(restsIfLast: true)
    }

    private func end(restsIfLast: Bool) {
        guard isOn else { return }
        isOn = false
        if let timer { reactor.cancel(timer) }
        timer = nil
        service?.forget(infoHash, for: self, restsIfLast: restsIfLast)
    }

    /// The last connection is gone.
    func hurry() {
        if isOn { service?.hurry(infoHash) }
    }

    /// Who has everything waits for others to come.
    private func lookLater() {
        guard owner?.isFetching == true else { return }
        timer = reactor.setTimer(after: Self.interval) { [weak self] in
            guard let self, isOn else { return }
            timer = nil
            if owner?.isShortOfPeers == true { hurry() }
            lookLater()
        }
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

    /// Asks for it, since the node lives elsewhere; at once, and until it is known.
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
        reactor.setTimer(after: .seconds(1)) { [weak self] in
            guard let self else { return }
            next.isAsked = false
            if next.lookup == nil, isOn, owner?.isStopping == false { owner?.outlookChanged() }
        }
        if isNews, isOn, owner?.isStopping == false { owner?.outlookChanged() }
    }
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
            owner.outlookChanged()
        }
    }
}
