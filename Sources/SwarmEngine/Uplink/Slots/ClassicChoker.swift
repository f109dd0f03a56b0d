import TorrentCore

/// Tit for tat: while we download, those who give us most; while we seed, those who have waited longest; and beside
/// them always one, changed every 30 seconds, whatever it gave.
struct ClassicChoker {
    /// Why a round is held.
    enum Occasion: Hashable {
        /// The time for it has come.
        case timer
        /// A place has become free or somebody has become interested: whoever is served stays so.
        case vacancy
    }

    /// What it sees of one peer: those who are interested, and those who give us something.
    struct Candidate: Hashable {
        let id: ConnectionID
        let isInterested: Bool
        let isUnchoked: Bool
        /// It owes us blocks and has sent none for long.
        let isSnubbing: Bool
        /// Bytes a second that it gives us, over 20 s.
        let receiveRate: Double
        /// Bytes that it got since it was last unchoked.
        let sentSinceUnchoked: Int64
        let connectedAt: Moment
        /// When it was last unchoked, and when it was last sent a block.
        let unchokedAt: Moment?
        let lastServedAt: Moment?
    }

    /// What it sees of ourselves.
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

    static let interval = Duration.seconds(10)
    static let optimisticTerm = Duration.seconds(30)
    static let fewestSlots = 3
    /// A peer is new for so long, and then three times as likely to be tried.
    static let newPeerTime = Duration.seconds(60)
    /// A challenger has to give so much more than who is served already, so that two equals do not take turns.
    static let incumbentBonus = 1.1
    /// A seeder keeps serving a peer for this time, or so many pieces if that is sooner, though never less than a
    /// round.
    static let seedingTerm = Duration.seconds(60)
    static let seedingPieces = 16

    private var optimistic: ConnectionID?
    private var optimisticUntil = Moment.zero

    /// Regular slots at this send rate: 3, and the square root of the rate in MiB/s more.
    static func slots(sendRate: Double) -> Int {
        fewestSlots + Int((max(0, sendRate) / 1_048_576).squareRoot())
    }

    /// All slots, the optimistic one included.
    static func slots(_ situation: Situation) -> Int {
        max(1, situation.slots ?? slots(sendRate: situation.sendRate) + 1)
    }

    mutating func round(
        _ candidates: [Candidate], in situation: Situation, using generator: inout SplitMix64
    ) -> [ConnectionID] {
        let slots = Self.slots(situation)
        var chosen: [ConnectionID] = []
        var taken = 0
        if situation.occasion == .vacancy {
            chosen = candidates.filter(\.isUnchoked).map(\.id)
            taken = candidates.count { $0.isUnchoked && $0.isInterested }
            if taken >= slots { return chosen }
        }
        var tied = candidates
        tied.shuffle(using: &generator)
        let ranked = situation.isSeeding ? rankForSeeding(tied, situation) : rankForLeeching(tied)
        // Who gives more than one of the served and wants nothing just now stays unchoked, and takes no slot: as soon
        // as it wants something again it is served.
        for candidate in ranked where taken < slots - 1 && !chosen.contains(candidate.id) {
            guard candidate.isInterested || (candidate.isUnchoked && candidate.receiveRate > 0) else { continue }
            chosen.append(candidate.id)
            taken += candidate.isInterested ? 1 : 0
        }
        // The optimistic one is chosen out of those whom the ranking leaves out.
        let wanting = tied.filter(\.isInterested)
        if taken < slots, let lucky = pickOptimistic(wanting, besides: chosen, situation, using: &generator) {
            chosen.append(lucky)
        }
        return chosen
    }

    private func rankForLeeching(_ candidates: [Candidate]) -> [Candidate] {
        func worth(_ candidate: Candidate) -> Double {
            candidate.receiveRate * (candidate.isUnchoked ? Self.incumbentBonus : 1)
        }
        return candidates.filter { !$0.isSnubbing }.enumerated()
            .sorted { (worth($0.element), -$0.offset) > (worth($1.element), -$1.offset) }.map(\.element)
    }

    /// Those who are within their term, then those who were served longest ago.
    private func rankForSeeding(
        _ candidates: [Candidate], _ situation: Situation
    ) -> [Candidate] {
        func isWithinTerm(_ candidate: Candidate) -> Bool {
            guard candidate.isUnchoked, let since = candidate.unchokedAt, candidate.id != optimistic else {
                return false
            }
            let served = situation.now - since
            let quota = Int64(Self.seedingPieces) * Int64(situation.pieceLength)
            return served < Self.interval || (served < Self.seedingTerm && candidate.sentSinceUnchoked < quota)
        }
        func key(_ position: Int, _ candidate: Candidate) -> (Int, Int64, Int) {
            let last = max(candidate.lastServedAt?.nanoseconds ?? .min, candidate.unchokedAt?.nanoseconds ?? .min)
            return (isWithinTerm(candidate) ? 0 : 1, last, position)
        }
        return candidates.enumerated().sorted { key($0.offset, $0.element) < key($1.offset, $1.element) }
            .map(\.element)
    }

    /// Keeps the optimistic one for its term, then draws another.
    private mutating func pickOptimistic(
        _ candidates: [Candidate], besides chosen: [ConnectionID], _ situation: Situation,
        using generator: inout SplitMix64
    ) -> ConnectionID? {
        let rest = candidates.filter { !chosen.contains($0.id) }
        if let optimistic, situation.now < optimisticUntil, rest.contains(where: { $0.id == optimistic }) {
            return optimistic
        }
        // Somebody else's turn, if there is anybody else.
        let others = rest.filter { $0.id != optimistic }
        var tickets: [ConnectionID] = []
        for candidate in others.isEmpty ? rest : others {
            let isNew = situation.now - candidate.connectedAt < Self.newPeerTime
            tickets.append(contentsOf: repeatElement(candidate.id, count: isNew ? 3 : 1))
        }
        optimistic = tickets.randomElement(using: &generator)
        optimisticUntil = situation.now + Self.optimisticTerm
        return optimistic
    }
}
