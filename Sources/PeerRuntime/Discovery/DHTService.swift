import DHTEngine
import Dispatch
import PeerEvents
import Synchronization
import TorrentCore
import TorrentIO

/// The part of a process in the DHT: a `DHTNode` for each address family that the hub has a socket of, wired to it, to
/// names that are looked up, and to what is kept between runs.
///
/// It begins with the first torrent that may use it, so that a process which has private torrents only sends nothing
/// (BEP 27). It never waits: names are looked up by the resolver, the file is read and written by a worker.
// @unchecked: confined to the hub's reactor; named in jobs of other threads only to get there.
final class DHTService: @unchecked Sendable {
    /// What it is built on.
    struct Surroundings {
        let hub: DatagramHub
        /// Where others can connect to us.
        let listenPort: UInt16
        let resolver: Resolver
        let workers: BlockingWorkers
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
    private let keeper: DHTKeeper
    private(set) var families: [DHTFamily] = []
    private var phase = Phase.idle
    /// Something is sought, or was: there may be something to end. Set before `reactor` hears of it.
    let isInUse = Atomic(false)
    /// Which torrents are sought, and who wants to know.
    var sought: [InfoHash: DHTSought] = [:]
    var inquiries = DHTInquiries()
    var remembered = DHTRemembered()
    private var watch: InterfaceWatch?

    /// To be called on the hub's reactor. Nothing is sent before somebody seeks something.
    init(_ options: DHTOptions, _ surroundings: Surroundings) {
        self.options = options
        self.surroundings = surroundings
        reactor = surroundings.hub.reactor
        names = BootstrapNames(surroundings.resolver, reactor)
        keeper = DHTKeeper(DHTStore(surroundings.records), surroundings.workers)
        surroundings.hub.register(self, for: .dht)
    }

    /// That of a node.
    convenience init(_ options: DHTOptions, of context: NodeContext, _ hub: DatagramHub) {
        self.init(
            options,
            Surroundings(
                hub: hub, listenPort: context.listenPort, resolver: context.resolver, workers: context.readers,
                records: context.records, ourAddress: context.shared.ourAddress, seed: context.options.seed,
                onEvent: context.onEvent))
    }

    // MARK: Life

    /// Has what the run before kept looked for, and begins with it.
    func begin() {
        guard phase == .idle else { return }
        phase = .loading
        // Who asks only, and lives for a moment, goes by a name of its own, and leaves the file alone.
        keeper.load(keeps: !options.isReadOnly, on: reactor) { [weak self] in self?.begin(with: $0) }
    }

    private func begin(with found: DHTStore.Found) {
        guard phase == .loading else { return keeper.letGo() }
        phase = .running
        var record = DHTRecord()
        switch found {
        case .record(let kept): record = kept
        case .malformed:
            let place = keeper.store.path.map { "\($0)" } ?? ""
            notice("dht_state", "what \(place) holds is no state of the DHT, and is not used", isDetail: true)
        case .nothing: break
        }
        if options.isReadOnly { (record.v4.id, record.v6.id) = (nil, nil) }
        families = surroundings.hub.endpoints.map { makeFamily(at: $0, record) }
        for family in families { family.take(.start) }
        surroundings.ourAddress.join(self)
        for body in inquiries.takeWaiting() { body() }
        for (infoHash, sought) in sought { seek(infoHash, sought) }
        for (endpoints, naming) in remembered.takeAll() { tell(endpoints, naming) }
        keepLater()
        watch = InterfaceWatch(on: reactor) { [weak self] in self?.look() }
    }

    private func makeFamily(at endpoint: Endpoint, _ record: DHTRecord) -> DHTFamily {
        let isV4 = endpoint.address.isV4
        let seed = surroundings.seed.map { $0 &+ (isV4 ? 4 : 6) } ?? RandomSeed.fromSystem()
        var configuration = DHTConfiguration(isV4: isV4, seed: seed)
        configuration.secret = RandomSeed.fromSystem()
        configuration.memory = record[isV4: isV4]
        configuration.isReadOnly = options.isReadOnly
        // The library is loaded for the first of them alone: most nodes never see one.
        configuration.checksSignature = { key, signature, message in
            SignatureChecker.system?.isRight(signature, of: message, by: key) ?? false
        }
        let announcement = DHTAnnouncement(
            port: surroundings.listenPort, impliesPort: endpoint.port == surroundings.listenPort)
        let family = DHTFamily(configuration, announcing: announcement, on: reactor)
        family.owner = self
        return family
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
        let wasRunning = phase == .running
        phase = next
        guard wasRunning else { return }
        surroundings.ourAddress.leave(self)
        watch?.end()
        watch = nil
        inquiries.dropAll()
        keep(isLast: true)
        for family in families {
            family.end()
            tell(.off, of: family)
        }
        families = []
    }

    // MARK: What is kept

    private func keepLater() {
        reactor.setTimer(after: DHTKeeper.interval) { [weak self] in
            guard let self, phase == .running else { return }
            keep()
            keepLater()
        }
    }

    private func keep(isLast: Bool = false) {
        var record = DHTRecord()
        for family in families { record[isV4: family.isV4] = family.memory }
        let onEvent = surroundings.onEvent
        keeper.keep(record, isLast: isLast) { error in
            let text = "what is known of the DHT cannot be kept: \(error.text.lowercased())"
            onEvent(.notice(nil, PeerNotice(code: "dht_state", text: text, isDetail: true)))
        }
    }

    // MARK: Surroundings

    /// What was given up is tried anew where the machine has other addresses now.
    private func look() {
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
        for sought in sought.values { sought.seeker.outlookChanged() }
    }

    func notice(_ code: String, _ text: String, isDetail: Bool) {
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
                case .failure(let failure):
                    notice("dht_bootstrap", "node \(place.host) of the DHT: \(failure)", isDetail: true)
                }
            }
        }
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

    func lookUpNamed(_ place: PeerAddress) {
        names.lookUp(place) { [weak self] result in
            if let endpoints = try? result.get() { self?.named(endpoints, by: .torrent) }
        }
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
        case .peersFound(let infoHash, let peers, let teller): sought[infoHash]?.seeker.found(peers, by: teller)
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
