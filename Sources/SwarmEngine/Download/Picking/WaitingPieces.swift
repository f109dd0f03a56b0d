import TorrentCore

/// The pieces not begun yet, the rarest among the connected peers first, ties in random order, so that peers have
/// different pieces to trade (BEP 3).
///
/// Pieces of equal availability form one stretch of `order`, so that one copy more or less costs a swap. When many
/// change at once (a bitfield), the order is only marked as stale, and sorted when the next piece is picked.
struct WaitingPieces {
    /// Pieces not begun.
    private(set) var isWaiting: Bitfield
    private var order: [UInt32]
    /// Index of a waiting piece in `order`.
    private var place: [UInt32]
    /// `starts[a]` is where the stretch of pieces with `a` copies begins; the last entry is the end of `order`.
    private var starts: [Int] = [0, 0]
    private var isStale = false

    /// Steps along the order before a bitwise search takes over, and candidates that such a search looks at.
    private static let longestWalk = 256
    private static let mostCandidates = 2_048

    /// All pieces that we lack are waiting.
    init(_ availability: borrowing Availability, using generator: inout SplitMix64) {
        let count = availability.have.count
        isWaiting = Bitfield(count: count)
        for piece in 0..<count where !availability.have[piece] { isWaiting[piece] = true }
        order = []
        order.reserveCapacity(isWaiting.setCount)
        for piece in 0..<count where isWaiting[piece] { order.append(UInt32(truncatingIfNeeded: piece)) }
        order.shuffle(using: &generator)
        place = order.isEmpty ? [] : Array(repeating: 0, count: count)
        sort(availability)
    }

    var count: Int { order.count }

    /// Waiting pieces that some connected peer has.
    mutating func reachableCount(_ availability: borrowing Availability) -> Int {
        refresh(availability)
        return availability.seeds > 0 ? order.count : order.count - (starts[1] - starts[0])
    }

    /// Whether one of `pieces`, which a peer has, is waiting.
    func isAnyWaiting(of pieces: Bitfield) -> Bool {
        (0..<isWaiting.wordCount).contains { isWaiting.word($0) & pieces.word($0) != 0 }
    }

    // MARK: What peers have

    /// There is one copy more of `piece`, counted in `availability` already.
    mutating func copyCame(
        _ piece: Int, _ availability: borrowing Availability, using generator: inout SplitMix64
    ) {
        guard !isStale, isWaiting[piece] else { return }
        let old = availability.copies(of: piece) - 1
        while starts.count < old + 3 { starts.append(order.count) }
        // It moves to the end of its stretch, and from there into the next one.
        swapPlaces(Int(place[piece]), starts[old + 1] - 1)
        starts[old + 1] -= 1
        mix(piece, within: starts[old + 1]..<starts[old + 2], using: &generator)
    }

    /// There is one copy less of `piece`, counted already.
    mutating func copyWent(
        _ piece: Int, _ availability: borrowing Availability, using generator: inout SplitMix64
    ) {
        guard !isStale, isWaiting[piece] else { return }
        let old = availability.copies(of: piece) + 1
        swapPlaces(Int(place[piece]), starts[old])
        starts[old] += 1
        mix(piece, within: starts[old - 1]..<starts[old], using: &generator)
    }

    /// There is one copy more of each of `pieces`, counted already.
    mutating func copiesCame(
        _ pieces: Bitfield, _ availability: borrowing Availability, using generator: inout SplitMix64
    ) {
        if isLarge(pieces) { return isStale = true }
        pieces.forEachSet { copyCame($0, availability, using: &generator) }
    }

    /// There is one copy less of each of `pieces`, counted already.
    mutating func copiesWent(
        _ pieces: Bitfield, _ availability: borrowing Availability, using generator: inout SplitMix64
    ) {
        if isLarge(pieces) { return isStale = true }
        pieces.forEachSet { copyWent($0, availability, using: &generator) }
    }

    private func isLarge(_ pieces: Bitfield) -> Bool { pieces.setCount * 16 > pieces.count }

    // MARK: What we begin

    /// `piece` has been begun.
    mutating func take(_ piece: Int, _ availability: borrowing Availability) {
        refresh(availability)
        precondition(isWaiting[piece], "a piece is begun once")
        isWaiting[piece] = false
        // From its own stretch on it moves to the end of each, until it is the last of all.
        var at = Int(place[piece])
        for rank in availability.copies(of: piece) + 1..<starts.count {
            swapPlaces(at, starts[rank] - 1)
            starts[rank] -= 1
            at = starts[rank]
        }
        order.removeLast()
        if order.isEmpty { (order, place) = ([], []) }
    }

    /// `piece` waits again.
    mutating func putBack(_ piece: Int, _ availability: borrowing Availability) {
        refresh(availability)
        precondition(!isWaiting[piece], "a piece waits once")
        isWaiting[piece] = true
        if place.isEmpty { place = Array(repeating: 0, count: isWaiting.count) }
        while starts.count < availability.copies(of: piece) + 2 { starts.append(order.count) }
        order.append(UInt32(truncatingIfNeeded: piece))
        var at = order.count - 1
        place[piece] = UInt32(truncatingIfNeeded: at)
        for rank in (availability.copies(of: piece) + 1..<starts.count).reversed() {
            swapPlaces(at, starts[rank])
            at = starts[rank]
            starts[rank] += 1
        }
    }

    // MARK: Picking

    /// One of the rarest waiting pieces among `pieces`, which one peer has. `isSeed`: that peer is counted as a seed,
    /// so its copies are not in the availability.
    mutating func rarest(
        of pieces: Bitfield, isSeed: Bool, _ availability: borrowing Availability, using generator: inout SplitMix64
    ) -> Int? {
        refresh(availability)
        let first = isSeed ? 0 : starts[1]
        guard first < order.count else { return nil }
        for position in first..<min(order.count, first + Self.longestWalk) where pieces[Int(order[position])] {
            return Int(order[position])
        }
        guard order.count - first > Self.longestWalk else { return nil }
        return search(pieces, rarest: true, availability, using: &generator)
    }

    /// A random waiting piece among `pieces`.
    mutating func random(
        of pieces: Bitfield, _ availability: borrowing Availability, using generator: inout SplitMix64
    ) -> Int? {
        guard !order.isEmpty else { return nil }
        for _ in 0..<8 {
            let piece = Int(order[Int.random(in: 0..<order.count, using: &generator)])
            if pieces[piece] { return piece }
        }
        return search(pieces, rarest: false, availability, using: &generator)
    }

    /// Looks at 64 pieces at once, from a random place on, so that a peer with few pieces of a million is searched
    /// fast.
    private func search(
        _ pieces: Bitfield, rarest: Bool, _ availability: borrowing Availability, using generator: inout SplitMix64
    ) -> Int? {
        guard isWaiting.wordCount > 0 else { return nil }
        let offset = Int.random(in: 0..<isWaiting.wordCount, using: &generator)
        var best: Int?
        var seen = 0
        for step in 0..<isWaiting.wordCount where seen < Self.mostCandidates {
            let index = (offset + step) % isWaiting.wordCount
            forEachBit(isWaiting.word(index) & pieces.word(index), index) { piece in
                seen += 1
                if best.map({ availability.copies(of: piece) < availability.copies(of: $0) }) ?? true { best = piece }
            }
            if !rarest, let best { return best }
        }
        return best
    }

    // MARK: Keeping order

    private mutating func refresh(_ availability: borrowing Availability) {
        if isStale { sort(availability) }
    }

    /// Counting sort; pieces of equal availability keep their order, which is random.
    private mutating func sort(_ availability: borrowing Availability) {
        isStale = false
        var counts: [Int] = [0]
        for piece in order {
            let rank = availability.copies(of: Int(piece))
            while counts.count <= rank { counts.append(0) }
            counts[rank] += 1
        }
        starts = [0]
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        var next = starts
        let old = order
        for piece in old {
            let rank = availability.copies(of: Int(piece))
            order[next[rank]] = piece
            place[Int(piece)] = UInt32(truncatingIfNeeded: next[rank])
            next[rank] += 1
        }
    }

    private mutating func mix(_ piece: Int, within stretch: Range<Int>, using generator: inout SplitMix64) {
        swapPlaces(Int(place[piece]), Int.random(in: stretch, using: &generator))
    }

    private mutating func swapPlaces(_ left: Int, _ right: Int) {
        guard left != right else { return }
        order.swapAt(left, right)
        place[Int(order[left])] = UInt32(truncatingIfNeeded: left)
        place[Int(order[right])] = UInt32(truncatingIfNeeded: right)
    }
}
