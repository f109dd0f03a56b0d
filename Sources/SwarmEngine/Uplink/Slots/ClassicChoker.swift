import TorrentCore

/// Tit for tat, after the algorithm of BEP 3. While we download, the peers that send us most are unchoked; while we
/// seed, those that were served longest ago. Beside them there is always one optimistic unchoke, whatever that peer
/// sent, changed every 30 seconds.
struct ClassicChoker {
    /// Why a round is held.
    enum Occasion: Hashable {
        /// The time for it has come.
        case timer
        /// A slot has become free or a peer has become interested: no peer is choked.
        case vacancy
    }

    /// What the choker sees of one peer, which is interested or, while we download, unchoked.
    struct Candidate: Hashable {
        let id: ConnectionID
        let isInterested: Bool
        let isUnchoked: Bool
        /// It was asked for blocks and has sent none for long.
        let isSnubbing: Bool
        /// Bytes a second that it sends us, over 20 s.
        let receiveRate: Double
        /// Bytes that it got since it was last unchoked.
        let sentSinceUnchoked: Int64
        let connectedAt: Moment
        /// When it was last unchoked, and when it was last sent a block.
        let unchokedAt: Moment?
        let lastServedAt: Moment?
    }

    /// What the choker sees of ourselves.
    struct Situation: Hashable {
        let now: Moment
        let occasion: Occasion
        /// We fetch nothing (more).
        let isSeeding: Bool
        /// Bytes a second that we send to all peers together.
        let sendRate: Double
        let pieceLength: Int
        /// A fixed number of slots, if the user wants one.
        let slots: Int?
    }

    /// A peer that is to be unchoked now.
    struct Choice: Hashable {
        let id: ConnectionID
        /// Nil: it is unchoked, and stays so for what reason it was.
        let reason: UnchokeReason?
    }

    static let interval = Duration.seconds(10)
    static let optimisticTerm = Duration.seconds(30)
    static let fewestSlots = 3
    /// A peer is new for this long after it connected, and then three times as likely to be the optimistic unchoke.
    static let newPeerTime = Duration.seconds(60)
    /// A peer must send this much more than an unchoked one to replace it, so that two equal peers do not alternate.
    static let incumbentBonus = 1.1
    /// A seed serves a peer for this time, or for so many pieces if that is sooner, but for one round at least.
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

    /// The peers that are to be unchoked now.
    mutating func round(
        _ candidates: [Candidate], in situation: Situation, using generator: inout SplitMix64
    ) -> [Choice] {
        let slots = Self.slots(situation)
        var chosen: [Choice] = []
        var taken = 0
        if situation.occasion == .vacancy {
            chosen = candidates.filter(\.isUnchoked).map { Choice(id: $0.id, reason: nil) }
            taken = candidates.count { $0.isUnchoked && $0.isInterested }
            if taken >= slots { return chosen }
        }
        var tied = candidates
        tied.shuffle(using: &generator)
        let ranked = situation.isSeeding ? rankForSeeding(tied, situation) : rankForLeeching(tied)
        // An unchoked peer that ranks high but is not interested just now stays unchoked and takes no slot, so that it
        // is served as soon as it is interested again.
        for candidate in ranked where taken < slots - 1 && !chosen.contains(where: { $0.id == candidate.id }) {
            guard candidate.isInterested || (candidate.isUnchoked && candidate.receiveRate > 0) else { continue }
            chosen.append(Choice(id: candidate.id, reason: Self.reason(for: candidate, in: situation)))
            taken += candidate.isInterested ? 1 : 0
        }
        // The optimistic unchoke is drawn from the peers that the ranking has left out.
        let wanting = tied.filter(\.isInterested)
        if taken < slots, let lucky = pickOptimistic(wanting, besides: chosen, situation, using: &generator) {
            chosen.append(Choice(id: lucky, reason: .optimistic))
        }
        return chosen
    }

    /// Of one that has a regular slot.
    private static func reason(for candidate: Candidate, in situation: Situation) -> UnchokeReason {
        if situation.isSeeding { return .seeding }
        return candidate.receiveRate > 0 ? .reciprocal : .newcomer
    }

    private func rankForLeeching(_ candidates: [Candidate]) -> [Candidate] {
        func worth(_ candidate: Candidate) -> Double {
            candidate.receiveRate * (candidate.isUnchoked ? Self.incumbentBonus : 1)
        }
        return candidates.filter { !$0.isSnubbing }.enumerated()
            .sorted { (worth($0.element), -$0.offset) > (worth($1.element), -$1.offset) }.map(\.element)
    }

    /// Peers within their term first, then those that were served longest ago.
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

    /// Keeps the optimistic unchoke for its term, then draws another peer.
    private mutating func pickOptimistic(
        _ candidates: [Candidate], besides chosen: [Choice], _ situation: Situation,
        using generator: inout SplitMix64
    ) -> ConnectionID? {
        let rest = candidates.filter { candidate in !chosen.contains { $0.id == candidate.id } }
        if let optimistic, situation.now < optimisticUntil, rest.contains(where: { $0.id == optimistic }) {
            return optimistic
        }
        // Another peer than before, if there is one.
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
