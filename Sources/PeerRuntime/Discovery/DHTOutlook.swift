import DHTEngine
import PeerEvents
import Synchronization
import TorrentCore

/// What a torrent may hope for from the DHT.
enum DHTOutlook: Equatable {
    /// Nodes are asked, and none has answered yet.
    case joining
    case ready
    /// Nobody answers; it is tried again then.
    case alone(retriesAt: Moment)
}

/// How the nodes of a process are, for the reactors of its torrents.
final class DHTBoard: Sendable {
    private let states = Mutex<(v4: DHTState, v6: DHTState)>((.off, .off))

    /// Whether it is news to people: that there are some nodes more is not.
    func note(_ state: DHTState, isV4: Bool) -> Bool {
        states.withLock { states in
            let before = isV4 ? states.v4 : states.v6
            if isV4 { states.v4 = state } else { states.v6 = state }
            return !state.isLike(before)
        }
    }

    /// The better one of the two families. Before a node is there it is about to be.
    var outlook: DHTOutlook {
        let states = states.withLock { [$0.v4, $0.v6] }.filter { $0 != .off }
        var retries: [Moment] = []
        for state in states {
            switch state {
            case .ready: return .ready
            case .alone(let moment): retries.append(moment)
            case .joining, .off: break
            }
        }
        guard retries.count == states.count, let next = retries.min() else { return .joining }
        return .alone(retriesAt: next)
    }
}

extension DHTState {
    fileprivate func isLike(_ other: DHTState) -> Bool {
        switch (self, other) {
        case (.off, .off), (.joining, .joining), (.ready, .ready), (.alone, .alone): true
        default: false
        }
    }
}

extension DHTNews {
    init(_ state: DHTState, isV4: Bool, at now: Moment) {
        let kind: DHTNews.State =
            switch state {
            case .off: .off
            case .joining: .joining
            case .ready(let nodes): .ready(nodes: nodes)
            case .alone(let moment): .alone(retriesIn: max(.zero, moment - now))
            }
        self.init(isV4 ? .ipv4 : .ipv6, kind)
    }
}
