import Synchronization
import TorrentCore
import TorrentIO

/// A torrent that is looked for on the local network hears who has it there.
protocol LocalDiscoveryMember: AnyObject, Sendable {
    /// Called on the reactor of the discovery, and must not wait.
    func heardNearby(_ peer: Endpoint)
}

/// Local discovery of a node (BEP 14): says on the networks around us which torrents are at work here, and hears who
/// else has them. Torrents join and leave from any thread; nothing is opened, said or looked at while there are none.
// @unchecked: confined to `reactor`, where jobs of other threads go.
final class LocalDiscovery: ReadinessHandler, @unchecked Sendable {
    /// What has become of the datagrams that came.
    struct Counts: Equatable {
        /// Announces of others, whether of torrents of ours or not.
        var heard = 0
        /// What we said ourselves.
        var own = 0
        var malformed = 0
        /// From beyond the networks that we are in.
        var fromBeyond = 0
        /// From a link-local address of IPv6, which leads nowhere without the name of an interface.
        var withoutWay = 0
        /// More than one address may say.
        var tooMany = 0
    }

    private struct Registration {
        weak var member: (any LocalDiscoveryMember)?
    }

    private let reactor: Reactor
    /// Where others can connect to us.
    private let port: UInt16
    /// By which we know what we said ourselves.
    private let cookie: [UInt8]
    private let onTrouble: @Sendable (String) -> Void
    private var members: [InfoHash: Registration] = [:]
    private var schedule: LocalAnnounceSchedule
    private var hearing = LocalHearing()
    private var voices: LocalVoices
    private var timer: TimerID?
    private var nextLook = Moment.zero
    private var hasComplained = false
    private let canHear = Atomic(true)
    private(set) var counts = Counts()
    /// One byte more than is accepted, so that what is longer shows.
    private let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: LocalAnnounce.longestAccepted + 1, alignment: 8)

    /// So long those who are near have to tell of a torrent before it is said that nobody has.
    static let patience = Duration.seconds(3)
    /// Between two looks at the interfaces.
    private static let patrol = Duration.seconds(20)
    /// Most datagrams of a socket in one iteration.
    private static let mostAtOnce = 32

    /// `source` is the address by which all leaves, if there is only one; `families` those in which others can connect
    /// to us. `onTrouble` is told why, once, if nobody can be heard.
    init(
        reactor: Reactor, port: UInt16, source: IPAddress?, families: [LocalGroup] = LocalGroup.allCases,
        using generator: inout SplitMix64, onTrouble: @escaping @Sendable (String) -> Void
    ) {
        self.reactor = reactor
        self.port = port
        self.onTrouble = onTrouble
        cookie = Array(String(generator.next(), radix: 16).utf8)
        schedule = LocalAnnounceSchedule(seed: generator.next())
        voices = LocalVoices(source: source, families: families)
    }

    deinit { room.deallocate() }

    // MARK: From any thread

    /// Whether anybody can be heard, as far as is known.
    var isHeard: Bool { canHear.load(ordering: .relaxed) }

    /// From now on this torrent is looked for. `member` is not kept alive by that.
    func join(_ infoHash: InfoHash, _ member: any LocalDiscoveryMember) {
        reactor.perform { [self] in
            guard members[infoHash]?.member !== member else { return }
            members[infoHash] = Registration(member: member)
            schedule.begin(infoHash, at: reactor.now)
            if nextLook == .zero { look() }
            arm()
        }
    }

    /// It is announced no more. Another one of the same name that has joined since stays.
    func leave(_ infoHash: InfoHash, _ member: any LocalDiscoveryMember) {
        reactor.perform { [self] in
            guard members[infoHash]?.member === member else { return }
            members[infoHash] = nil
            schedule.end(infoHash)
            hearing.forget(infoHash)
            if schedule.isEmpty { rest() }
            arm()
        }
    }

    // MARK: On its reactor

    private func arm() {
        if let timer { reactor.cancel(timer) }
        timer = nil
        guard !schedule.isEmpty else { return }
        timer = reactor.setTimer(at: min(schedule.deadline, nextLook)) { [weak self] in self?.timerFired() }
    }

    private func timerFired() {
        timer = nil
        // Before each packet, too: it costs little, and interfaces come and go.
        look()
        let named = schedule.next(at: reactor.now)
        if !named.isEmpty {
            say(named, onlyToNew: false)
        } else if voices.haveNew {
            // Nobody there has heard anything of us for a minute.
            say(schedule.introduction(at: reactor.now), onlyToNew: true)
        }
        arm()
    }

    private func say(_ named: [InfoHash], onlyToNew: Bool) {
        guard !named.isEmpty else { return }
        let announce = LocalAnnounce(port: port, infoHashes: named, cookie: cookie)
        voices.say(announce, onlyToNew: onlyToNew, at: reactor.now)
    }

    private func look() {
        for descriptor in voices.open() {
            do throws(SystemError) {
                try reactor.watch(descriptor, .read, handler: self)
            } catch {
                voices.abandon(descriptor, error)
            }
        }
        nextLook = reactor.now + Self.patrol
        // Where the system does not say, as without descriptors, what was so is so still.
        guard let interfaces = NetworkInterface.look() else { return }
        if voices.look(interfaces, at: reactor.now) { schedule.beginAnew(at: reactor.now) }
        canHear.store(voices.areAnywhere, ordering: .relaxed)
        if !hasComplained, let complaint = voices.complaint {
            hasComplained = true
            onTrouble(complaint)
        }
    }

    /// There is no torrent any more.
    private func rest() {
        for descriptor in voices.descriptors { reactor.unwatch(descriptor) }
        voices.close()
        nextLook = .zero
    }

    func descriptorReady(_ descriptor: Int32, _ readiness: Readiness) {
        voices.hear(descriptor, into: room, atMost: Self.mostAtOnce) { take($0, from: $1) }
    }

    /// One datagram to the group.
    func take(_ datagram: RawSpan, from sender: Endpoint) {
        let now = reactor.now
        guard voices.networks.contains(sender.address) else {
            counts.fromBeyond += 1
            return
        }
        guard hearing.listens(to: sender.address, at: now) else {
            counts.tooMany += 1
            return
        }
        guard let announce = try? LocalAnnounce(parsing: datagram) else {
            counts.malformed += 1
            return
        }
        guard announce.cookie != cookie else {
            counts.own += 1
            return
        }
        // Who has no other address is heard by IPv4 as well, or connects to us.
        guard sender.address.isV4 || sender.address.scope != .link else {
            counts.withoutWay += 1
            return
        }
        counts.heard += 1
        let peer = Endpoint(sender.address, port: announce.port)
        for infoHash in announce.infoHashes {
            guard let member = members[infoHash]?.member, hearing.hears(peer, of: infoHash, at: now) else { continue }
            member.heardNearby(peer)
        }
    }
}
