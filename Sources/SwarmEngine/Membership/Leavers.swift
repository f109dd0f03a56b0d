/// Who has to leave where every place is taken and somebody else wants one.
struct Leavers {
    /// For how long a peer may be of no use.
    struct Patience {
        /// Then a known peer that is not connected may take its place.
        var forKnown: Duration
        /// Then one that connects to us may.
        var forIncoming: Duration
        /// The least time from one that leaves for a known peer to the next.
        var pause: Duration

        static let usual = Patience(forKnown: .seconds(120), forIncoming: .seconds(60), pause: .seconds(30))
        /// With those who have no metadata where that is what is looked for.
        static let brief = Patience(forKnown: .seconds(20), forIncoming: .seconds(10), pause: .seconds(3))
    }

    /// Nobody else leaves.
    let peers: [PeerConnection]
    let patience: Patience
}
