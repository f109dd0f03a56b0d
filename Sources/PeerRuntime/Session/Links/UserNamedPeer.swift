import TorrentCore

/// A peer that the user named: whoever waits for it wants to hear why it does not come, or does not stay. Once,
/// though it is tried again and again.
struct UserNamedPeer {
    /// Those of its name.
    let endpoints: [Endpoint]
    /// Why nobody is connected there, in the order of `endpoints`.
    private var failures: [String?]
    /// What has been said of each since a connection lasted.
    private var said: [Set<String>]

    init(endpoints: [Endpoint]) {
        self.endpoints = endpoints
        failures = endpoints.map { _ in nil }
        said = endpoints.map { _ in [] }
    }

    /// "peer 10.0.0.1:6881: connection refused", if nobody is at any of its addresses; for people.
    var absence: String? {
        guard let endpoint = endpoints.last, let why = failures.last ?? nil, failures.allSatisfy({ $0 != nil }) else {
            return nil
        }
        return "peer \(endpoint): \(why)"
    }

    /// Whether it stays is to be seen.
    mutating func connected(at endpoint: Endpoint) {
        if let position = endpoints.firstIndex(of: endpoint) { failures[position] = nil }
    }

    /// A connection lasted: whatever happens from now on is news.
    mutating func stayed() {
        self = UserNamedPeer(endpoints: endpoints)
    }

    /// True if that is news: there is nobody at any of its addresses, here for a reason that has not been said.
    mutating func failed(at endpoint: Endpoint, _ why: String) -> Bool {
        guard let position = endpoints.firstIndex(of: endpoint) else { return false }
        failures[position] = why
        guard failures.allSatisfy({ $0 != nil }) else { return false }
        return said[position].insert(why).inserted
    }
}
