import TorrentCore
import TorrentIO

/// By which addresses of ours the world is reached, and what it was when it was told last. What comes and goes beside
/// it, as the networks of containers do, is of no interest.
struct NetworkWays {
    /// How it is at one moment.
    struct Look: Equatable {
        /// Of ours, towards the world, in each family that a way leads by.
        var sources: [IPAddress]
        /// All of ours that others can reach, where no way leads to the world: a network may lead to itself alone.
        var addresses: Set<IPAddress>

        /// No packet could leave.
        var isNone: Bool { sources.isEmpty && addresses.isEmpty }
    }

    private var told: Look
    private var toldAt: Moment?
    /// There was no way at all since.
    private var wasCutOff = false

    /// However often it changes, it is told no more often; the last change is never lost.
    static let shortestPause = Duration.seconds(30)

    init(_ first: Look) {
        told = first
        wasCutOff = first.isNone
    }

    /// Whether there is a way now that there was not before. That one is gone is no use to anybody.
    mutating func haveChanged(to look: Look, at now: Moment) -> Bool {
        guard !look.isNone else {
            wasCutOff = true
            return false
        }
        // What is gone comes and goes, perhaps; what was not there before is another way.
        let isAnother =
            look.sources.isEmpty
            ? !look.addresses.isSubset(of: told.addresses) : !Set(look.sources).isSubset(of: told.sources)
        guard isAnother || wasCutOff else { return false }
        if let toldAt, now - toldAt < Self.shortestPause { return false }
        (told, toldAt, wasCutOff) = (look, now, false)
        return true
    }
}

extension NetworkWays.Look {
    /// Places of the world that nobody is at (RFC 5737, RFC 3849): the way there is the way to everybody.
    private static let world = [
        Endpoint(.v4(0xC000_0201), port: 9), Endpoint(.v6(0x2001_0DB8 << 32, 1), port: 9),
    ]

    /// As the system says it.
    static func now() -> NetworkWays.Look {
        let sources = world.compactMap { Sockets.source(towards: $0) }
        return NetworkWays.Look(sources: sources, among: sources.isEmpty ? InterfaceAddress.all() : [])
    }

    /// The public address of ours that others see, where no router translates it: that of our socket, or the one by
    /// which the world is reached. A DHT on public addresses could not begin if none of its first nodes knew his
    /// (BEP 42).
    func publicAddress(boundTo bound: IPAddress) -> IPAddress? {
        let candidates = bound.isUnspecified ? sources.isEmpty ? Array(addresses) : sources : [bound]
        let ours = candidates.filter { $0.isV4 == bound.isV4 && $0.scope == .world }
        return ours.count == 1 ? ours[0] : nil
    }

    init(sources: [IPAddress], among interfaces: [InterfaceAddress]) {
        let addresses = interfaces.map(\.address).filter { $0.scope == .site || $0.scope == .world }
        self.init(sources: sources, addresses: Set(addresses))
    }
}
