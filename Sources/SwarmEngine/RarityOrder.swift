package import TorrentCore

/// The pieces not yet begun, those that fewest connected peers have first, ties in random order.
///
/// Pieces of equal availability stand together in `order`, so that one more or one less costs a swap. When many change
/// at once (a bitfield), the order is only marked as stale and sorted again when somebody picks.
package struct RarityOrder {
    /// Pieces not begun.
    package private(set) var waiting: Bitfield
    /// Connected peers that have everything; they are not counted in `availability`.
    private(set) var seeds = 0
    private var availability: [UInt16]
    private var order: [UInt32]
    /// Where a waiting piece stands in `order`.
    private var place: [UInt32]
    /// starts[a] is where the pieces of availability a or more begin; the last entry is the end.
    private var starts: [Int] = [0, 0]
    private var isStale = false

    /// Steps along the order before a bitwise search is tried instead, and candidates that one looks at.
    private static let longestWalk = 256
    private static let mostCandidates = 2_048

    /// Waiting is what `have` lacks.
    package init(have: Bitfield, using generator: inout SplitMix64) {
        waiting = Bitfield(count: have.count)
        for piece in 0..<have.count where !have[piece] { waiting[piece] = true }
        availability = Array(repeating: 0, count: have.count)
        order = []
        order.reserveCapacity(waiting.setCount)
        for piece in 0..<have.count where waiting[piece] { order.append(UInt32(truncatingIfNeeded: piece)) }
        order.shuffle(using: &generator)
        place = order.isEmpty ? [] : Array(repeating: 0, count: have.count)
        sort()
    }

    var waitingCount: Int { order.count }

    /// Waiting pieces that some connected peer has.
    var reachableCount: Int {
        mutating get {
            refresh()
            return seeds > 0 ? order.count : order.count - (starts[1] - starts[0])
        }
    }

    /// Copies of the rarest piece among the connected. Looks at every piece.
    package var lowestAvailability: Int { seeds + Int(availability.min() ?? 0) }

    /// Connected peers that have `piece`, those that have everything left out.
    func count(of piece: Int) -> Int { Int(availability[piece]) }

    // MARK: What peers have

    package mutating func addSeed() { seeds += 1 }
    package mutating func removeSeed() { seeds -= 1 }

    package mutating func add(_ piece: Int, using generator: inout SplitMix64) {
        let old = Int(availability[piece])
        availability[piece] += 1
        guard !isStale, waiting[piece] else { return }
        while starts.count < old + 3 { starts.append(order.count) }
        // To the end of its stretch, which then ends before it.
        swapPlaces(Int(place[piece]), starts[old + 1] - 1)
        starts[old + 1] -= 1
        mix(piece, within: starts[old + 1]..<starts[old + 2], using: &generator)
    }

    package mutating func remove(_ piece: Int, using generator: inout SplitMix64) {
        let old = Int(availability[piece])
        availability[piece] -= 1
        guard !isStale, waiting[piece] else { return }
        swapPlaces(Int(place[piece]), starts[old])
        starts[old] += 1
        mix(piece, within: starts[old - 1]..<starts[old], using: &generator)
    }

    /// All of a peer's pieces come or go.
    package mutating func add(_ pieces: Bitfield, using generator: inout SplitMix64) {
        if isLarge(pieces) { return changeAll(pieces, by: 1) }
        for index in 0..<pieces.wordCount { forEachBit(pieces.word(index), index) { add($0, using: &generator) } }
    }

    package mutating func remove(_ pieces: Bitfield, using generator: inout SplitMix64) {
        if isLarge(pieces) { return changeAll(pieces, by: 0 &- 1) }
        for index in 0..<pieces.wordCount { forEachBit(pieces.word(index), index) { remove($0, using: &generator) } }
    }

    private func isLarge(_ pieces: Bitfield) -> Bool { pieces.setCount * 16 > pieces.count }

    /// Counts alone; the order is left for later. `step` is one, or what takes one away.
    private mutating func changeAll(_ pieces: Bitfield, by step: UInt16) {
        isStale = true
        let count = pieces.wordCount
        unsafe availability.withUnsafeMutableBufferPointer { availability in
            for index in 0..<count {
                forEachBit(pieces.word(index), index) { unsafe availability[$0] &+= step }
            }
        }
    }

    // MARK: What we begin

    /// `piece` has been begun.
    package mutating func take(_ piece: Int) {
        refresh()
        precondition(waiting[piece], "a piece is begun once")
        waiting[piece] = false
        // It moves to the end of each stretch from its own on, until it is the last of all.
        var at = Int(place[piece])
        for rank in Int(availability[piece]) + 1..<starts.count {
            swapPlaces(at, starts[rank] - 1)
            starts[rank] -= 1
            at = starts[rank]
        }
        order.removeLast()
        if order.isEmpty { (order, place) = ([], []) }
    }

    /// `piece` waits again.
    package mutating func putBack(_ piece: Int) {
        refresh()
        precondition(!waiting[piece], "a piece waits once")
        waiting[piece] = true
        if place.isEmpty { place = Array(repeating: 0, count: waiting.count) }
        while starts.count < Int(availability[piece]) + 2 { starts.append(order.count) }
        order.append(UInt32(truncatingIfNeeded: piece))
        var at = order.count - 1
        place[piece] = UInt32(truncatingIfNeeded: at)
        for rank in (Int(availability[piece]) + 1..<starts.count).reversed() {
            swapPlaces(at, starts[rank])
            at = starts[rank]
            starts[rank] += 1
        }
    }

    // MARK: Picking

    /// A rarest waiting piece among `pieces`, of somebody who is counted as a seed or is not.
    package mutating func rarest(of pieces: Bitfield, isSeed: Bool, using generator: inout SplitMix64) -> Int? {
        refresh()
        let first = isSeed ? 0 : starts[1]
        guard first < order.count else { return nil }
        for position in first..<min(order.count, first + Self.longestWalk) where pieces[Int(order[position])] {
            return Int(order[position])
        }
        guard order.count - first > Self.longestWalk else { return nil }
        return search(pieces, rarest: true, using: &generator)
    }

    /// Any waiting piece among `pieces`.
    package mutating func random(of pieces: Bitfield, using generator: inout SplitMix64) -> Int? {
        guard !order.isEmpty else { return nil }
        for _ in 0..<8 {
            let piece = Int(order[Int.random(in: 0..<order.count, using: &generator)])
            if pieces[piece] { return piece }
        }
        return search(pieces, rarest: false, using: &generator)
    }

    /// Looks at 64 pieces at once, from a random place on, so that somebody who has few of a million is soon searched.
    private func search(_ pieces: Bitfield, rarest: Bool, using generator: inout SplitMix64) -> Int? {
        guard waiting.wordCount > 0 else { return nil }
        let offset = Int.random(in: 0..<waiting.wordCount, using: &generator)
        var best: Int?
        var seen = 0
        for step in 0..<waiting.wordCount where seen < Self.mostCandidates {
            let index = (offset + step) % waiting.wordCount
            forEachBit(waiting.word(index) & pieces.word(index), index) { piece in
                seen += 1
                if best.map({ availability[piece] < availability[$0] }) ?? true { best = piece }
            }
            if !rarest, let best { return best }
        }
        return best
    }

    // MARK: Keeping order

    private mutating func refresh() {
        if isStale { sort() }
    }

    /// Counting sort; pieces of equal availability keep their order, which is random.
    private mutating func sort() {
        isStale = false
        var counts: [Int] = [0]
        for piece in order {
            let rank = Int(availability[Int(piece)])
            while counts.count <= rank { counts.append(0) }
            counts[rank] += 1
        }
        starts = [0]
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        var next = starts
        let old = order
        for piece in old {
            let rank = Int(availability[Int(piece)])
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

/// Calls `body` with the position of each set bit of the `index`-th word of a bitfield.
@inline(__always)
func forEachBit(_ word: UInt64, _ index: Int, _ body: (Int) -> Void) {
    var rest = word
    while rest != 0 {
        let bit = rest.leadingZeroBitCount
        body(index << 6 + bit)
        rest &= ~(1 << UInt64(63 - bit))
    }
}
