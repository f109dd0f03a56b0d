/// Reads one dictionary of a .torrent file (BEP 3), the outer one or `info`, and names what is wrong with it.
///
/// What the content is made of must be right: kinds, lengths, the number of pieces. Names are repaired. Everything else
/// is optional: of a wrong kind it is as if absent, with a remark.
struct MetainfoReader {
    let node: BencodeNode
    let limits: MetainfoLimits

    // MARK: Values of one kind

    /// The value under `key`, which must be there and of `kind`.
    func required(_ key: MetainfoKey, _ kind: BencodeKind) throws(MetainfoError) -> BencodeNode {
        guard let value = try strict(key, kind) else { throw .missing(key) }
        return value
    }

    /// The value under `key`, which must be of `kind` if it is there.
    func strict(_ key: MetainfoKey, _ kind: BencodeKind) throws(MetainfoError) -> BencodeNode? {
        guard let value = node[key.rawValue] else { return nil }
        guard value.kind == kind else { throw .wrongKind(key, expected: kind, found: value.kind) }
        return value
    }

    /// The value under `key`, if it is of `kind`.
    func optional(_ key: MetainfoKey, _ kind: BencodeKind, _ remarks: inout MetainfoRemarks) -> BencodeNode? {
        guard let value = node[key.rawValue] else { return nil }
        guard value.kind == kind else {
            remarks.add(.ignored(key, found: value.kind))
            return nil
        }
        return value
    }

    /// A text, cut if it is very long.
    func text(_ key: MetainfoKey, _ remarks: inout MetainfoRemarks) -> String? {
        guard let bytes = optional(key, .string, &remarks)?.stringBytes else { return nil }
        if bytes.count > limits.text { remarks.add(.onlyFirstBytes(key, of: bytes.count, limit: limits.text)) }
        return String(decoding: bytes.prefix(limits.text), as: UTF8.self)
    }

    func integer(_ key: MetainfoKey, _ remarks: inout MetainfoRemarks) -> Int64? {
        optional(key, .integer, &remarks)?.integer
    }

    // MARK: The outer dictionary

    func info() throws(MetainfoError) -> MetainfoReader {
        MetainfoReader(node: try required(.info, .dictionary), limits: limits)
    }

    /// Nil if there is none, or an empty one.
    func url(_ key: MetainfoKey, _ remarks: inout MetainfoRemarks) -> String? {
        optional(key, .string, &remarks).flatMap { urls(CollectionOfOne($0), of: key, &remarks).first }
    }

    /// `announce-list` (BEP 12): empty trackers and empty tiers are left out.
    func tiers(_ remarks: inout MetainfoRemarks) -> [[String]] {
        guard let list = optional(.announceList, .list, &remarks)?.list else { return [] }
        var tiers: [[String]] = []
        var (count, malformed) = (0, 0)
        for tier in list {
            guard let entries = tier.list else {
                malformed += 1
                continue
            }
            let room = max(0, limits.addresses - count)
            count += entries.count
            let urls = urls(entries.prefix(room), &malformed)
            if !urls.isEmpty { tiers.append(urls) }
        }
        remark(on: .announceList, count: count, malformed: malformed, &remarks)
        return tiers
    }

    /// A list of strings or, as `url-list` also comes (BEP 19), a single one; empty ones are left out.
    func addresses(_ key: MetainfoKey, _ remarks: inout MetainfoRemarks) -> [String] {
        if let value = node[key.rawValue], value.kind == .string {
            return urls(CollectionOfOne(value), of: key, &remarks)
        }
        guard let list = optional(key, .list, &remarks)?.list else { return [] }
        var malformed = 0
        let urls = urls(list.prefix(limits.addresses), &malformed)
        remark(on: key, count: list.count, malformed: malformed, &remarks)
        return urls
    }

    /// Hosts and ports of nodes of the DHT (BEP 5).
    func nodes(_ remarks: inout MetainfoRemarks) -> [Metainfo.DHTNode] {
        guard let list = optional(.nodes, .list, &remarks)?.list else { return [] }
        var nodes: [Metainfo.DHTNode] = []
        var malformed = 0
        for entry in list.prefix(limits.addresses) {
            let parts = entry.list.map { Array($0.prefix(3)) } ?? []
            guard parts.count == 2, let host = parts[0].text, !host.isEmpty,
                let port = parts[1].integer.flatMap({ UInt16(exactly: $0) })
            else {
                malformed += 1
                continue
            }
            nodes.append(Metainfo.DHTNode(host: host, port: port))
        }
        remark(on: .nodes, count: list.count, malformed: malformed, &remarks)
        return nodes
    }

    private func urls(
        _ entries: some Sequence<BencodeNode>, of key: MetainfoKey, _ remarks: inout MetainfoRemarks
    ) -> [String] {
        var malformed = 0
        let urls = urls(entries, &malformed)
        remark(on: key, count: 1, malformed: malformed, &remarks)
        return urls
    }

    /// The strings among them, without the white space around them, which no URL has.
    private func urls(_ entries: some Sequence<BencodeNode>, _ malformed: inout Int) -> [String] {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (9...13).contains(byte) }
        var urls: [String] = []
        for entry in entries {
            guard let bytes = entry.stringBytes, bytes.count <= limits.url else {
                malformed += 1
                continue
            }
            guard let first = bytes.firstIndex(where: { !isBlank($0) }),
                let last = bytes.lastIndex(where: { !isBlank($0) })
            else { continue }
            urls.append(PercentCoding.url(bytes[first...last]))
        }
        return urls
    }

    private func remark(on key: MetainfoKey, count: Int, malformed: Int, _ remarks: inout MetainfoRemarks) {
        if malformed > 0 { remarks.add(.ignoredEntries(key, count: malformed)) }
        if count > limits.addresses { remarks.add(.onlyFirst(key, of: count, limit: limits.addresses)) }
    }

    // MARK: The info dictionary

    /// `name.utf-8`, which some clients write beside a `name` in another encoding, wins. A torrent without a name that
    /// a file can have is named by its hash.
    func name(of infoHash: InfoHash, _ remarks: inout MetainfoRemarks) -> TorrentPath {
        let names = [optional(.nameUTF8, .string, &remarks), optional(.name, .string, &remarks)]
        let given = names.compactMap { $0?.stringBytes }
        for (position, bytes) in given.enumerated() {
            // An empty one beside another is as if absent.
            if bytes.isEmpty, position + 1 < given.count { continue }
            let name = TorrentPath(repairing: bytes) ?? TorrentPath(checked: Array(infoHash.hex.utf8))
            if !name.bytes.elementsEqual(bytes) { remarks.add(.repairedName(MetainfoRemark.kept(bytes), name)) }
            return name
        }
        let name = TorrentPath(checked: Array(infoHash.hex.utf8))
        remarks.add(.repairedName(nil, name))
        return name
    }

    /// `private` is 1, or any other number but 0 (BEP 27).
    func isPrivate(_ remarks: inout MetainfoRemarks) -> Bool {
        guard let value = integer(.isPrivate, &remarks) else { return false }
        if value != 0, value != 1 { remarks.add(.oddPrivate(value)) }
        return value != 0
    }

    /// `path`, if it is a string that a path could be.
    func contentPath(isInInfo: Bool) -> ContentPath? {
        guard let bytes = node[MetainfoKey.path.rawValue]?.string, (1...TorrentPath.byteLimit).contains(bytes.count)
        else { return nil }
        return ContentPath(bytes, isInInfo: isInInfo)
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
