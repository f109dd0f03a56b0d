import TorrentCore

/// The addresses that the tracker of a private torrent (BEP 27) has named, and its user: those who connect to us from
/// elsewhere may be sent away. Kept longer than the book keeps them, for whoever cannot be reached has to come by
/// itself.
struct VouchedAddresses {
    private var known: Set<IPAddress> = []
    /// In the order in which they came; the oldest go first.
    private var order: [IPAddress] = []
    /// Where the next one goes once there is no more room.
    private var oldest = 0
    private let limit: Int

    init(limit: Int) { self.limit = max(1, limit) }

    func contains(_ address: IPAddress) -> Bool { known.contains(address) }

    mutating func add(_ address: IPAddress) {
        guard known.insert(address).inserted else { return }
        guard order.count == limit else { return order.append(address) }
        known.remove(order[oldest])
        order[oldest] = address
        oldest = (oldest + 1) % limit
    }

    mutating func removeAll() {
        known.removeAll()
        order.removeAll()
        oldest = 0
    }
}
