import DHTEngine
import Dispatch
import PeerEvents
import Synchronization
import TorrentCore
import TorrentIO

/// The part of a process in the DHT: a `DHTNode` for each address family that the hub has a socket of, wired to it, to
/// names that are looked up, and to what is kept between runs.
///
/// It begins with the first torrent that may use it and rests after the last one, so that a process which has private
/// torrents only sends nothing (BEP 27). It never waits: names are looked up by resolvers, the file is read and written
/// by a worker.
// @unchecked: confined to the hub's reactor; named in jobs of other threads only to get there.
final class DHTService: @unchecked Sendable {
    /// What it is built on.
    struct Surroundings {
        let hub: DatagramHub
        /// Where others can connect to us, at one place of a family at the most.
        let listeners: [Endpoint]
        let resolver: Resolver
        let records: ResumeStore
        let ourAddress: OurAddress
        var seed: UInt64?
        let onEvent: @Sendable (PeerEvent) -> Void
    }

    private enum Phase {
        case idle
        /// A worker looks for what the run before has kept.
        case loading
        case running
        /// For good.
        case ended
    }

    let options: DHTOptions
    let surroundings: Surroundings
    let board = DHTBoard()
    let reactor: Reactor
    private let names: BootstrapNames
    /// Those that torrents list: strangers wrote them, and nobody else waits behind them.
    let strangersNames: BootstrapNames
    private let keeper: DHTKeeper
    private(set) var families: [DHTFamily] = []
    private var phase = Phase.idle
    /// Something is sought, or was: there may be something to end. Set before `reactor` hears of it.
    let isInUse = Atomic(false)
    /// Which torrents are sought, and who wants to know.
    var sought: [InfoHash: any DHTSeeker] = [:]
    var inquiries = DHTInquiries()
    var remembered = DHTRemembered()
    private var watch: InterfaceWatch?

    /// To be called on the hub's reactor. Nothing is sent before somebody seeks something.
    init(_ options: DHTOptions, _ surroundings: Surroundings) {
        self.options = options
        self.surroundings = surroundings
        reactor = surroundings.hub.reactor
        names = BootstrapNames(surroundings.resolver, reactor, limit: .max)
        strangersNames = BootstrapNames(
            Resolver(name: "p2p.dht.names", count: 2), reactor, limit: BootstrapNames.mostOfStrangers)
        keeper = DHTKeeper(DHTStore(surroundings.records), on: reactor)
        surroundings.hub.register(self, for: .dht)
    }

    /// That of a node.
    convenience init(_ options: DHTOptions, of context: NodeContext, _ sockets: ListeningSockets, _ hub: DatagramHub) {
        self.init(
            options,
            Surroundings(
                hub: hub, listeners: sockets.endpoints, resolver: context.resolver, records: context.records,
                ourAddress: context.shared.ourAddress, seed: context.options.seed, onEvent: context.onEvent))
    }

    // MARK: Life

    /// Has what the run before kept looked for, and begins with it.
    func begin() {
        guard phase == .idle else { return }
        isInUse.store(true, ordering: .releasing)
        phase = .loading
        // Who asks only, and lives for a moment, goes by a name of its own, and leaves the file alone.
        keeper.begin(keeps: !options.isReadOnly) { [weak self] in self?.heard($0) }
    }

    private func heard(_ news: DHTKeeper.News) {
        switch news {
        case .found(let found): begin(with: record(in: found))
        case .silent:
            notice("dht_state", "what was known of the DHT is not there in time: the disk does not answer")
            begin(with: DHTRecord())
        case .foundLate(let found):
            let late = record(in: found)
            named((late.v4.contacts + late.v6.contacts).map(\.endpoint), by: .bootstrap)
        }
    }

    private func record(in found: DHTStore.Found) -> DHTRecord {
        switch found {
        case .record(let kept): return kept
        case .nothing: break
        case .malformed:
            let place = keeper.store.path.map { "\($0)" } ?? ""
            notice("dht_state", "what \(place) holds is no state of the DHT, and is not used", isDetail: true)
        }
        return DHTRecord()
    }

    private func begin(with record: DHTRecord) {
        phase = .running
        families = surroundings.hub.endpoints.map { makeFamily(at: $0, record) }
        for family in families { family.take(.start) }
        surroundings.ourAddress.join(self)
        for body in inquiries.takeWaiting() { body() }
        for infoHash in sought.keys { seek(infoHash) }
        for (endpoints, naming) in remembered.takeAll() { tell(endpoints, naming) }
        keeper.keepRegularly({ [weak self] in self?.record ?? DHTRecord() }, onProblem: tellUnkept)
        watch = InterfaceWatch(on: reactor) { [weak self] in self?.networkChanged() }
    }

    private func makeFamily(at endpoint: Endpoint, _ record: DHTRecord) -> DHTFamily {
        let isV4 = endpoint.address.isV4
        let seed = surroundings.seed.map { $0 &+ (isV4 ? 4 : 6) } ?? RandomSeed.fromSystem()
        var configuration = DHTConfiguration(isV4: isV4, seed: seed)
        configuration.secret = RandomSeed.fromSystem()
        configuration.memory = record[isV4: isV4]
        configuration.externalAddress = NetworkWays.Look.now().publicAddress(boundTo: endpoint.address)
        configuration.isReadOnly = options.isReadOnly
        // The library is loaded for the first of them alone: most nodes never see one.
        configuration.checksSignature = { key, signature, message in
            SignatureChecker.system?.isRight(signature, of: message, by: key) ?? false
        }
        let family = DHTFamily(configuration, announcing: announcement(at: endpoint), on: reactor)
        family.owner = self
        return family
    }

    /// What others hear of us from a node here. Nothing where they cannot connect to us by that family: another program
    /// may be at our port there.
    private func announcement(at endpoint: Endpoint) -> DHTAnnouncement? {
        guard options.announces else { return nil }
        let listener = surroundings.listeners.first { $0.address.isV4 == endpoint.address.isV4 }
        return listener.map { DHTAnnouncement(port: $0.port, impliesPort: endpoint.port == $0.port) }
    }

    /// Ends the nodes, and keeps what they know; there may be others later.
    func rest() { close(.idle) }

    /// The same for good, from any thread; more than once does no harm.
    func end() {
        guard isInUse.load(ordering: .acquiring) else { return }
        keeper.willEnd()
        reactor.perform { [self] in
            close(.ended)
            keeper.hasEnded()
        }
    }

    /// After `end`: waits until what was to be kept is on the disk, but no longer than people would.
    func waitUntilKept() { keeper.waitUntilKept() }

    private func close(_ next: Phase) {
        guard phase != .ended else { return }
        let before = phase
        phase = next
        inquiries.dropAll()
        guard before == .loading || before == .running else { return }
        keeper.end(before == .running ? record : nil, onProblem: tellUnkept)
        guard before == .running else { return }
        surroundings.ourAddress.leave(self)
        watch?.end()
        watch = nil
        for family in families {
            family.end()
            tell(.off, of: family)
        }
        families = []
    }

    /// What is known now.
    private var record: DHTRecord {
        var record = DHTRecord()
        for family in families { record[isV4: family.isV4] = family.memory }
        return record
    }

    private var tellUnkept: @Sendable (SystemError) -> Void {
        let onEvent = surroundings.onEvent
        return { error in
            let text = "what is known of the DHT cannot be kept: \(error.text.lowercased())"
            onEvent(.notice(nil, PeerNotice(code: "dht_state", text: text, isDetail: true)))
        }
    }

    // MARK: Surroundings

    /// What was given up is tried anew where the machine has other addresses now.
    private func networkChanged() {
        for family in families { family.take(.networkChanged) }
    }

    /// How long names may take to be looked up, and nodes to answer, before people hear that nobody does.
    private static let patience = Duration.seconds(3)

    private func became(_ state: DHTState, _ family: DHTFamily) {
        family.state = state
        guard case .alone = state else {
            family.isKnownToBeAlone = false
            return tell(state, of: family)
        }
        guard !family.isKnownToBeAlone else { return tell(state, of: family) }
        reactor.setTimer(after: Self.patience) { [weak self, weak family] in
            guard let self, let family, case .alone = family.state, !family.isKnownToBeAlone else { return }
            family.isKnownToBeAlone = true
            tell(family.state, of: family)
        }
    }

    private func tell(_ state: DHTState, of family: DHTFamily) {
        guard board.note(state, isV4: family.isV4) else { return }
        say(state, of: family)
        for seeker in sought.values { seeker.outlookChanged() }
    }

    func notice(_ code: String, _ text: String, isDetail: Bool = false) {
        surroundings.onEvent(.notice(nil, PeerNotice(code: code, text: text, isDetail: isDetail)))
    }

    func say(_ state: DHTState, of family: DHTFamily) {
        surroundings.onEvent(.dht(DHTNews(state, isV4: family.isV4, at: reactor.now)))
    }

    /// The addresses of these names, as they become known.
    func lookUp(_ places: [PeerAddress], as naming: DHTNaming, for families: [DHTFamily]) {
        for place in places {
            names.lookUp(place) { [weak self] result in
                guard let self else { return }
                switch result {
                case .success(let endpoints): for family in families { tell(endpoints, naming, to: family) }
                case .failure(let failure): isUnknown(place, failure)
                }
            }
        }
    }

    func isUnknown(_ place: PeerAddress, _ failure: Resolver.Failure) {
        notice("dht_bootstrap", "node \(place.host) of the DHT: \(failure)", isDetail: true)
    }

    private func tell(_ endpoints: [Endpoint], _ naming: DHTNaming) {
        for family in families { tell(endpoints, naming, to: family) }
    }

    private func tell(_ endpoints: [Endpoint], _ naming: DHTNaming, to family: DHTFamily) {
        let ours = endpoints.filter { $0.address.isV4 == family.isV4 }
        if !ours.isEmpty { family.take(.nodesNamed(ours, by: naming)) }
    }

    /// As long as there are no nodes that could be told, it is kept for them.
    func named(_ endpoints: [Endpoint], by naming: DHTNaming) {
        guard !families.isEmpty else { return remembered.add(endpoints, naming) }
        tell(endpoints, naming)
    }

    /// The node of this family, if there is one.
    func family(isV4: Bool) -> DHTFamily? { families.first { $0.isV4 == isV4 } }
}

extension DHTService: DatagramOwner {
    func take(_ datagram: RawSpan, from sender: Endpoint) -> Bool {
        guard let family = family(isV4: sender.address.isV4) else { return false }
        family.received(datagram, from: sender, beside: self.family(isV4: !sender.address.isV4))
        return true
    }

    /// Whoever sent it: a node that finds it strange lets it pass.
    func notDelivered(to endpoint: Endpoint, _ error: SystemError) {
        guard let family = family(isV4: endpoint.address.isV4) else { return }
        // It may be told while that node has something carried out.
        reactor.performLater { [weak family] in family?.take(.notDelivered(endpoint)) }
    }
}

extension DHTService: DHTFamilyOwner {
    func perform(_ effect: DHTEffect, of family: DHTFamily) {
        switch effect {
        case .send(let bytes, let endpoint): surroundings.hub.send(bytes, to: endpoint)
        case .peersFound(let infoHash, let peers, let teller): sought[infoHash]?.found(peers, by: teller)
        case .otherFamily(let nodes):
            let other = self.family(isV4: !family.isV4)
            reactor.performLater { [weak other] in other?.take(.nodesNamed(nodes, by: .otherFamily)) }
        case .wantsBootstrap: lookUp(options.bootstrap, as: .bootstrap, for: [family])
        case .became(let state): became(state, family)
        case .externalAddress(let address):
            surroundings.ourAddress.agreed(on: address, at: reactor.now)
        case .step(let id, let step): inquiries.stepped(id, step)
        case .ended(let id, let outcome): inquiries.ended(id, outcome)
        }
    }
}

extension DHTService: OurAddressListener {
    func theySeeUs(at address: IPAddress) {
        reactor.perform { [weak self] in self?.family(isV4: address.isV4)?.take(.externalAddress(address)) }
    }
}
