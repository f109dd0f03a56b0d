package import CommandLineKit
package import PeerEvents
internal import TorrentCore

/// Sentences about peers and trackers for `-v`. Pure.
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
        case .keepsTurn(let turn, let rate): "\(name) stays unchoked\(why(turn, rate))"
        case .choked(let wait): "choked \(name)\(why(wait))"
        }
    }

    /// Why it may ask: ": gives us 1.2 MiB/s, among the most".
    private static func why(_ turn: UnchokeReason?, _ rate: Double) -> TerminalText {
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
    private static func why(_ wait: ChokeReason?) -> TerminalText {
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
        line(word.endpoint, isOurs: word.isOurs, MessageWords(isOurs: word.isOurs).sentence(word.kind))
    }

    static func line(_ endpoint: Endpoint, isOurs: Bool, _ sentence: TerminalText) -> TerminalText {
        "\(isOurs ? "to" : "from") \(endpoint): \(sentence)"
    }
}
