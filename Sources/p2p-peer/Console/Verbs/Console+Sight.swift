internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import Synchronization
internal import TorrentCore

// Who is connected, and what they have.
extension Console {
    private static let which = CommandSpec.Argument(
        "N", .optional, help: "a torrent of this console: its number, or its name; else all")
    /// What a look takes at most; a torrent that is being checked answers late.
    private static let patience = Duration.seconds(2)

    static let peers = Verb(
        CommandSpec(
            verb: "peers", summary: "Shows who is connected, what they have, give and take.", arguments: [which]),
        completes: [.ours]
    ) { console, arguments throws(CommandError) in
        for torrent in try console.chosen(arguments) {
            let peers = console.look { [node = console.node] in node.peers(of: torrent.infoHash, reply: $0) } ?? []
            console.say(peers, of: torrent)
        }
    }

    static let pieces = Verb(
        CommandSpec(
            verb: "pieces", summary: "Counts the pieces that are here, on their way, rare, or nowhere.",
            arguments: [which]),
        completes: [.ours]
    ) { console, arguments throws(CommandError) in
        for torrent in try console.chosen(arguments) {
            let map = console.look { [node = console.node] in node.pieces(of: torrent.infoHash, reply: $0) }
            console.say(map.flatMap(\.self), of: torrent)
        }
    }

    private func chosen(_ arguments: ParsedArguments) throws(CommandError) -> [TorrentStatus] {
        if let word = arguments.positionals.first { return [try torrents.find(word)] }
        let all = torrents.all.map(\.status)
        if all.isEmpty { say("no torrents yet: upload, download or seed one") }
        return all
    }

    /// Waits for what the node answers on a thread of its own.
    private func look<Value: Sendable>(_ ask: (@escaping @Sendable (Value) -> Void) -> Void) -> Value? {
        let answer = Answer<Value>()
        ask { [input] value in
            answer.value = value
            input.poke()
        }
        _ = input.wait(for: Self.patience) { answer.value != nil }
        return answer.value
    }

    private func say(_ peers: [PeerFigures], of torrent: TorrentStatus) {
        guard !output.isJSON else {
            output.event([
                "event": "peers", "infohash": .string("\(torrent.infoHash)"), "name": .string(torrent.name),
                "peers": .array(peers.map(\.object)),
            ])
            return
        }
        guard !peers.isEmpty else { return say("\(torrent.name): nobody is connected") }
        say("\(torrent.name): \(HumanUnits.count(peers.count, "peer", "peers"))")
        var table = Table([.left, .left, .left, .right, .right, .right, .left])
        table.add("address", "program", "by", "has", "down", "up", "may ask")
        for peer in peers {
            table.add(
                "\(peer.endpoint)", TerminalText(peer.client ?? "?").cut(to: 24),
                "\(peer.isIncoming ? "incoming" : peer.origin?.rawValue ?? "?")",
                "\(HumanUnits.percentage(Int64(peer.havePieces), of: Int64(max(1, peer.pieces))))",
                "\(HumanUnits.size(peer.taken.bytes))", "\(HumanUnits.size(peer.given.bytes))",
                "\(peer.turn?.rawValue ?? "no")")
        }
        for (position, line) in table.lines.enumerated() { say(position == 0 ? line.styled(.dim) : line) }
    }

    private func say(_ map: PieceMap?, of torrent: TorrentStatus) {
        let counts = map?.counts
        guard !output.isJSON else {
            output.event([
                "event": "pieces", "infohash": .string("\(torrent.infoHash)"), "name": .string(torrent.name),
                "pieces": .integer(Int64(counts?.total ?? 0)), "have": .integer(Int64(counts?[.have] ?? 0)),
                "partial": .integer(Int64(counts?[.partial] ?? 0)),
                "in_flight": .integer(Int64(counts?[.inFlight] ?? 0)), "rare": .integer(Int64(counts?[.rare] ?? 0)),
                "common": .integer(Int64(counts?[.common] ?? 0)), "nowhere": .integer(Int64(counts?[.nowhere] ?? 0)),
            ])
            return
        }
        guard let counts else { return say("\(torrent.name): its pieces are not known now; is it checked or paused?") }
        let words: [(PieceMap.State, TerminalText)] = [
            (.have, "here"), (.partial, "begun"), (.inFlight, "on their way"), (.rare, "at one peer alone"),
            (.common, "at several peers"), (.nowhere, "nowhere"),
        ]
        let parts = words.filter { counts[$0.0] > 0 }.map {
            "\(HumanUnits.count(counts[$0.0])) \($0.1)" as TerminalText
        }
        say("\(torrent.name): \(HumanUnits.count(counts.total, "piece", "pieces")): " + .joined(parts, by: ", "))
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

extension PeerFigures {
    fileprivate var object: JSONValue {
        [
            "address": .string(endpoint.address.description), "port": .integer(Int64(endpoint.port)),
            "client": .string(client ?? ""), "incoming": .bool(isIncoming), "source": .string(origin?.rawValue ?? ""),
            "have": .integer(Int64(havePieces)), "pieces": .integer(Int64(pieces)),
            "downloaded": .integer(taken.bytes), "uploaded": .integer(given.bytes),
            "down_rate": .integer(Int64(taken.rate)), "up_rate": .integer(Int64(given.rate)),
            "turn": turn.map { .string($0.rawValue) } ?? .null,
        ]
    }
}
