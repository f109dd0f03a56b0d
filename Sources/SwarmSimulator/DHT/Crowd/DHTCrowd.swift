import TorrentCore

/// The inhabitants of a DHT in the order of their ids, and the tables that they have of each other.
struct DHTCrowd {
    private(set) var dwellers: [DHTDweller]
    /// Numbers of the dwellers that tables list, in the order of their ids.
    private let order: [Int]
    private let sorted: [NodeID]
    /// What each has in its table, by number; drawn when it is first needed.
    private var tables: [[Int32]?]
    var draw: DHTDraw
    let plan: DHTCrowdPlan

    /// Places in a table of plain Kademlia.
    static let plainSizes = [8]

    init(_ plan: DHTCrowdPlan, seed: UInt64) {
        self.plan = plan
        draw = DHTDraw(seed: seed)
        dwellers = []
        let liars = Int(Double(plan.nodes) * plan.liarPart)
        for number in 0..<plan.nodes {
            let endpoint = draw.endpoint()
            let isLiar = number < liars
            let isUnfitting = draw.happens(plan.unfittingPart)
            let id = isUnfitting ? draw.id() : draw.id(fitting: endpoint.address)
            dwellers.append(
                DHTDweller(
                    id: id, endpoint: endpoint,
                    manner: !isLiar ? .honest : number.isMultiple(of: 2) ? .strays : .lures))
        }
        let dead = plan.deadPart < 1 ? Int(Double(plan.nodes) * plan.deadPart / (1 - plan.deadPart)) : 0
        for _ in 0..<dead {
            let endpoint = draw.endpoint()
            dwellers.append(DHTDweller(id: draw.id(fitting: endpoint.address), endpoint: endpoint, manner: .dead))
        }
        let ids = dwellers.map(\.id)
        order = dwellers.indices.sorted { ids[$0] < ids[$1] }
        sorted = order.map { ids[$0] }
        tables = Array(repeating: nil, count: dwellers.count)
    }

    /// Who was at a place is there no more, or is there again.
    mutating func become(_ manner: DHTDweller.Manner, _ number: Int) { dwellers[number].manner = manner }

    // MARK: Tables

    /// Where in the order those stand that share exactly `depth` leading bits with `place`, or at least so many.
    private func range(near place: NodeID, depth: Int, exactly: Bool) -> Range<Int> {
        let high = place.bytes.words.high
        var first = depth == 0 ? 0 : high & (.max << UInt64(64 - depth))
        var width = UInt64.max >> UInt64(depth)
        if exactly {
            first |= ~high & 1 << UInt64(63 - depth)
            width >>= 1
        }
        let start = firstIndex { $0.bytes.words.high >= first }
        let end = firstIndex { $0.bytes.words.high > first + width }
        return start..<max(start, end)
    }

    /// How many are listed that share so many leading bits with a place.
    func count(near place: NodeID, depth: Int) -> Int { range(near: place, depth: depth, exactly: false).count }

    private func firstIndex(where isBehind: (NodeID) -> Bool) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(sorted[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The table of who is called `id`: of each part of the space so many as `sizes` says, the last for all others.
    mutating func table(of id: NodeID, sizes: [Int]) -> [Int] {
        var table: [Int] = []
        for depth in 0..<60 {
            let size = sizes[min(depth, sizes.count - 1)]
            let rest = range(near: id, depth: depth, exactly: false)
            let isLast = rest.count <= size
            let range = isLast ? rest : range(near: id, depth: depth, exactly: true)
            table += draw.sample(size, of: range).map { order[$0] }.filter { dwellers[$0].id != id }
            if isLast { break }
        }
        return table
    }

    /// What stands in the table of `number`.
    mutating func table(of number: Int) -> [Int32] {
        if let drawn = tables[number] { return drawn }
        let table = table(of: dwellers[number].id, sizes: Self.plainSizes).map(Int32.init)
        tables[number] = table
        return table
    }

    /// What number `number` answers: of its table the eight closest.
    mutating func answer(of number: Int, near place: NodeID) -> [DHTContact] {
        closest(8, to: place, among: table(of: number).lazy.map(Int.init)).map { dwellers[$0].contact }
    }

    /// Where a dead node stands in the table of `number`, one from the same part of the space comes in its stead.
    mutating func refresh(_ number: Int) {
        guard let drawn = tables[number] else { return }
        let own = dwellers[number].id
        tables[number] = drawn.map { entry in
            let other = dwellers[Int(entry)]
            guard other.manner == .dead else { return entry }
            let depth = own.distance(to: other.id).words.high.leadingZeroBitCount
            let range = range(near: own, depth: min(depth, 60), exactly: true)
            return range.isEmpty ? entry : Int32(order[draw.index(in: range)])
        }
    }

    private struct Ranked {
        let distance: Bytes20
        let number: Int
    }

    /// Of some numbers those that are closest to a place, the nearest first.
    func closest(_ count: Int, to place: NodeID, among numbers: some Sequence<Int>) -> [Int] {
        var best: [Ranked] = []
        for number in numbers {
            let distance = dwellers[number].id.distance(to: place)
            if best.count == count, let last = best.last, last.distance < distance { continue }
            let position = best.firstIndex { distance < $0.distance } ?? best.count
            best.insert(Ranked(distance: distance, number: number), at: position)
            if best.count > count { best.removeLast() }
        }
        return best.map(\.number)
    }

    /// The honest living that are closest to a place, the nearest first.
    func closestHonest(_ count: Int, to place: NodeID) -> [Int] {
        for depth in stride(from: 60, through: 0, by: -1) {
            let range = range(near: place, depth: depth, exactly: false)
            let numbers = range.lazy.map { order[$0] }.filter { dwellers[$0].manner == .honest }
            if depth == 0 || numbers.count >= count { return closest(count, to: place, among: numbers) }
        }
        return []
    }

    /// Anybody who is listed.
    mutating func anybody() -> DHTContact { dwellers[draw.index(below: dwellers.count)].contact }
}
