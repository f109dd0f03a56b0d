package import CommandLineKit
package import PeerEvents
internal import TorrentCore

/// Sentences about peers and trackers for `-v`, and about messages for `-vv`. Pure.
package enum PeerWords {
    /// Who came, who went and why, who may ask whom.
    package static func line(_ news: PeerNews) -> TerminalText {
        let client: TerminalText = news.client.map { " (\($0))" } ?? ""
        let name: TerminalText = "\(news.endpoint)\(client)"
        let peer: TerminalText = "peer \(name)"
        return switch news.kind {
        case .connected(let isIncoming): isIncoming ? "\(peer) has connected" : "\(peer) is connected\(origin(news))"
        case .failed(let why): "no connection to \(peer)\(origin(news)): \(why)"
        case .left(let why): "\(peer) is gone: \(why)"
        case .hasEverything: "\(peer) has everything"
        case .unchokesUs: "\(peer) lets us ask"
        case .chokesUs: "\(peer) chokes us"
        case .unchoked(let turn, let rate): "unchoked \(name)\(why(turn, rate))"
        case .choked(let wait): "choked \(name)\(why(wait))"
        }
    }

    /// Why it may ask: ": gives us 1.2 MiB/s, among the most".
    private static func why(_ turn: Turn?, _ rate: Double) -> TerminalText {
        switch turn {
        case .reciprocal where rate >= 1: ": it gives us \(HumanUnits.rate(rate)), among the most"
        case .reciprocal: ": it has given us pieces"
        case .optimistic: ": drawn by lot, to see what it gives"
        case .newcomer: ": it has given nothing yet, and there is room"
        case .seeding: ": its turn, and we want nothing for it"
        case .spreading: ": to be shown a piece that it can pass on"
        case nil: ""
        }
    }

    /// Why it may not: ": others give more".
    private static func why(_ wait: Wait?) -> TerminalText {
        switch wait {
        case .outranked: ": others give more"
        case .turnOver: ": its turn is over, others have theirs"
        case .askedNothing: ": it asked for nothing in its turn"
        case .wantsNothing: ": it wants nothing that we have"
        case .snubs: ": it owes us blocks and sends none"
        case .stalled: ": it takes no more blocks"
        case .rearranged: ": pieces are given by turns from now on"
        case .notYet, nil: ""
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
