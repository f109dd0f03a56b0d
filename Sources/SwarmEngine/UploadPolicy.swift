import TorrentCore

/// Decides whom we upload to. A seam: what a policy sees of a peer and the one verb `round` are all that the swarm
/// knows of it, so another can take the classic one's place.
enum UploadPolicy {
    case classic(ClassicChoker)

    /// Why a round is held.
    enum Occasion: Hashable {
        /// The time for it has come.
        case timer
        /// A place has become free or somebody has become interested: whoever is served stays so.
        case vacancy
    }

    /// What a policy sees of one peer: those who are interested, and those who give us something.
    struct Candidate: Hashable {
        let id: ConnectionID
        let isInterested: Bool
        let isUnchoked: Bool
        /// It owes us blocks and has sent none for long.
        let isSnubbing: Bool
        /// Bytes a second that it gives us, and that we give it, over 20 s.
        let receiveRate: Double
        let sendRate: Double
        /// Bytes that it got since it was last unchoked.
        let sentSinceUnchoked: Int64
        let connectedAt: Moment
        /// When it was last unchoked, and when it was last sent a block.
        let unchokedAt: Moment?
        let lastServedAt: Moment?
    }

    /// What a policy sees of ourselves.
    struct Situation: Hashable {
        let now: Moment
        let occasion: Occasion
        /// We have everything.
        let isSeeding: Bool
        /// Bytes a second that we send, all peers together.
        let sendRate: Double
        let pieceLength: Int
        /// A fixed number of slots, if the user wants one.
        let slots: Int?
    }

    /// Time from one round to the next while somebody is interested.
    var interval: Duration {
        switch self {
        case .classic: ClassicChoker.interval
        }
    }

    /// Nobody can be added to those `served`.
    func isFull(served: Int, _ situation: Situation) -> Bool {
        switch self {
        case .classic: served >= ClassicChoker.slots(situation)
        }
    }

    /// Who is to be unchoked from now on, out of these; everybody else is choked.
    mutating func round(
        _ candidates: [Candidate], in situation: Situation, using generator: inout SplitMix64
    ) -> [ConnectionID] {
        switch self {
        case .classic(var choker):
            let chosen = choker.round(candidates, in: situation, using: &generator)
            self = .classic(choker)
            return chosen
        }
    }
}
