import TorrentCore

/// The nodes that we know, the more of them the nearer to ourselves they are: one bucket for each number of leading
/// bits that an id has in common with ours (BEP 5).
///
/// The farthest buckets are larger than usual: whoever begins a lookup with a node that is nearer saves a step.
struct RoutingTable {
    /// Nodes that wait for a place in one bucket.
    static let sparesABucket = 8
    /// Public addresses of one site, /24 of IPv4 or /48 of IPv6, in the whole table: who has a site does not have us.
    static let nodesASite = 2

    struct Bucket {
        var nodes: [TableNode] = []
        /// Nodes that answered when there was no place, and such that have not shown yet that they answer.
        var spares: [TableNode] = []
        /// When somebody in it answered, or when it was last refreshed.
        var changedAt: TableSecond = 0
    }

    let sizes: [Int]
    private(set) var own: NodeID
    var buckets: [Bucket] = []

    init(own: NodeID, sizes: [Int]) {
        self.own = own
        self.sizes = sizes.isEmpty ? [8] : sizes
    }

    var count: Int { buckets.reduce(0) { $0 + $1.nodes.count } }
    var spareCount: Int { buckets.reduce(0) { $0 + $1.spares.count } }

    /// How many places a bucket has.
    func capacity(_ bucket: Int) -> Int { sizes[min(bucket, sizes.count - 1)] }

    func hasRoom(_ bucket: Int) -> Bool { buckets[bucket].nodes.count < capacity(bucket) }

    /// The bucket of an id; nil for our own.
    func place(of id: NodeID) -> Int? {
        let shared = own.commonBits(with: id)
        return shared < 160 ? shared : nil
    }

    /// A place in the space that belongs to a bucket.
    func randomPlace(in bucket: Int, using generator: inout SplitMix64) -> NodeID {
        NodeID.random(sharing: bucket + 1, with: own.flipped(bit: bucket), using: &generator)
    }

    /// What is known of a node, if it is in the table.
    func node(_ contact: DHTContact) -> TableNode? {
        guard let place = place(of: contact.id), place < buckets.count else { return nil }
        return buckets[place].nodes.first { $0.id == contact.id && $0.endpoint == contact.endpoint }
    }

    mutating func grow(to place: Int) {
        while buckets.count <= place { buckets.append(Bucket()) }
    }

    /// The id has changed: everybody finds a new place, the best first.
    mutating func renamed(_ id: NodeID, at now: TableSecond) {
        var nodes = buckets.flatMap(\.nodes) + buckets.flatMap(\.spares)
        nodes.sort { $0.answeredAt != $1.answeredAt ? $0.answeredAt > $1.answeredAt : $0.id < $1.id }
        self = RoutingTable(own: id, sizes: sizes)
        for node in nodes { readmit(node) }
    }

    private mutating func readmit(_ node: TableNode) {
        guard let place = place(of: node.id) else { return }
        grow(to: place)
        if hasRoom(place), node.isProven, admits(node.contact) {
            buckets[place].nodes.append(node)
        } else if buckets[place].spares.count < Self.sparesABucket {
            buckets[place].spares.append(node)
        }
    }
}
