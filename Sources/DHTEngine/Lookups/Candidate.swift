import TorrentCore

/// A node that one lookup knows of.
struct Candidate {
    enum State: Equatable {
        case fresh
        /// Its slot opens, and it no longer holds up the end, at these times.
        case asked(slotOpens: Moment, silent: Moment)
        case answered
        /// It refused, is somebody else, or was silent for too long.
        case gone
    }

    /// Which one is meant in an answer; the place in the list changes.
    let number: Int
    /// Nil for somewhere to begin, of which only the address is known.
    var id: NodeID?
    let endpoint: Endpoint
    /// From the target; the greatest of all without an id.
    var distance: Bytes20
    var hops: Int
    var isFitting: Bool
    /// We have heard from it just now: a question to it costs nothing.
    var isFamiliar = false
    /// The answer that named it first, if nobody has proven it since.
    var namedBy: Int?
    var state = State.fresh
    /// How often it was asked.
    var tries = 0
    var askedAt = Moment.zero
    /// What an announce has to bring along.
    var token: [UInt8]?
    var isAnnounced = false

    var contact: DHTContact? { id.map { DHTContact($0, endpoint) } }

    func isOnTime(at now: Moment) -> Bool {
        if case .asked(let slotOpens, _) = state { now < slotOpens } else { false }
    }

    static let unknownDistance = Bytes20(high: .max, middle: .max, low: .max)
}
