/// What is known of a piece at one moment.
package enum PieceState: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
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

    /// Of a piece that is missing and not begun.
    package init(copies: Int) {
        self = copies > 1 ? .common : copies == 1 ? .rare : .nowhere
    }
}
