// The peers of an answer, in every shape that trackers give them (BEP 3, 7, 23).

extension AnnounceResponse {
    mutating func readPeers(_ root: BencodeNode) {
        var bad = 0
        for (field, stride) in [(TrackerResponseError.Field.peers, 6), (.peers6, 18)] {
            guard let node = root[field.rawValue] else { continue }
            switch node.kind {
            case .string:
                let packed = node.string ?? []
                packed.withBytes { appendPeers(packed: $0, stride: stride) }
                if !packed.count.isMultiple(of: stride) { bad += 1 }
            case .list: for entry in node.list! where !take(entry) { bad += 1 }
            // Either a single peer, or the array of a language that encodes arrays as dictionaries.
            case .dictionary where node["ip"] != nil: if !take(node) { bad += 1 }
            case .dictionary: node.forEachPair { _, entry in if !take(entry) { bad += 1 } }
            case .integer: oddities.append(.ignored(field))
            }
        }
        if bad > 0 { oddities.append(.badPeers(count: bad)) }
    }

    /// Takes one entry of a list: a dictionary with an address or a name, or packed bytes. False if it is no peer.
    private mutating func take(_ entry: BencodeNode) -> Bool {
        if let packed = entry.string {
            guard packed.count == 6 || packed.count == 18 else { return false }
            packed.withBytes { appendPeers(packed: $0, stride: packed.count) }
            return true
        }
        guard let host = entry["ip"]?.text, let number = entry["port"]?.number, let port = UInt16(exactly: number)
        else { return false }
        // Nobody can connect to it; many trackers give port 0 to peers that cannot be reached.
        guard port != 0 else { return true }
        if let address = IPAddress(host) {
            if peers.count < Self.peerLimit { peers.append(Endpoint(address, port: port)) }
            return true
        }
        guard let name = try? TrackerURL.checked(host: host[...]) else { return false }
        if namedPeers.count < Self.nameLimit { namedPeers.append(NamedPeer(host: name, port: port)) }
        return true
    }

    /// Appends peers of `stride` bytes each, 6 or 18; those with port 0 and bytes that fill no peer are left out.
    mutating func appendPeers(packed bytes: RawSpan, stride: Int) {
        for offset in Swift.stride(from: 0, to: bytes.byteCount - stride + 1, by: stride) {
            guard peers.count < Self.peerLimit else { return }
            if let peer = Endpoint(compact: bytes.extracting(offset..<offset + stride)), peer.port != 0 {
                peers.append(peer)
            }
        }
    }
}
