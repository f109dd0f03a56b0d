import TestSupport

/// Thirty peers of a private torrent on hosts of their own, with two trackers that name few, and with whatever could
/// lead them to others: some have a public torrent beside it, in which they hear of each other, and a stranger tells
/// all of them of everybody and of a decoy.
struct ThirtyPeers {
    let bridge: Bridge
    let closed: HostedTorrent
    let open: HostedTorrent
    /// Of the private torrent, in its order.
    let trackers: [NamingTracker]
    /// Of the public torrent it names one peer, and they tell each other of the rest.
    let openTracker: NamingTracker
    /// Ours, from host 2 on.
    let leechers: [RunningProcess]

    /// Host 1 is the seeder; the peers up to this number are ours, those up to the next are libtorrent's.
    static let ours = 27
    static let all = 30
    /// They have the public torrent, too.
    private static let alsoPublic = 1...6
    /// It has the next one named by its user.
    private static let withFriend = 9
    /// How many peers a tracker names.
    private static let named = 8
    /// Where stranger and decoy are for the public torrent.
    private static let openPort = 7_001

    init(_ stage: Stage) async throws {
        let bridge = try await Bridge(stage, hosts: Self.all + 5)
        let urls = (1...3).map { NamingTracker.announceURL(on: bridge[Self.all + $0]) }
        let closed = try HostedTorrent(
            stage, name: "closed", bytes: 2 << 20, announce: Array(urls.prefix(2)), isPrivate: true)
        let open = try HostedTorrent(stage, name: "open", bytes: 256 << 10, announce: [urls[2]])
        var trackers: [NamingTracker] = []
        for number in 1...2 {
            trackers.append(try await NamingTracker(on: bridge[Self.all + number], of: bridge, naming: Self.named))
        }
        openTracker = try await NamingTracker(on: bridge[Self.all + 3], of: bridge, naming: 1)
        leechers = try (2...Self.ours).map { number in
            let torrents = Self.alsoPublic.contains(number) ? [closed.path, open.path] : [closed.path]
            return try bridge.peer(
                .leech, torrents, on: bridge[number], Self.friends(of: number, bridge).flatMap { ["--peer", $0] })
        }
        (self.bridge, self.closed, self.open, self.trackers) = (bridge, closed, open, trackers)
        for number in Self.ours + 1...Self.all {
            let folder = try bridge.folder(of: bridge[number])
            _ = try bridge.start(
                LibtorrentDriver.python ?? "python3",
                [LibtorrentDriver.script, "leech", closed.path, "--dir", folder, "--listen", bridge[number].place()],
                on: bridge[number], name: "libtorrent")
        }
        try await waitForAnswers(of: trackers[0])
    }

    private var stranger: Bridge.Host { bridge[Self.all + 4] }
    private var decoy: Bridge.Host { bridge[Self.all + 5] }

    /// Places that no tracker names: a stranger tells of them.
    var temptations: [String] { [stranger, decoy].map { $0.place() } }
    /// The same for the public torrent.
    var openTemptations: [String] { [stranger, decoy].map { $0.place(port: Self.openPort) } }

    private static func friends(of number: Int, _ bridge: Bridge) -> [String] {
        number == withFriend ? [bridge[number + 1].place()] : []
    }

    /// Whom this peer may call for the private torrent.
    func acquaintance(of number: Int) -> Acquaintance {
        Acquaintance(of: bridge[number], closed.infoHash, trackers, byUser: Self.friends(of: number, bridge))
    }

    /// Returns once all leechers have an answer.
    func waitForAnswers(of tracker: NamingTracker) async throws {
        let url = NamingTracker.announceURL(on: tracker.host)
        for process in leechers {
            try await process.waitForEvent("tracker", within: .seconds(30)) { $0.state == "answered" && $0.url == url }
        }
    }

    /// The stranger comes to all of ours, and tells of itself, of the decoy and of peers that are there; and the same
    /// for the public torrent. Returns when all have heard it.
    func tempt() async throws {
        let peers = bridge.hosts.prefix(Self.all).map { $0.place() }
        try await tempt(
            Array(peers[1..<Self.ours]), closed, by: temptations[0], with: temptations + peers)
        try await tempt(
            Array(peers[1..<Self.alsoPublic.upperBound]), open, by: openTemptations[0], with: openTemptations)
    }

    private func tempt(
        _ peers: [String], _ torrent: HostedTorrent, by listen: String, with places: [String]
    ) async throws {
        let options = peers.flatMap { ["--call", $0] } + places.flatMap { ["--tell", $0] }
        let process = try bridge.start(
            driver: "tempting_peer.py", [listen, torrent.infoHash] + options, on: stranger)
        let isHeard = try await eventually(within: .seconds(30), every: .milliseconds(50)) {
            Set(process.events.filter { $0.event == "heard" }.compactMap(\.address)).count == peers.count
        }
        guard isHeard else { throw TestFailure("the stranger was not heard by all\n\(process.log)") }
    }

    /// Starts the seeder of both torrents, and returns when somebody is connected with it.
    func seed() async throws -> RunningProcess {
        let folder = try bridge.stage.folder.folder("both")
        for torrent in [closed, open] { try torrent.copy(to: folder) }
        let seeder = try bridge.peer(
            .seed, [closed.path, open.path], on: bridge[1], folder: folder, ["--upload-limit", "300K"])
        try await seeder.waitForEvent("peer") { $0.state == "connected" && $0.infohash == closed.infoHash }
        return seeder
    }

    /// Returns when all leechers have everything.
    func waitUntilComplete() async throws {
        for process in leechers {
            try await process.waitForEvent("complete", within: .seconds(60)) { $0.infohash == closed.infoHash }
        }
        for number in 2...Self.ours { try closed.expectWhole(in: bridge.folder(of: bridge[number])) }
    }

    /// How many of ours have called somebody whom a second tracker named, after that.
    func callers(in packets: [Packet]) -> Int {
        (1...Self.ours).count { number in
            guard let (since, named) = acquaintance(of: number).afterSwitch else { return false }
            return packets.contains {
                $0.host == number && $0.time > since && $0.infohash == closed.infoHash && named.contains($0.place)
            }
        }
    }

    /// What left our peers and should not have.
    func complaints(about packets: [Packet]) -> [String] {
        let acquaintances = (1...Self.ours).map { acquaintance(of: $0) }
        let publicPlaces =
            openTemptations + [NamingTracker.place(on: openTracker.host)]
            + Self.alsoPublic.map { bridge[$0].place() }
        return packets.filter { $0.host <= Self.ours }.compactMap { packet in
            // A first packet says not for which torrent it is: those who have both may call each other.
            let isOpen = publicPlaces.contains(packet.place) && packet.infohash != closed.infoHash
            if Self.alsoPublic.contains(packet.host), isOpen { return nil }
            return acquaintances[packet.host - 1].complaint(about: packet)
        }
    }

    /// What would be complaints about the public torrent if it were private.
    func hearsay(in packets: [Packet]) -> [String] {
        packets.filter { $0.host <= Self.ours && $0.infohash == open.infoHash }.compactMap {
            Acquaintance(of: bridge[$0.host], open.infoHash, [openTracker]).complaint(about: $0)
        }
    }

    /// How many connections a peer closed because the second tracker answered, and those that it had before and kept.
    func parting(of process: RunningProcess) -> (closed: Int, kept: [String]) {
        let url = NamingTracker.announceURL(on: trackers[1].host)
        let events = process.events.filter { $0.infohash == closed.infoHash }
        guard let answer = events.first(where: { $0.event == "tracker" && $0.state == "answered" && $0.url == url }),
            let moment = answer.time
        else { return (0, []) }
        var before: Set<String> = []
        var count = 0
        for event in events where event.event == "peer" {
            let place = "\(event.address ?? ""):\(event.port ?? 0)"
            let time = event.time ?? 0
            if event.state == "connected", time < moment { before.insert(place) }
            guard event.state == "left" else { continue }
            if event.reason?.contains("another tracker answers") == true { count += 1 }
            if time < moment + 1 { before.remove(place) }
        }
        return (count, before.sorted())
    }

    /// Where the connections lead that this peer has made for the private torrent, and not lost.
    func kept(by process: RunningProcess) -> Set<String> {
        var places: Set<String> = []
        for event in process.events where event.event == "peer" && event.infohash == closed.infoHash {
            guard let address = event.address, let port = event.port else { continue }
            if event.state == "connected", event.incoming == false { places.insert("\(address):\(port)") }
            if event.state == "left" { places.remove("\(address):\(port)") }
        }
        return places
    }
}
