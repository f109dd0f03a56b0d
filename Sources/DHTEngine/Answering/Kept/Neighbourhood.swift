import TorrentCore

/// Where we are in the space (BEP 5), and how far that goes for which others come to us: as far as the eighth of our
/// neighbours is. What lies nearer is ours to keep, however near: else whoever invents hashes next to our name would
/// have the better claim to every place that we have.
struct Neighbourhood {
    let ourID: NodeID
    private let reach: Bytes20

    /// Whoever announces goes to so many nodes.
    private static let keepers = 8

    init(of ourID: NodeID, among neighbours: [DHTContact]) {
        self.ourID = ourID
        let everywhere = Bytes20(high: .max, middle: .max, low: .max)
        let distances = neighbours.map { ourID.distance(to: $0.id) }.sorted()
        reach = distances.count < Self.keepers ? everywhere : distances[Self.keepers - 1]
    }

    /// How far something is from where it ought to be kept; what is ours is all as far.
    func distance(to place: NodeID) -> Bytes20 { max(ourID.distance(to: place), reach) }
}
