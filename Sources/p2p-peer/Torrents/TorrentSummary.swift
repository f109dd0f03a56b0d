internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore

/// What a torrent says, for people and for scripts.
struct TorrentSummary {
    let metainfo: Metainfo

    /// "214 files, 3.2 GiB in 1,640 pieces of 2 MiB".
    var content: TerminalText {
        let stored = metainfo.files.count { !$0.isPadding }
        let files = HumanUnits.count(stored, "file", "files")
        let pieces = HumanUnits.count(metainfo.pieceCount, "piece", "pieces")
        let size = HumanUnits.size(metainfo.totalLength)
        return "\(files), \(size) in \(pieces) of \(HumanUnits.size(Int64(metainfo.pieceLength)))"
    }

    /// What `make` prints about its result.
    func shortLines(magnet: String) -> [TerminalText] {
        var table = Table()
        table.add("info hash", "\(metainfo.infoHash)")
        table.add("content", content)
        table.addList("trackers", metainfo.trackerTiers.map { $0.joined(separator: ", ") })
        if metainfo.trackerTiers.isEmpty {
            let others: TerminalText = metainfo.isPrivate ? "have to be named with --peer" : "are found in the DHT"
            table.add("trackers", "none: peers \(others)")
        }
        table.add("magnet", "\(magnet)")
        return table.lines
    }

    /// The facts of a torrent, one a line, aligned; with all remarks, or their number.
    func lines(magnet: String, withRemarks: Bool) -> [TerminalText] {
        var table = Table()
        table.add("info hash", "\(metainfo.infoHash)")
        table.add("content", content)
        if metainfo.isPrivate { table.add("private", "yes: peers come from its trackers alone") }
        table.addList("trackers", metainfo.trackerTiers.map { $0.joined(separator: ", ") })
        if metainfo.trackerTiers.isEmpty { table.add("trackers", "none") }
        table.addList("web seeds", metainfo.webSeeds)
        table.addList("http seeds", metainfo.httpSeeds)
        table.addList("nodes", nodes)
        if let source = metainfo.source { table.add("source", "\(source)") }
        if let comment = metainfo.comment { table.add("comment", "\(comment)") }
        if let tool = metainfo.createdBy { table.add("created by", "\(tool)") }
        if let date = metainfo.creationDate { table.add("created", "\(HumanUnits.date(unixSeconds: date))") }
        if let path = metainfo.statedPath {
            let note: TerminalText =
                path.isInInfo ? ", in the info dictionary: with another one it is another swarm" : ""
            table.add("path", "\(ByteString(path.bytes))\(note)")
        }
        table.add("magnet", "\(magnet)")
        if withRemarks {
            table.addList("remarks", remarks)
        } else if metainfo.remarkCount > 0 {
            table.add("remarks", "\(HumanUnits.count(metainfo.remarkCount, "remark", "remarks")), said with -v")
        }
        return table.lines
    }

    private var remarks: [String] {
        let leftOut = metainfo.remarkCount - metainfo.remarks.count
        return metainfo.remarks.map(\.description) + (leftOut > 0 ? ["and \(leftOut) more"] : [])
    }

    private var nodes: [String] {
        metainfo.nodes.map { $0.host.contains(":") ? "[\($0.host)]:\($0.port)" : "\($0.host):\($0.port)" }
    }

    /// The fields of `show --json`. Fields are added, never renamed. `path` is where it was written; `torrent`
    /// are its bytes, if they are wanted in the readable notation.
    func object(magnet: String, path: ByteString? = nil, of torrent: [UInt8]? = nil) -> JSONValue {
        let place: [JSONValue.Member] = path.map { [.init("torrent", .bytes($0))] } ?? []
        let notation: [JSONValue.Member] = torrent.map { [.init("metainfo", TorrentNotation.json(of: $0))] } ?? []
        return .object(
            place + [
                .init("infohash", .string(metainfo.infoHash.description)),
                .init("name", .bytes(ByteString(metainfo.name.bytes))),
                .init("length", .integer(metainfo.totalLength)),
                .init("piece_length", .integer(Int64(metainfo.pieceLength))),
                .init("pieces", .integer(Int64(metainfo.pieceCount))),
                .init("private", .bool(metainfo.isPrivate)),
                .init("announce", .array(metainfo.trackerTiers.map { Self.strings($0) })),
                .init("files", .array(metainfo.files.map { file($0) })),
                .init("comment", Self.string(metainfo.comment)),
                .init("created_by", Self.string(metainfo.createdBy)),
                .init("creation_date", metainfo.creationDate.map { .integer($0) } ?? .null),
                .init("source", Self.string(metainfo.source)),
                .init("web_seeds", Self.strings(metainfo.webSeeds)),
                .init("nodes", Self.strings(nodes)),
                .init("http_seeds", Self.strings(metainfo.httpSeeds)),
                .init("single_file", .bool(metainfo.isSingleFile)),
                .init("magnet", .string(magnet)),
                .init("remarks", Self.strings(remarks)),
                .init("path", metainfo.statedPath.map { .bytes(ByteString($0.bytes)) } ?? .null),
                .init("path_in_info", metainfo.statedPath.map { .bool($0.isInInfo) } ?? .null),
            ] + notation)
    }

    private func file(_ file: MetainfoFile) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("path", .bytes(ByteString(file.path.bytes))), .init("length", .integer(file.length)),
        ]
        if !file.attributes.isEmpty { members.append(.init("attr", .string(file.attributes.letters))) }
        if let sum = file.md5sum { members.append(.init("md5sum", .bytes(ByteString(sum)))) }
        if let target = file.linkTarget { members.append(.init("symlink", .bytes(ByteString(target.bytes)))) }
        return .object(members)
    }

    private static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

    private static func string(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
