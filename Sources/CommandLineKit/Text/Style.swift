/// A colour or weight for a state. The text says the same, since styles may be switched off.
package enum Style: Sendable, Equatable {
    case plain, bold, dim, good, warning, bad

    /// What switches it on (ECMA-48, SGR); empty for `plain`.
    var switchedOn: String {
        switch self {
        case .plain: ""
        case .bold: "\u{1B}[1m"
        case .dim: "\u{1B}[2m"
        case .good: "\u{1B}[32m"
        case .warning: "\u{1B}[33m"
        case .bad: "\u{1B}[31m"
        }
    }

    static let switchedOff = "\u{1B}[0m"
}
