import SwarmEngine
import TorrentCore

/// What a shell notes of the extension protocol: whom it has told of whom, and to whom metadata is on its way.
struct DrawnExtensions {
    /// Peers with a block of metadata on its way, which is to be said to have left.
    private var serving: [ConnectionID] = []
    /// When each peer was last told of others, and of whom it was told that they are there.
    private var told: [(id: ConnectionID, at: Moment, peers: Set<Endpoint>)] = []

    /// The brain wants this sent: what is wrong with that.
    mutating func take(_ output: ExtensionOutput, for id: ConnectionID, on stage: SwarmStage) -> [String] {
        guard output != .handshake else { return [] }
        guard let message = stage.sent(output, to: id) else {
            // It may have been closed by the same event.
            let isThere = stage.connections.contains { $0.id == id }
            return isThere ? ["\(output) has no bytes for this peer"] : []
        }
        switch message {
        case .metadata(.data):
            guard !serving.contains(id) else { return ["two blocks of metadata are on their way to one peer"] }
            serving.append(id)
        case .exchange(let exchange): return tell(exchange, to: id, at: stage.now)
        case .metadata, .lacks: break
        }
        return []
    }

    private mutating func tell(_ exchange: PeerExchange, to id: ConnectionID, at now: Moment) -> [String] {
        var faults: [String] = []
        if exchange.isEmpty { faults.append("nothing is told") }
        let position = told.firstIndex { $0.id == id }
        if let position, now - told[position].at < .seconds(60) { faults.append("told twice in a minute") }
        var known = position.map { told[$0].peers } ?? []
        if max(exchange.added.count, exchange.dropped.count) > 50 { faults.append("too many are told of") }
        for endpoint in exchange.dropped where known.remove(endpoint) == nil { faults.append("dropped without a word") }
        for peer in exchange.added where !known.insert(peer.endpoint).inserted { faults.append("told of one twice") }
        told.removeAll { $0.id == id }
        told.append((id, now, known))
        return faults
    }

    /// The connection is gone.
    mutating func forget(_ id: ConnectionID) {
        serving.removeAll { $0 == id }
        told.removeAll { $0.id == id }
    }

    /// Somebody's block of metadata has left; nil if none was on its way.
    mutating func served() -> ConnectionID? { serving.popLast() }
}
