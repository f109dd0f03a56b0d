internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import Synchronization
internal import TorrentCore
internal import TransferReporting

// Who is connected, and what they have.
extension Console {
    private static let which = CommandSpec.Argument(
        "N", .optional, help: "a torrent of this console: its number, or its name; else all")
    /// What a look takes at most; a torrent that is being checked answers late.
    private static let patience = Duration.seconds(5)

    static let peers = Verb(
        CommandSpec(
            verb: "peers", summary: "Shows who is connected, what they have, give and take.", arguments: [which]),
        completes: [.ours]
    ) { console, arguments throws(CommandError) in
        try console.sayPeers(of: arguments.positionals.first)
    }

    static let pieces = Verb(
        CommandSpec(
            verb: "pieces", summary: "Shows which pieces are here, on their way, rare, or nowhere.",
            arguments: [which]),
        completes: [.ours]
    ) { console, arguments throws(CommandError) in
        for torrent in try console.chosen(arguments.positionals.first) {
            let map = try console.look(at: torrent) { [node = console.node] in
                node.pieces(of: torrent.infoHash, reply: $0)
            }
            console.say(map, of: torrent)
        }
    }

    func sayPeers(of word: ByteString?) throws(CommandError) {
        for torrent in try chosen(word) {
            say(try look(at: torrent) { [node] in node.peers(of: torrent.infoHash, reply: $0) }, of: torrent)
        }
    }

    private func chosen(_ word: ByteString?) throws(CommandError) -> [TorrentStatus] {
        if let word { return [try torrents.find(word)] }
        let all = torrents.all.map(\.status)
        if all.isEmpty { say("no torrents yet: upload, download or seed one") }
        return all
    }

    /// Waits for what the node answers on a thread of its own.
    private func look<Value: Sendable>(
        at torrent: TorrentStatus, _ ask: (@escaping @Sendable (Value) -> Void) -> Void
    ) throws(CommandError) -> Value {
        let answer = Answer<Value>()
        ask { [input] value in
            answer.value = value
            input.poke()
        }
        _ = input.wait(for: Self.patience) { answer.value != nil }
        if let value = answer.value { return value }
        throw CommandError(.unfinished, "\(torrent.name) gives no answer now: it is checked, or at its end")
    }

    private func say(_ peers: [PeerFigures], of torrent: TorrentStatus) {
        guard !output.isJSON else { return say(.peers(torrent.infoHash, peers)) }
        guard !peers.isEmpty else { return say("\(torrent.name): nobody is connected") }
        say("\(torrent.name): \(HumanUnits.count(peers.count, "peer", "peers"))")
        say(PeerTable(peers: peers, glyphs: output.standardOutput.glyphs).lines(width: sightWidth, most: peers.count))
    }

    private func say(_ map: PieceMap?, of torrent: TorrentStatus) {
        guard !output.isJSON else { return say(.pieces(torrent.infoHash, map ?? PieceMap([]))) }
        guard let map else { return say("\(torrent.name): its pieces are not known now; is it checked or paused?") }
        let rows = PieceRows(map)
        say("\(torrent.name): \(rows.summary)")
        say(rows.lines(width: sightWidth, glyphs: output.standardOutput.glyphs))
    }

    private var sightWidth: Int { output.standardOutput.columns - 1 }

    private func say(_ event: PeerEvent) {
        for object in TransferEvents.objects(event) { output.event(object) }
    }
}

/// What comes on another thread.
private final class Answer<Value: Sendable>: Sendable {
    private let held = Mutex<Value?>(nil)

    var value: Value? {
        get { held.withLock(\.self) }
        set { held.withLock { $0 = newValue } }
    }
}
