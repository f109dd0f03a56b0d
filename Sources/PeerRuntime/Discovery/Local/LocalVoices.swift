import TorrentCore
import TorrentIO

/// The sockets of local discovery (BEP 14), and the interfaces on which they hear and speak. It lives on one reactor.
struct LocalVoices {
    /// A group on an interface.
    private struct Place: Hashable {
        let group: LocalGroup
        let interface: UInt32
    }

    /// Where everything leaves from, if there is one address for that; nil: on all interfaces.
    private let source: IPAddress?
    /// Those in which others can connect to us: who hears us in another one would call somebody else.
    private let families: [LocalGroup]
    private var sockets: [LocalGroup: MulticastSocket] = [:]
    /// Where we hear, and from which address we speak there.
    private var places: [Place: IPAddress] = [:]
    /// Those that have come, and on which nothing was said since, nor in the last minute.
    private var new: Set<Place> = []
    private var spokenAt: [Place: Moment] = [:]
    private(set) var networks = LocalNetworks([])
    /// Why nobody is heard in a family.
    private(set) var troubles: [LocalGroup: SystemError] = [:]

    /// The system lets a socket join 20 groups.
    static let mostInterfaces = 16

    init(source: IPAddress?, families: [LocalGroup] = LocalGroup.allCases) {
        self.source = source
        self.families = families.filter { group in source.map { $0.isV4 == (group == .v4) } ?? true }
    }

    /// By family; one that the machine does not know is not there.
    var descriptors: [Descriptor] { sockets.values.map(\.descriptor) }

    /// Whether this is the socket of that family, for tests.
    func isOf(_ descriptor: Descriptor, _ group: LocalGroup) -> Bool {
        sockets[group]?.descriptor.number == descriptor.number
    }

    /// Whether anybody can be heard: who has link-local addresses of IPv6 alone is not.
    var areAnywhere: Bool { families.contains(where: isHeard) }

    private func isHeard(_ group: LocalGroup) -> Bool {
        places.contains { $0.key.group == group && (group == .v4 || $0.value.scope != .link) }
    }

    /// Where nobody is heard though others here might be: why, a clause for people.
    var complaint: String? {
        // A machine may do without a family, but not without both, and not because another program has its port.
        let wronged = families.filter { !isHeard($0) && (!areAnywhere || troubles[$0]?.isAddressInUse == true) }
        guard let first = wronged.first else { return nil }
        let why = troubles[first].map { $0.text.lowercased() } ?? "no interface for it"
        return wronged.count == families.count ? why : "\(why) (\(first == .v4 ? "IPv4" : "IPv6"))"
    }

    /// Opens the sockets that are missing: those that are new, to be watched.
    mutating func open() -> [Descriptor] {
        var opened: [Descriptor] = []
        for group in families where sockets[group] == nil {
            do throws(SystemError) {
                let socket = try MulticastSocket(group: group.endpoint, source: source)
                sockets[group] = socket
                troubles[group] = nil
                opened.append(socket.descriptor)
            } catch {
                troubles[group] = error
            }
        }
        return opened
    }

    /// It cannot be watched: opened anew at the next look.
    mutating func abandon(_ descriptor: Descriptor, _ error: SystemError) {
        for (group, socket) in sockets where socket.descriptor.number == descriptor.number {
            socket.close()
            sockets[group] = nil
            troubles[group] = error
            for place in places.keys where place.group == group { places[place] = nil }
        }
        new.formIntersection(places.keys)
    }

    /// Looks at the interfaces as they are now. True if there is one that was not there at the last look.
    mutating func look(_ interfaces: [NetworkInterface], at time: Moment) -> Bool {
        spokenAt = spokenAt.filter { time - $0.value < LocalAnnounceSchedule.minute }
        networks = LocalNetworks(interfaces)
        var now: [Place: IPAddress] = [:]
        for group in sockets.keys {
            for (interface, address) in Self.choose(interfaces, for: group, source: source) {
                now[Place(group: group, interface: interface)] = address
            }
        }
        for gone in places.keys where now[gone] == nil { sockets[gone.group]?.leave(gone.interface) }
        var hasNew = false
        for (place, address) in now where places[place] != address {
            do throws(SystemError) {
                try sockets[place.group]?.join(place.interface)
                hasNew = true
                if spokenAt[place] == nil { new.insert(place) }
            } catch {
                troubles[place.group] = error
                now[place] = nil
            }
        }
        places = now
        new.formIntersection(now.keys)
        return hasNew
    }

    /// The interfaces for one family, with our address there: those that can speak to groups, but no tunnels, for
    /// whoever is at the other end is not near.
    static func choose(
        _ interfaces: [NetworkInterface], for group: LocalGroup, source: IPAddress?
    ) -> [(UInt32, IPAddress)] {
        let usable = interfaces.filter { !$0.isTunnel && ($0.canMulticast || $0.isLoopback) }
        let named = usable.filter { interface in
            source.map { source in interface.addresses.contains { $0.address == source } } ?? true
        }
        let places = named.compactMap { interface in
            (source ?? interface.address(isV4: group == .v4)).map { (interface.index, $0) }
        }
        return Array(places.prefix(mostInterfaces))
    }

    /// Where we speak to a group. Where the machine has a network, loopback is left out: others on it hear us there as
    /// well.
    private func stages(_ group: LocalGroup) -> [Place: IPAddress] {
        let here = places.filter { $0.key.group == group }
        let outside = here.filter { $0.value.scope != .loopback }
        return outside.isEmpty ? here : outside
    }

    /// There is somewhere to speak where nothing was said since it came.
    var haveNew: Bool { LocalGroup.allCases.contains { stages($0).keys.contains { new.contains($0) } } }

    /// Says it everywhere but where something was said within the minute, or only where nothing was said yet.
    mutating func say(_ announce: LocalAnnounce, onlyToNew: Bool, at now: Moment) {
        for (group, socket) in sockets {
            let datagram = announce.encoded(for: group)
            for (place, address) in stages(group) {
                let isDue = spokenAt[place].map { now - $0 >= LocalAnnounceSchedule.minute } ?? true
                guard onlyToNew ? new.contains(place) : isDue else { continue }
                // An interface that has just gone is found out at the next look.
                try? socket.send(datagram, on: place.interface, from: address)
                spokenAt[place] = now
                new.remove(place)
            }
        }
    }

    /// Takes what has come at that socket, `limit` datagrams at the most, cut to `room`.
    func hear(
        _ descriptor: Int32, into room: UnsafeMutableRawBufferPointer, atMost limit: Int,
        _ body: (RawSpan, Endpoint) -> Void
    ) {
        guard let socket = sockets.values.first(where: { $0.descriptor.number == descriptor }) else { return }
        for _ in 0..<limit {
            guard let (length, sender) = try? socket.receive(into: room) else { return }
            body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: room[..<length])), sender)
        }
    }

    mutating func close() {
        for socket in sockets.values { socket.close() }
        sockets = [:]
        places = [:]
        new = []
    }
}
