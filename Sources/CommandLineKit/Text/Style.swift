/// A colour or weight for a state. The text says the same, since styles may be switched off.
package enum Style: Sendable, Equatable {
    case plain, bold, dim, good, warning, bad
    /// Black on white, whatever the colours of the terminal are: of a picture that a camera reads.
    case ink
    /// The other way round.
    case paper

    /// What switches it on (ECMA-48, SGR); empty for `plain`.
    var switchedOn: String {
        switch self {
        case .plain: ""
        case .bold: "\u{1B}[1m"
        case .dim: "\u{1B}[2m"
        case .good: "\u{1B}[32m"
        case .warning: "\u{1B}[33m"
        case .bad: "\u{1B}[31m"
        case .ink: "\u{1B}[38;5;16;48;5;231m"
        case .paper: "\u{1B}[38;5;231;48;5;16m"
        }
    }

    static let switchedOff = "\u{1B}[0m"
}
