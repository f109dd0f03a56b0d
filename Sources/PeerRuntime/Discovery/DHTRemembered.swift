import DHTEngine
import TorrentCore

/// Nodes that somebody has named: those that are still to be told, and whom peers have named lately (BEP 5). A peer may
/// say each second that it has a node, and peers come in thousands.
struct DHTRemembered {
    private var waiting: [(endpoints: [Endpoint], naming: DHTNaming)] = []
    /// The newest last.
    private var recent: [Endpoint] = []
    private var allowance = Allowance(aSecond: Self.mostASecond)

    static let mostWaiting = 64
    static let mostRecent = 256
    /// Nodes that peers name, a second and at once.
    static let mostASecond = 8
    /// Of the recent ones, those at one address: several peers may be behind it.
    static let mostAnAddress = 4

    mutating func add(_ endpoints: [Endpoint], _ naming: DHTNaming) {
        if waiting.count < Self.mostWaiting { waiting.append((endpoints, naming)) }
    }

    mutating func takeAll() -> [(endpoints: [Endpoint], naming: DHTNaming)] {
        defer { waiting = [] }
        return waiting
    }

    /// False for one that was named lately, or has named others, or where they come too fast.
    mutating func isNews(_ endpoint: Endpoint, at now: Moment) -> Bool {
        guard !recent.contains(endpoint),
            recent.count(where: { $0.address == endpoint.address }) < Self.mostAnAddress, allowance.take(at: now)
        else { return false }
        if recent.count == Self.mostRecent { recent.removeFirst() }
        recent.append(endpoint)
        return true
    }
}
