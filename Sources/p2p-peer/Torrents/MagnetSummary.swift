internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore

/// What a magnet link says, for people and for scripts.
struct MagnetSummary {
    let link: MagnetLink

    /// The facts of a link, one a line, aligned.
    var lines: [TerminalText] {
        var table = Table()
        table.add("info hash", "\(link.infoHash)")
        table.add("content", "not in the link: --fetch gets it from peers")
        table.addList("trackers", link.trackers)
        if link.trackers.isEmpty { table.add("trackers", "none") }
        table.addList("peers", link.peers)
        table.addList("web seeds", link.webSeeds)
        if let selection = link.selection { table.add("files", "\(selection.description), counted from 0") }
        table.add("magnet", "\(link.description)")
        return table.lines
    }

    /// The fields of `show --json`, as far as a link has them, and those that only a link has.
    var object: JSONValue {
        .object([
            .init("infohash", .string(link.infoHash.description)),
            .init("name", link.displayName.map { .bytes($0) } ?? .null),
            .init("announce", .array(link.trackerTiers.map { .array($0.map { .string($0) }) })),
            .init("web_seeds", .array(link.webSeeds.map { .string($0) })),
            .init("peers", .array(link.peers.map { .string($0) })),
            .init("selected", link.selection.map { .string($0.description) } ?? .null),
            .init("magnet", .string(link.description)),
        ])
    }
}

extension Table {
    /// The title stands beside the first line only.
    mutating func addList(_ title: TerminalText, _ entries: [String]) {
        for (position, entry) in entries.enumerated() { add(position == 0 ? title : "", "\(entry)") }
    }
}
