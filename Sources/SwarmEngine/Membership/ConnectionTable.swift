import TorrentCore

/// The connections of a swarm by id: those being made and the open ones.
struct ConnectionTable {
    private enum Slot {
        case free
        case connecting(Endpoint)
        case open(PeerConnection)
    }

    private(set) var openCount = 0
    private(set) var connectingCount = 0
    private var slots: [Slot] = []
    private var generations: [UInt32] = []
    private var freeSlots: [UInt32] = []

    var count: Int { openCount + connectingCount }

    mutating func mint() -> ConnectionID {
        if let slot = freeSlots.popLast() {
            return ConnectionID(slot: slot, generation: generations[Int(slot)])
        }
        slots.append(.free)
        generations.append(0)
        return ConnectionID(slot: UInt32(truncatingIfNeeded: slots.count - 1), generation: 0)
    }

    mutating func beginConnecting(to endpoint: Endpoint) -> ConnectionID {
        let id = mint()
        slots[Int(id.slot)] = .connecting(endpoint)
        connectingCount += 1
        return id
    }

    /// The connection is open. `peer.id` is a new id or that of a connection being made.
    mutating func insert(_ peer: PeerConnection) {
        if case .connecting = slots[Int(peer.id.slot)] { connectingCount -= 1 }
        slots[Int(peer.id.slot)] = .open(peer)
        openCount += 1
    }

    mutating func remove(_ id: ConnectionID) {
        switch slots[Int(id.slot)] {
        case .free: return
        case .connecting: connectingCount -= 1
        case .open: openCount -= 1
        }
        slots[Int(id.slot)] = .free
        generations[Int(id.slot)] &+= 1
        freeSlots.append(id.slot)
    }

    /// The peer of the open connection `id`.
    func peer(_ id: ConnectionID) -> PeerConnection? {
        guard isCurrent(id), case .open(let peer) = slots[Int(id.slot)] else { return nil }
        return peer
    }

    /// The address to which the connection `id` is being made.
    func target(_ id: ConnectionID) -> Endpoint? {
        guard isCurrent(id), case .connecting(let endpoint) = slots[Int(id.slot)] else { return nil }
        return endpoint
    }

    /// Every connection being made, lowest slot first.
    var connecting: [ConnectionID] {
        slots.indices.compactMap { slot in
            guard case .connecting = slots[slot] else { return nil }
            return ConnectionID(slot: UInt32(truncatingIfNeeded: slot), generation: generations[slot])
        }
    }

    private func isCurrent(_ id: ConnectionID) -> Bool {
        Int(id.slot) < slots.count && generations[Int(id.slot)] == id.generation
    }
}
