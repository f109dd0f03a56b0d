/// Reads one dictionary of a .torrent file, the outer one or `info`, and names what is wrong with it.
struct MetainfoReader {
    let node: BencodeNode
    let limits: MetainfoLimits

    // MARK: Values of one kind

    /// The value under `key`, which must be of `kind` if it is there.
    func value(_ key: MetainfoKey, _ kind: BencodeKind) throws(MetainfoError) -> BencodeNode? {
        guard let value = node[key.rawValue] else { return nil }
        guard value.kind == kind else { throw .wrongKind(key, expected: kind, found: value.kind) }
        return value
    }

    func required(_ key: MetainfoKey, _ kind: BencodeKind) throws(MetainfoError) -> BencodeNode {
        guard let value = try value(key, kind) else { throw .missing(key) }
        return value
    }

    func text(_ key: MetainfoKey) throws(MetainfoError) -> String? { try value(key, .string)?.text }
    func url(_ key: MetainfoKey) throws(MetainfoError) -> String? {
        try value(key, .string)?.stringBytes.map { PercentCoding.url($0) }
    }
    func integer(_ key: MetainfoKey) throws(MetainfoError) -> Int64? { try value(key, .integer)?.integer }

    // MARK: The outer dictionary

    func info() throws(MetainfoError) -> MetainfoReader {
        MetainfoReader(node: try required(.info, .dictionary), limits: limits)
    }

    /// `announce-list`: empty trackers and empty tiers are left out.
    func tiers() throws(MetainfoError) -> [[String]] {
        guard let list = try value(.announceList, .list)?.list else { return [] }
        var tiers: [[String]] = []
        var count = 0
        for tier in list {
            guard let entries = tier.list else {
                throw .wrongKind(.announceList, expected: .list, found: tier.kind)
            }
            count += entries.count
            let urls = try self.urls(entries, of: .announceList)
            if !urls.isEmpty { tiers.append(urls) }
        }
        guard count <= limits.addresses else { throw .tooManyAddresses(.announceList, count, limit: limits.addresses) }
        return tiers
    }

    /// A list of strings or, as `url-list` also comes, a single one; empty ones are left out.
    func addresses(_ key: MetainfoKey) throws(MetainfoError) -> [String] {
        guard let value = node[key.rawValue] else { return [] }
        if let url = value.stringBytes.map({ PercentCoding.url($0) }) { return url.isEmpty ? [] : [url] }
        guard let list = value.list else { throw .wrongKind(key, expected: .list, found: value.kind) }
        guard list.count <= limits.addresses else {
            throw .tooManyAddresses(key, list.count, limit: limits.addresses)
        }
        return try urls(list, of: key)
    }

    private func urls(_ list: BencodeList, of key: MetainfoKey) throws(MetainfoError) -> [String] {
        var urls: [String] = []
        for entry in list {
            guard let bytes = entry.stringBytes else { throw .wrongKind(key, expected: .string, found: entry.kind) }
            if !bytes.isEmpty { urls.append(PercentCoding.url(bytes)) }
        }
        return urls
    }

    func nodes() throws(MetainfoError) -> [Metainfo.Node] {
        guard let list = try value(.nodes, .list)?.list else { return [] }
        guard list.count <= limits.addresses else {
            throw .tooManyAddresses(.nodes, list.count, limit: limits.addresses)
        }
        var nodes: [Metainfo.Node] = []
        for (position, entry) in list.enumerated() {
            let parts = entry.list.map { Array($0) } ?? []
            guard parts.count == 2, let host = parts[0].text, !host.isEmpty,
                let port = parts[1].integer.flatMap({ UInt16(exactly: $0) })
            else { throw .malformedNode(position) }
            nodes.append(Metainfo.Node(host: host, port: port))
        }
        return nodes
    }

    // MARK: The info dictionary

    /// `name.utf-8`, which some clients write beside a `name` in another encoding, wins.
    func name() throws(MetainfoError) -> TorrentPath {
        let plain = try value(.name, .string)
        guard let name = try value(.nameUTF8, .string) ?? plain, let bytes = name.string else {
            throw .missing(.name)
        }
        do { return try TorrentPath(components: CollectionOfOne(bytes)) } catch { throw .unsafeName(error) }
    }

    func geometry(of files: [MetainfoFile]) throws(MetainfoError) -> (TorrentGeometry, FileLayout) {
        guard let length = try required(.pieceLength, .integer).integer else { throw .missing(.pieceLength) }
        guard length >= 1, length <= limits.pieceLength else {
            throw .pieceLengthOutOfRange(length, limit: limits.pieceLength)
        }
        guard let layout = FileLayout(lengths: files.map(\.length)),
            let geometry = TorrentGeometry(totalLength: layout.totalLength, pieceLength: Int(length))
        else { throw .totalLengthTooLarge }
        return (geometry, layout)
    }

    func digests(for geometry: TorrentGeometry) throws(MetainfoError) -> [UInt8] {
        guard let bytes = try required(.pieces, .string).string else { throw .missing(.pieces) }
        guard bytes.count.isMultiple(of: 20) else { throw .piecesNotDigests(bytes: bytes.count) }
        guard bytes.count / 20 <= limits.pieces else {
            throw .tooManyPieces(bytes.count / 20, limit: limits.pieces)
        }
        guard bytes.count / 20 == geometry.pieceCount else {
            throw .wrongPieceCount(found: bytes.count / 20, expected: geometry.pieceCount)
        }
        return bytes
    }
}
