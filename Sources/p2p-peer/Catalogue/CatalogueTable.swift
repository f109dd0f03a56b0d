internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore
internal import TorrentIO

/// What a catalogue has, as a table: in a window no wider than that.
struct CatalogueTable {
    let entries: [CatalogueEntry]
    /// Seconds since 1970.
    let now: Int64
    /// Columns of the window; nil where nothing is cut.
    let width: Int?

    private static let headings: [TerminalText] = ["no.", "name", "size", "files", "seeders", "leech", "got", "age"]
    /// Where the names of torrents and of seeders stand.
    private static let (nameColumn, seedsColumn) = (1, 4)

    var lines: [TerminalText] {
        var rows = entries.map(cells)
        fit(&rows)
        var table = Table([.right, .left, .right, .right, .left, .right, .right, .right], indent: 0)
        table.add(row: Self.headings.map { $0.styled(.dim) })
        for row in rows { table.add(row: row) }
        return table.lines
    }

    private func cells(_ entry: CatalogueEntry) -> [TerminalText] {
        [
            "\(entry.number)", "\(entry.name)", "\(HumanUnits.size(entry.length))",
            "\(HumanUnits.count(entry.files))", seeders(entry), "\(HumanUnits.count(entry.leechers))",
            "\(HumanUnits.count(entry.downloads))", "\(Self.age(now - entry.added))",
        ]
    }

    private func seeders(_ entry: CatalogueEntry) -> TerminalText {
        guard entry.seeders > 0 else { return "none" }
        guard !entry.seeds.isEmpty else { return "\(entry.seeders)" }
        let names = TerminalText.joined(entry.seeds.map { TerminalText($0) }, by: ", ")
        return "\(entry.seeders) \(names)"
    }

    /// Cuts names where the window is too narrow for all of them.
    private func fit(_ rows: inout [[TerminalText]]) {
        guard let width else { return }
        let widths = Self.headings.indices.map { column in
            rows.map { $0[column].columns }.reduce(Self.headings[column].columns, max)
        }
        let (name, seeds) = (widths[Self.nameColumn], widths[Self.seedsColumn])
        let room = width - 2 * (widths.count - 1) - (widths.reduce(0, +) - name - seeds)
        guard name + seeds > room else { return }
        // The names of torrents get three parts of five, and what the others leave.
        let nameRoom = min(name, max(room * 3 / 5, room - seeds, 8))
        for row in rows.indices {
            rows[row][Self.nameColumn] = rows[row][Self.nameColumn].cut(to: nameRoom)
            rows[row][Self.seedsColumn] = rows[row][Self.seedsColumn].cut(to: max(7, room - nameRoom))
        }
    }

    /// "now", "5 min", "3 h", "12 d", "2 y".
    static func age(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "now"
        case ..<3_600: "\(seconds / 60) min"
        case ..<86_400: "\(seconds / 3_600) h"
        case ..<(730 * 86_400): "\(seconds / 86_400) d"
        default: "\(seconds / (365 * 86_400)) y"
        }
    }
}

extension CatalogueEntry {
    /// For scripts: the fields of the catalogue's own list, with a whole URL. The exact bytes of a name that is no
    /// UTF-8 stand beside it.
    func object(at catalogue: String) -> JSONValue {
        .object([
            .init("number", .integer(Int64(number))), .init("infohash", .string("\(infoHash)")),
            .init("name", .bytes(name)), .init("length", .integer(length)), .init("files", .integer(Int64(files))),
            .init("private", .bool(isPrivate)), .init("seeders", .integer(Int64(seeders))),
            .init("leechers", .integer(Int64(leechers))), .init("downloads", .integer(Int64(downloads))),
            .init("added", .integer(added)), .init("seeds", .array(seeds.map { .string($0) })),
            .init("others", .array(others.map { .string($0) })), .init("torrent", .string(catalogue + torrentTarget)),
            .init("magnet", .string(magnet)),
        ])
    }
}
