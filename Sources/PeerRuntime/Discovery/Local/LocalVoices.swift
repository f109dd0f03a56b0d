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
    private var sockets: [LocalGroup: MulticastSocket] = [:]
    /// Where we hear, and from which address we speak there.
    private var places: [Place: IPAddress] = [:]
    /// Those that have come, and on which nothing was said since, nor in the last minute.
    private var new: Set<Place> = []
    private var spokenAt: [Place: Moment] = [:]
    private(set) var networks = LocalNetworks([])
    /// Why there is no hearing anybody at all.
    private(set) var trouble: SystemError?

    /// The system lets a socket join 20 groups.
    static let mostInterfaces = 16

    init(source: IPAddress?) {
        self.source = source
    }

    /// By family; one that the machine does not know is not there.
    var descriptors: [Descriptor] { sockets.values.map(\.descriptor) }

    /// Whether anybody can be heard.
    var areAnywhere: Bool { !places.isEmpty }

    /// Opens the sockets that are missing: those that are new, to be watched.
    mutating func open() -> [Descriptor] {
        var opened: [Descriptor] = []
        for group in LocalGroup.allCases where sockets[group] == nil && isWanted(group) {
            do throws(SystemError) {
                let socket = try MulticastSocket(group: group.endpoint, source: source)
                sockets[group] = socket
                opened.append(socket.descriptor)
            } catch {
                trouble = error
            }
        }
        return opened
    }

    private func isWanted(_ group: LocalGroup) -> Bool { source.map { $0.isV4 == (group == .v4) } ?? true }

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
                trouble = error
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

    /// Says it everywhere, or only where nothing was said yet.
    mutating func say(_ announce: LocalAnnounce, onlyToNew: Bool, at now: Moment) {
        for (group, socket) in sockets {
            let datagram = announce.encoded(for: group)
            for (place, address) in stages(group) where !onlyToNew || new.contains(place) {
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
