/// What is known of each piece of a torrent at one moment.
package struct PieceMap: Sendable, Hashable {
    /// Of one piece.
    package enum State: UInt8, CaseIterable, Sendable, Hashable {
        /// It is stored and verified.
        case have
        /// It is begun, and none of its blocks is on its way: it waits for a peer, or is being verified.
        case partial
        /// Blocks of it have been asked for.
        case inFlight
        /// One connected peer alone has it.
        case rare
        /// Several connected peers have it.
        case common
        /// No connected peer has it.
        case nowhere
    }

    /// A state a piece, in their order.
    package let states: [State]

    package init(_ states: [State]) {
        self.states = states
    }

    /// How many pieces are in each state.
    package struct Counts: Sendable, Hashable {
        private var counts = SIMD8<Int32>()

        package init() {}

        /// Pieces in one state.
        package subscript(state: State) -> Int {
            get { Int(counts[Int(state.rawValue)]) }
            set { counts[Int(state.rawValue)] = Int32(clamping: newValue) }
        }

        /// Those of others beside them.
        package static func += (left: inout Counts, right: Counts) { left.counts &+= right.counts }

        /// Pieces in all states.
        package var total: Int { Int(counts.wrappedSum()) }
    }

    /// Of all pieces.
    package var counts: Counts { counts(in: states.indices) }

    /// Of some of the pieces.
    package func counts(in range: Range<Int>) -> Counts {
        var tally = [Int](repeating: 0, count: 8)
        for place in range { tally[Int(states[place].rawValue)] += 1 }
        var counts = Counts()
        for state in State.allCases { counts[state] = tally[Int(state.rawValue)] }
        return counts
    }

    /// The pieces in order, shared out over so many cells, or over one a piece if there are fewer pieces.
    package func cells(_ most: Int) -> [Counts] {
        let cells = min(max(1, most), states.count)
        return (0..<cells).map { counts(in: states.count * $0 / cells..<states.count * ($0 + 1) / cells) }
    }
}
