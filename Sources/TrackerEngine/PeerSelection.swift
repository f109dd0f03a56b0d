import TorrentCore

/// Whom one asker is told of: not itself, seeders only if it still wants something, and each peer by an address that
/// the asker can reach.
struct PeerSelection {
    let asker: Endpoint
    let isSeeder: Bool
    private let reach: IPAddress.Reach
    /// What the asker calls the tracker's machine.
    private let hostAddress: IPAddress?

    init(asker: Endpoint, host: HostAddresses, isSeeder: Bool) {
        self.asker = asker
        self.isSeeder = isSeeder
        reach = asker.address.reach
        hostAddress = reach == .host ? nil : host.facing(asker.address)
    }

    // Tables are handed on as `inout`: a borrowed one would be copied for each call.

    /// Fills in a random window of each family. Over HTTP both families share `wanted`; in a packet there is room for
    /// one alone (BEP 15).
    func fill(
        _ answer: inout PackedAnnounceResponse, from swarm: SwarmView, of table: inout SwarmTable, wanted: Int,
        packetBytes: Int?, using chance: inout SplitMix64
    ) {
        let overV4 = asker.address.isV4
        // The asker is in one of the tables itself, unless nobody can connect to it.
        let itself = asker.port == 0 ? 0 : 1
        var shares = (v4: 0, v6: 0)
        if let packetBytes {
            let room = min(wanted, packetBytes / (overV4 ? 6 : 18))
            // The other family counts only for peers of this machine, which have a name in the asker's family.
            shares.v4 = overV4 ? room : min(room, swarm.onLoopback(0))
            shares.v6 = overV4 ? min(room, swarm.onLoopback(1)) : room
        } else {
            let v4 = max(0, swarm.peers(0) - (overV4 ? itself : 0))
            let v6 = max(0, swarm.peers(1) - (overV4 ? 0 : itself))
            shares.v4 = min(v4, max(wanted - v6, overV4 ? wanted - wanted / 2 : wanted / 2))
            shares.v6 = min(v6, wanted - shares.v4)
        }
        let limit = packetBytes.map { $0 / (overV4 ? 6 : 18) } ?? wanted
        let room = Room(family: packetBytes == nil ? nil : overV4, peers: limit)
        if overV4, reach == .host || swarm.onLoopback(0) == 0 {
            fillPlain(&answer, from: swarm, of: &table, wanted: shares.v4, using: &chance)
        } else {
            table.window(
                of: swarm, PeerEntryV4.self, wanted: shares.v4, leechersOnly: isSeeder, using: &chance
            ) { append($0, to: &answer, room) }
        }
        // Even to be told that nothing is wanted, the call would have the table copied.
        guard shares.v6 > 0 else { return }
        table.window(
            of: swarm, PeerEntryV6.self, wanted: shares.v6, leechersOnly: isSeeder, using: &chance
        ) { append($0, to: &answer, room) }
    }

    /// The usual case, IPv4 to IPv4 with nobody on the tracker's machine who would need another name: peers are copied
    /// as they are.
    private func fillPlain(
        _ answer: inout PackedAnnounceResponse, from swarm: SwarmView, of table: inout SwarmTable, wanted: Int,
        using chance: inout SplitMix64
    ) {
        guard wanted > 0, let own = PeerEntryV4(asker, PeerMarks(bits: 0)) else { return }
        let isWorldly = reach == .world
        let leechersOnly = isSeeder
        let limit = min(wanted, swarm.peers(0))
        answer.peers.appendPeers(upTo: limit) { peers in
            guard swarm.large != nil else {
                // From a random one on, and round about.
                let lower = leechersOnly ? swarm.block.seeders(0) : 0
                let upper = swarm.block.peers(0)
                guard lower < upper else { return }
                let start = lower + chance.next(below: upper - lower)
                var taken = 0
                swarm.block.withPeersV4(start..<upper) {
                    taken = peers.append($0, upTo: limit, except: own, toWorld: isWorldly)
                }
                swarm.block.withPeersV4(lower..<start) {
                    _ = peers.append($0, upTo: limit - taken, except: own, toWorld: isWorldly)
                }
                return
            }
            table.window(of: swarm, PeerEntryV4.self, wanted: wanted, leechersOnly: leechersOnly, using: &chance) {
                if $0.isSame(as: own) || isWorldly && IPAddress.v4($0.address).isPrivate { return false }
                peers.append($0)
                return true
            }
        }
    }

    /// What an answer has room for.
    private struct Room {
        /// True for IPv4 alone, false for IPv6 alone.
        let family: Bool?
        let peers: Int
    }

    @inline(__always)
    private func append(_ entry: some PeerEntry, to answer: inout PackedAnnounceResponse, _ room: Room) -> Bool {
        let peer = entry.endpoint
        switch peer.address.reach {
        case .world: break
        case .network: if reach == .world { return false }
        case .host:
            guard reach != .host else { break }
            // Known here as 127.0.0.1 or ::1, which to the asker would be itself.
            guard let hostAddress, Endpoint(hostAddress, port: peer.port) != asker else { return false }
            return append(Endpoint(hostAddress, port: peer.port), to: &answer, room)
        }
        if peer == asker { return false }
        return append(peer, to: &answer, room)
    }

    private func append(_ peer: Endpoint, to answer: inout PackedAnnounceResponse, _ room: Room) -> Bool {
        let isV4 = peer.address.isV4
        if let family = room.family, family != isV4 { return false }
        if isV4 {
            guard answer.peers.count < room.peers * 6 else { return false }
            peer.appendCompact(to: &answer.peers)
        } else {
            guard answer.peers6.count < room.peers * 18 else { return false }
            peer.appendCompact(to: &answer.peers6)
        }
        return true
    }
}
