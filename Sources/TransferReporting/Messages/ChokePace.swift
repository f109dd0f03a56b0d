internal import CommandLineKit
internal import PeerEvents

/// Keeps `-v` calm where whole pieces are given in turns: peers are choked and unchoked many times a second. Pure.
struct ChokePace {
    private static let window = Duration.seconds(10)
    /// Lines in a window; the rest is counted.
    private static let mostLines = 16

    /// The window begins with its first line; nil while there is none.
    private var began: Duration?
    private var lines = 0
    private var unsaid = 0

    /// Whether this is to be said. What came before it has been asked for by `summary`.
    mutating func allows(_ news: PeerNews, at now: Duration) -> Bool {
        switch news.kind {
        case .unchoked, .keepsTurn, .choked, .unchokesUs, .chokesUs: break
        case .connected, .failed, .left, .hasEverything: return true
        }
        began = began ?? now
        guard lines < Self.mostLines else {
            unsaid += 1
            return false
        }
        lines += 1
        return true
    }

    /// When there is something to be said of the window, though nothing else happens.
    var nextDue: Duration? { unsaid > 0 ? began.map { $0 + Self.window } : nil }

    /// What was left out of a window that is over.
    mutating func summary(at now: Duration) -> TerminalText? {
        guard let began, now - began >= Self.window else { return nil }
        return end().map { $0 + " in 10 s" }
    }

    /// What was left out of the window, which is over now.
    mutating func end() -> TerminalText? {
        let count = unsaid
        (began, lines, unsaid) = (nil, 0, 0)
        return count == 0 ? nil : "choked and unchoked \(HumanUnits.count(count)) times more"
    }
}
