/// A torrent made by the tests themselves, so that they do not ask our own `make` what is right.
package struct TestTorrent: Sendable {
    package var info: Bencoded
    package var announce: [String]
    /// Lowercase hex of the SHA-1 over `info`.
    package var infoHash: String { ReferenceSHA1.hex(ReferenceSHA1.hash(info.encoded)) }

    package init(info: Bencoded, announce: [String] = []) {
        self.info = info
        self.announce = announce
    }

    /// The v1 metainfo of `payload` as it lies at `path`: files in the payload's order.
    package init(
        of payload: Payload, at path: String, pieceLength: Int, announce: [String] = [], isPrivate: Bool = false
    ) throws {
        var content: [UInt8] = []
        for file in payload.files {
            content += try FileTree.read(file.path.isEmpty ? path : "\(path)/\(file.path)")
        }
        let pieces = stride(from: 0, to: content.count, by: pieceLength).flatMap {
            ReferenceSHA1.hash(content[$0..<min($0 + pieceLength, content.count)])
        }
        var pairs: [(key: String, value: Bencoded)] = []
        if payload.files[0].path.isEmpty {
            pairs.append(("length", .integer(payload.length)))
        } else {
            let files = payload.files.map { file -> Bencoded in
                let parts = file.path.split(separator: "/").map { Bencoded.text(String($0)) }
                return .dictionary([("length", .integer(file.size)), ("path", .list(parts))])
            }
            pairs.append(("files", .list(files)))
        }
        pairs += [("name", .text(payload.name)), ("piece length", .integer(pieceLength)), ("pieces", .bytes(pieces))]
        if isPrivate { pairs.append(("private", 1)) }
        self.init(info: .dictionary(pairs), announce: announce)
    }

    /// The .torrent file: one tracker as `announce`, several as one tier each.
    package var encoded: [UInt8] {
        var pairs: [(key: String, value: Bencoded)] = []
        if let first = announce.first { pairs.append(("announce", .text(first))) }
        if announce.count > 1 {
            pairs.append(("announce-list", .list(announce.map { .list([.text($0)]) })))
        }
        pairs.append(("info", info))
        return Bencoded.dictionary(pairs).encoded
    }

    @discardableResult
    package func write(to path: String) throws -> String {
        try FileTree.write(encoded, to: path)
        return path
    }
}
