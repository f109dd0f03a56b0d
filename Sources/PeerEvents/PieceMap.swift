package import TorrentCore

/// What is known of each piece of a torrent at one moment.
package struct PieceMap: Sendable, Hashable {
    /// Of one piece.
    package typealias State = PieceState

    /// A state a piece, in their order.
    package let states: [State]
    /// Of all pieces.
    package let counts: Counts

    package init(_ states: [State]) {
        self.states = states
        counts = Counts(states[...])
    }

    /// How many pieces are in each state.
    package struct Counts: Sendable, Hashable {
        private var counts = SIMD8<Int32>()

        package init() {}

        fileprivate init(_ states: ArraySlice<State>) {
            var tally = [Int](repeating: 0, count: State.allCases.count)
            for state in states { tally[Int(state.rawValue)] += 1 }
            for state in State.allCases { self[state] = tally[Int(state.rawValue)] }
        }

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

    /// The pieces in order, shared out over so many cells, or over one a piece if there are fewer pieces.
    package func cells(_ most: Int) -> [Counts] {
        let cells = min(max(1, most), states.count)
        return (0..<cells).map { Counts(states[states.count * $0 / cells..<states.count * ($0 + 1) / cells]) }
    }
}
