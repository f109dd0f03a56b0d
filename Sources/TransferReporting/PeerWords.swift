package import CommandLineKit
package import PeerEvents
internal import TorrentCore

/// Sentences about peers and trackers for `-v`, and about messages for `-vv`. Pure.
package enum PeerWords {
    /// Who came, who went and why, who may ask whom.
    package static func line(_ news: PeerNews) -> TerminalText {
        let client: TerminalText = news.client.map { " (\($0))" } ?? ""
        let peer: TerminalText = "peer \(news.endpoint)\(client)"
        return switch news.kind {
        case .connected(let isIncoming): isIncoming ? "\(peer) has connected" : "\(peer) is connected\(origin(news))"
        case .failed(let why): "no connection to \(peer)\(origin(news)): \(why)"
        case .left(let why): "\(peer) is gone: \(why)"
        case .hasEverything: "\(peer) has everything"
        case .unchokesUs: "\(peer) lets us ask"
        case .chokesUs: "\(peer) chokes us"
        case .unchoked: "\(peer) may ask"
        case .choked: "\(peer) is choked"
        }
    }

    private static func origin(_ news: PeerNews) -> TerminalText {
        switch news.origin {
        case .tracker: ", named by a tracker"
        case .exchange: ", named by another peer"
        case .dht: ", named by the DHT"
        case .lan: ", found on the local network"
        case .incoming: ", which had come by itself"
        case .named: ", named by you"
        case nil: ""
        }
    }

    /// What a tracker was asked, and what it answered.
    package static func line(_ news: TrackerNews) -> TerminalText {
        switch news.kind {
        case .asked(let event):
            let word: TerminalText = event == .none ? "" : " (\("\(event)"))"
            return "tracker \(news.url) is asked\(word)"
        case .answered(let peers, let seeds, let leechers, let interval):
            let named = HumanUnits.count(peers, "peer", "peers")
            let counts = [(seeds, "seed", "seeds"), (leechers, "leecher", "leechers")].compactMap { count, one, many in
                count.map { HumanUnits.count($0, one, many) }
            }
            let total: TerminalText = counts.isEmpty ? "" : " of \(counts.joined(separator: " and "))"
            return "tracker \(news.url) names \(named)\(total), and is asked again in \(HumanUnits.duration(interval))"
        case .failed(let why): return "tracker \(news.url): \(why)"
        }
    }

    /// Who sent which message.
    package static func line(_ word: PeerWord) -> TerminalText {
        "\(word.isOurs ? "to" : "from") \(word.endpoint): \(sentence(word.kind))"
    }

    /// A message in words.
    package static func sentence(_ kind: PeerWord.Kind) -> TerminalText {
        switch kind {
        case .bitfield: "which pieces are there"
        case .extensionHandshake: "which extensions are spoken"
        case .extended(let row): sentence(row)
        case .block(let block): "here is \(place(block))"
        case .message(let message): sentence(message)
        }
    }

    private static func sentence(_ row: PeerExtension) -> TerminalText {
        switch row {
        case .metadata: "about the metadata of the torrent"
        case .exchange: "which other peers there are"
        case .lacks: "a piece is here no more"
        case .turns: "how uploads are shared out"
        }
    }

    private static func sentence(_ message: PeerMessage) -> TerminalText {
        switch message {
        case .keepAlive: "still here"
        case .choke: "ask for nothing now"
        case .unchoke: "ask"
        case .interested: "interested"
        case .notInterested: "not interested"
        case .have(let piece): "piece \(piece) is here"
        case .request(let block): "wanted is \(place(block))"
        case .cancel(let block): "not wanted any more is \(place(block))"
        case .port(let port): "the DHT is at port \(port)"
        case .haveAll: "every piece is here"
        case .haveNone: "no piece is here"
        case .suggest(let piece): "better ask for piece \(piece)"
        case .reject(let block): "not given is \(place(block))"
        case .allowedFast(let piece): "piece \(piece) may be asked for at any time"
        }
    }

    private static func place(_ block: WireBlock) -> TerminalText {
        "piece \(block.piece) from \(HumanUnits.count(block.begin)), \(HumanUnits.count(block.length)) bytes"
    }
}
