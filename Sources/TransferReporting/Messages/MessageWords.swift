internal import ByteStrings
package import CommandLineKit
package import PeerEvents
internal import TorrentCore

/// What a message says, in a sentence, for `-vv`: "we ask for piece 3, block 0 (16 KiB)". Pure.
package struct MessageWords {
    /// We say it, and not the peer.
    private let isOurs: Bool

    package init(isOurs: Bool) {
        self.isOurs = isOurs
    }

    private var who: TerminalText { isOurs ? "we" : "it" }
    private var has: TerminalText { isOurs ? "we have" : "it has" }
    /// "we ask", "it asks".
    private func does(_ verb: TerminalText) -> TerminalText { isOurs ? "we \(verb)" : "it \(verb)s" }

    /// The whole sentence.
    package func sentence(_ kind: PeerWord.Kind) -> TerminalText {
        switch kind {
        case .handshake(let handshake): sentence(handshake)
        case .bitfield(nil): "\(does("list")) the pieces that \(has)"
        case .bitfield(let count?): "\(does("list")) the pieces that \(has): \(HumanUnits.count(count))"
        case .extensionHandshake(let handshake): sentence(handshake)
        case .extended(let message): sentence(message)
        case .block(let block): "\(does("send")) \(place(block))"
        case .message(let message): sentence(message)
        }
    }

    // MARK: The handshakes

    private func sentence(_ handshake: Handshake) -> TerminalText {
        var known: [TerminalText] = []
        if handshake.reserved.contains(.fast) { known.append("the fast extension") }
        if handshake.reserved.contains(.extended) { known.append("the extension protocol") }
        if handshake.reserved.contains(.dht) { known.append("the DHT") }
        let rest: TerminalText = known.isEmpty ? "no extension" : .joined(known, by: " and ")
        return "\(isOurs ? "we shake" : "it shakes") hands for this torrent, and \(does("know")) \(rest)"
    }

    private func sentence(_ handshake: ExtensionHandshake) -> TerminalText {
        let spoken = PeerExtension.allCases.filter { handshake.ids.speaks($0) }.map(\.name).joined(separator: ", ")
        var facts: [TerminalText] = [spoken.isEmpty ? "nothing that we know" : "\(spoken)"]
        if let client = handshake.client { facts.append("its program is \(client)") }
        if let size = handshake.metadataSize { facts.append("the metadata has \(HumanUnits.count(size)) bytes") }
        if let queue = handshake.requestQueue { facts.append("\(HumanUnits.count(queue)) requests may wait") }
        if let port = handshake.listenPort { facts.append("it listens at port \("\(port)")") }
        let text = TerminalText.joined(facts, by: "; ")
        return "\(does("tell")) which extensions \(who) \(isOurs ? "speak" : "speaks"): \(text)"
    }

    // MARK: Under an extension

    private func sentence(_ message: ExtensionMessage) -> TerminalText {
        switch message {
        case .metadata(.request(let piece)): "\(does("ask")) for part \("\(piece)") of the metadata"
        case .metadata(.data(let piece, let total, _)):
            "\(does("send")) part \("\(piece)") of the metadata, which has \(HumanUnits.count(total)) bytes"
        case .metadata(.reject(let piece)): "\(does("give")) no part \("\(piece)") of the metadata"
        case .metadata(.unknown): "\(does("say")) something about the metadata that we do not know"
        case .exchange(let exchange):
            "\(does("tell")) of \(HumanUnits.count(exchange.added.count, "peer", "peers")) that came, "
                + "and \(HumanUnits.count(exchange.dropped.count)) that went"
        case .lacks(let piece): "\(has) piece \("\(piece)") no more"
        }
    }

    // MARK: The messages of the protocol

    private func sentence(_ message: PeerMessage) -> TerminalText {
        switch message {
        case .keepAlive: isOurs ? "we are still here" : "it is still here"
        case .choke: isOurs ? "we choke it: it may ask for nothing now" : "it chokes us: we may ask for nothing now"
        case .unchoke: isOurs ? "we unchoke it: it may ask for blocks" : "it unchokes us: we may ask for blocks"
        case .interested:
            isOurs ? "we are interested: it has pieces that we lack" : "it is interested in pieces that we have"
        case .notInterested: isOurs ? "we want nothing that it has" : "it wants nothing that we have"
        case .have(let piece): "\(has) piece \("\(piece)") now"
        case .request(let block): "\(does("ask")) for \(place(block))"
        case .cancel(let block): "\(does("want")) \(place(block)) no more"
        case .port(let port):
            isOurs ? "our node of the DHT is at port \("\(port)")" : "its node of the DHT is at port \("\(port)")"
        case .haveAll: "\(has) every piece"
        case .haveNone: "\(has) no piece yet"
        case .suggest(let piece): "\(does("suggest")) to ask for piece \("\(piece)")"
        case .reject(let block): "\(does("refuse")) \(place(block))"
        case .allowedFast(let piece):
            isOurs
                ? "it may ask for piece \("\(piece)") even while choked"
                : "we may ask for piece \("\(piece)") even while choked"
        }
    }

    /// "piece 3, block 0 (16 KiB)".
    private func place(_ block: WireBlock) -> TerminalText {
        "piece \("\(block.piece)"), \(Self.blocks(block, block)) (\(HumanUnits.size(Int64(block.length))))"
    }

    /// "block 0", "blocks 0 to 15", or bytes where it does not begin where blocks do.
    private static func blocks(_ first: WireBlock, _ last: WireBlock) -> TerminalText {
        let length = UInt32(TorrentGeometry.blockLength)
        guard first.begin.isMultiple(of: length), last.begin.isMultiple(of: length) else {
            return "from byte \(HumanUnits.count(first.begin))"
        }
        let (from, to) = (first.begin / length, last.begin / length)
        return from == to ? "block \("\(from)")" : "blocks \("\(from)") to \("\(to)")"
    }

    // MARK: Many of a kind

    /// Of several messages of a kind for blocks of one piece, in the order in which they came.
    func sentence(_ kind: WordRuns.Kind, _ blocks: [WireBlock]) -> TerminalText {
        let first = blocks[0]
        let last = blocks[blocks.count - 1]
        let bytes = blocks.reduce(Int64(0)) { $0 + Int64($1.length) }
        let isRow = zip(blocks, blocks.dropFirst()).allSatisfy { $0.begin &+ $0.length == $1.begin }
        let which = isRow ? Self.blocks(first, last) : "\(HumanUnits.count(blocks.count)) blocks"
        let text: TerminalText = "piece \("\(first.piece)"), \(which) (\(HumanUnits.size(bytes)))"
        return switch kind {
        case .request: "\(does("ask")) for \(text)"
        case .cancel: "\(does("want")) \(text) no more"
        case .reject: "\(does("refuse")) \(text)"
        default: "\(does("send")) \(text)"
        }
    }

    /// Of several messages of a kind that each name a piece.
    func sentence(_ kind: WordRuns.Kind, pieces: [UInt32]) -> TerminalText {
        let shown = pieces.prefix(8).map { "\($0)" }.joined(separator: ", ")
        let more = pieces.count > 8 ? " and \(HumanUnits.count(pieces.count - 8)) more" : ""
        let list: TerminalText = "pieces \(shown)\(more)"
        return switch kind {
        case .have: "\(has) \(list) now"
        case .suggest: "\(does("suggest")) to ask for \(list)"
        default: isOurs ? "it may ask for \(list) even while choked" : "we may ask for \(list) even while choked"
        }
    }
}
