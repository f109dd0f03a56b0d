internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore

/// The outcome of `verify`, for people and for scripts. Pure.
struct VerifyReport {
    let metainfo: Metainfo
    let report: ContentReport

    /// A verdict, and a line for each file that is not as it should be.
    func lines(rangesAFile: Int) -> [TerminalText] {
        let name = TerminalText(metainfo.name.description, style: .bold)
        let pieces = "\(HumanUnits.count(report.pieces.setCount)) of \(HumanUnits.count(metainfo.pieceCount))"
        guard !report.isComplete else {
            let files = HumanUnits.count(metainfo.files.count(where: \.isStored), "file", "files")
            let size = HumanUnits.size(metainfo.totalLength)
            return ["\(name)  \("complete", .good): \(files), \(size), every piece verified"]
        }
        let share = HumanUnits.percentage(Int64(report.pieces.setCount), of: Int64(metainfo.pieceCount))
        var table = Table()
        for file in report.files where !file.isWhole {
            let faults = Self.faults(of: file, limit: rangesAFile)
            for (position, fault) in faults.enumerated() {
                table.add(position == 0 ? "\(file.path)" : "", fault)
            }
        }
        return ["\(name)  \("not complete", .bad): \(pieces) pieces are right (\(share))"] + table.lines
    }

    private static func faults(of file: FileReport, limit: Int) -> [TerminalText] {
        var faults: [TerminalText] = []
        switch file.state {
        case .present, .notStored: break
        case .missing: faults.append("missing")
        case .short(let length):
            let lacking = HumanUnits.count(file.length - length, "byte", "bytes")
            faults.append(
                "short: \(HumanUnits.count(length)) of \(HumanUnits.count(file.length)) bytes, \(lacking) lack")
        case .long(let length): faults.append("too long by \(HumanUnits.count(length - file.length, "byte", "bytes"))")
        case .unusable(let problem): faults.append("unusable: \(problem)")
        }
        if !file.differing.isEmpty { faults.append("differs in bytes \(ranges(file.differing, limit))") }
        if !file.uncheckable.isEmpty {
            faults.append(
                "not checkable in bytes \(ranges(file.uncheckable, limit)): the rest of their piece is missing")
        }
        return faults
    }

    /// "0-16383, 32768-49151": the first and the last byte of each.
    private static func ranges(_ ranges: [Range<Int64>], _ limit: Int) -> TerminalText {
        let shown = ranges.prefix(limit).map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: ", ")
        guard ranges.count > limit else { return "\(shown)" }
        return "\(shown) and \(HumanUnits.count(ranges.count - limit, "range", "ranges")) more (-v)"
    }

    /// Ranges are pairs: the first byte, and one past the last.
    var object: JSONValue {
        let goodBytes = metainfo.geometry.pieces.reduce(Int64(0)) { sum, piece in
            report.pieces[piece] ? sum + Int64(metainfo.geometry.length(of: piece)) : sum
        }
        return [
            "event": "verified", "infohash": .string(metainfo.infoHash.description),
            "name": .bytes(ByteString(metainfo.name.bytes)), "complete": .bool(report.isComplete),
            "pieces": .integer(Int64(metainfo.pieceCount)), "good_pieces": .integer(Int64(report.pieces.setCount)),
            "bytes": .integer(metainfo.totalLength), "good_bytes": .integer(goodBytes),
            "files": .array(report.files.filter { $0.state != .notStored }.map { Self.object($0) }),
        ]
    }

    private static func object(_ file: FileReport) -> JSONValue {
        let (state, size): (String, Int64?) =
            switch file.state {
            case .present, .notStored:
                (file.isWhole ? "complete" : file.differing.isEmpty ? "unchecked" : "differs", file.length)
            case .missing: ("missing", nil)
            case .short(let size): ("short", size)
            case .long(let size): ("long", size)
            case .unusable: ("unusable", nil)
            }
        return [
            "path": .bytes(ByteString(file.path.bytes)), "length": .integer(file.length), "state": .string(state),
            "size": size.map { .integer($0) } ?? .null, "differing": pairs(file.differing),
            "unchecked": pairs(file.uncheckable),
        ]
    }

    private static func pairs(_ ranges: [Range<Int64>]) -> JSONValue {
        .array(ranges.map { [.integer($0.lowerBound), .integer($0.upperBound)] })
    }
}
