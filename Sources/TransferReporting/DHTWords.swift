package import CommandLineKit
package import PeerEvents

/// What people hear of the DHT, and how often. Pure.
package struct DHTWords {
    /// A family is ready, or was.
    private var hasBeenReady = false
    private var hasComplained = false
    /// Families that are at it and have not found out that nobody answers.
    private var hopeful: Set<DHTNews.Family> = []

    package init() {}

    /// "the DHT is ready: 12 nodes (IPv4)".
    package static func line(_ news: DHTNews) -> TerminalText {
        let family: TerminalText = news.family == .ipv4 ? "IPv4" : "IPv6"
        return switch news.state {
        case .joining: "joining the DHT (\(family))"
        case .ready(let nodes): "the DHT is ready: \(HumanUnits.count(nodes, "node", "nodes")) (\(family))"
        case .alone(let wait):
            "no node of the DHT answers (\(family)), trying again in \(HumanUnits.duration(wait)); is the network up?"
        case .off: "the DHT is left (\(family))"
        }
    }

    /// From which `-v` on it is said: once for everybody that it is there, or that it is not. One family is enough.
    package mutating func level(of news: DHTNews) -> Int {
        switch news.state {
        case .joining: hopeful.insert(news.family)
        case .off: hopeful.remove(news.family)
        case .ready:
            hopeful.insert(news.family)
            defer { hasBeenReady = true }
            return hasBeenReady ? 1 : 0
        case .alone:
            hopeful.remove(news.family)
            guard hopeful.isEmpty, !hasBeenReady, !hasComplained else { return 1 }
            hasComplained = true
            return 0
        }
        return 1
    }
}
