import TorrentCore

/// A node that one lookup knows of: 72 bytes, since there may be thousands.
struct Candidate {
    enum State: UInt8 {
        case fresh, asked, answered
        /// It refused, is somebody else, or was silent for too long.
        case gone
    }

    private let given: NodeID
    /// Which one is meant in an answer; the place in the list changes.
    let number: UInt16
    var hops: UInt8
    /// How often it was asked.
    var tries: UInt8 = 0
    let endpoint: Endpoint
    private(set) var state = State.fresh
    private var marks: Marks
    /// The answer that named it first, if nobody has proven it since; negative for none.
    private var answer: Int16
    var askedAt = Moment.zero
    /// Microseconds from then on.
    private var patience: UInt32 = 0
    private var longPatience: UInt32 = 0
    /// Bytes of the longest token that is kept: others are as good as none. The usual ones have 4 to 20 (BEP 5).
    static let longestToken = 128

    /// What an announce has to bring along.
    var token: [UInt8]?

    private struct Marks: OptionSet {
        let rawValue: UInt8
        static let isNamed = Marks(rawValue: 1)
        static let isFitting = Marks(rawValue: 2)
        static let isFamiliar = Marks(rawValue: 4)
        static let isAnnounced = Marks(rawValue: 8)
    }

    /// `id` is nil for somewhere to begin, of which only the address is known.
    init(
        _ number: UInt16, _ id: NodeID?, _ endpoint: Endpoint, hops: UInt8, isFitting: Bool, isFamiliar: Bool = false,
        namedBy answer: Int? = nil
    ) {
        given = id ?? NodeID(.zero)
        self.number = number
        self.endpoint = endpoint
        self.hops = hops
        self.answer = answer.map { Int16(clamping: $0) } ?? -1
        marks = id == nil ? [] : [.isNamed]
        if isFitting { marks.insert(.isFitting) }
        if isFamiliar { marks.insert(.isFamiliar) }
    }

    var id: NodeID? { isNamed ? given : nil }
    var isNamed: Bool { marks.contains(.isNamed) }
    var isFitting: Bool { marks.contains(.isFitting) }
    /// We have heard from it just now: a question to it costs nothing.
    var isFamiliar: Bool { marks.contains(.isFamiliar) }
    var isAnnounced: Bool { marks.contains(.isAnnounced) }
    var contact: DHTContact? { id.map { DHTContact($0, endpoint) } }
    /// Nil for those of our table, and for whom has answered.
    var namedBy: Int? { answer < 0 ? nil : Int(answer) }

    /// Whoever has no name is farther than all others.
    func distance(to target: NodeID) -> Bytes20 { isNamed ? given.distance(to: target) : Self.farthest }

    private static let farthest = Bytes20(high: .max, middle: .max, low: .max)

    /// From then on another one may be asked in its place.
    var slotOpens: Moment { askedAt + .microseconds(Int64(patience)) }
    /// From then on it no longer holds up the end.
    var isSilentFrom: Moment { askedAt + .microseconds(Int64(longPatience)) }

    func isOnTime(at now: Moment) -> Bool { state == .asked && now < slotOpens }

    mutating func ask(_ times: RoundTrips.Times, at now: Moment) {
        state = .asked
        tries = tries &+ 1
        askedAt = now
        patience = UInt32(clamping: times.slot.wholeNanoseconds / 1_000)
        longPatience = UInt32(clamping: times.silent.wholeNanoseconds / 1_000)
    }

    mutating func answered(_ token: [UInt8]?) {
        state = .answered
        self.token = token.flatMap { $0.count <= Self.longestToken ? $0 : nil }
        answer = -1
        marks.insert(.isFamiliar)
    }

    mutating func isGone() { state = .gone }

    mutating func announced() { marks.insert(.isAnnounced) }

    /// The same node, now that it has said who it is.
    func named(_ id: NodeID, isFitting: Bool) -> Candidate {
        var named = Candidate(number, id, endpoint, hops: hops, isFitting: isFitting, isFamiliar: true)
        named.state = state
        named.tries = tries
        named.askedAt = askedAt
        named.token = token
        return named
    }
}
