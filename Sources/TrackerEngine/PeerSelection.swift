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

    /// Fills in a random window of each family. Over HTTP both families share `wanted`; in a packet there is room for
    /// one alone (BEP 15).
    func fill(
        _ answer: inout PackedAnnounceResponse, from record: SwarmRecord, wanted: Int, packetBytes: Int?,
        using chance: inout SplitMix64
    ) {
        let overV4 = asker.address.isV4
        // The asker is in one of the tables itself, unless nobody can connect to it.
        let itself = asker.port == 0 ? 0 : 1
        let available = (v4: record.v4.count - (overV4 ? itself : 0), v6: record.v6.count - (overV4 ? 0 : itself))
        var shares = (v4: 0, v6: 0)
        if let packetBytes {
            let room = min(wanted, packetBytes / (overV4 ? 6 : 18))
            // The other family counts only for peers of this machine, which have a name in the asker's family.
            shares.v4 = overV4 ? room : min(room, record.v4.onLoopback)
            shares.v6 = overV4 ? min(room, record.v6.onLoopback) : room
        } else {
            shares.v4 = min(
                max(0, available.v4), max(wanted - max(0, available.v6), overV4 ? wanted - wanted / 2 : wanted / 2))
            shares.v6 = min(max(0, available.v6), wanted - shares.v4)
        }
        let limit = packetBytes.map { $0 / (overV4 ? 6 : 18) } ?? wanted
        window(of: record.v4, shares.v4, into: &answer, packetOfV4: packetBytes == nil ? nil : overV4, limit, &chance)
        window(of: record.v6, shares.v6, into: &answer, packetOfV4: packetBytes == nil ? nil : overV4, limit, &chance)
    }

    private func window<Address>(
        of table: PeerTable<Address>, _ wanted: Int, into answer: inout PackedAnnounceResponse, packetOfV4: Bool?,
        _ limit: Int, _ chance: inout SplitMix64
    ) {
        table.window(wanted: wanted, leechersOnly: isSeeder, chance: chance.next()) { entry in
            let address = entry.address.address
            switch address.reach {
            case .world: break
            case .network: if reach == .world { return false }
            case .host:
                guard reach != .host else { break }
                // Known here as 127.0.0.1 or ::1, which to the asker would be itself.
                guard let hostAddress, Endpoint(hostAddress, port: entry.port) != asker else { return false }
                return append(Endpoint(hostAddress, port: entry.port), to: &answer, packetOfV4, limit)
            }
            if entry.port == asker.port, address == asker.address { return false }
            return append(Endpoint(address, port: entry.port), to: &answer, packetOfV4, limit)
        }
    }

    private func append(
        _ peer: Endpoint, to answer: inout PackedAnnounceResponse, _ packetOfV4: Bool?, _ limit: Int
    ) -> Bool {
        let isV4 = peer.address.isV4
        if let packetOfV4, packetOfV4 != isV4 { return false }
        if isV4 {
            guard answer.peers.count < limit * 6 else { return false }
            peer.appendCompact(to: &answer.peers)
        } else {
            guard answer.peers6.count < limit * 18 else { return false }
            peer.appendCompact(to: &answer.peers6)
        }
        return true
    }
}
