internal import CommandLineKit
internal import PeerEvents

/// Keeps `-v` calm where whole pieces are given in turns: peers are choked and unchoked many times a second. Pure.
struct ChokePace {
    private static let window = Duration.seconds(10)
    /// Lines in a window; the rest is counted.
    private static let mostLines = 16

    private var began = Duration.zero
    private var lines = 0
    private var unsaid = 0

    /// Whether this is to be said.
    mutating func allows(_ news: PeerNews) -> Bool {
        switch news.kind {
        case .unchoked, .keepsTurn, .choked, .unchokesUs, .chokesUs: break
        case .connected, .failed, .left, .hasEverything: return true
        }
        guard lines < Self.mostLines else {
            unsaid += 1
            return false
        }
        lines += 1
        return true
    }

    /// What was left out of a window that is over.
    mutating func summary(at now: Duration) -> TerminalText? {
        guard now - began >= Self.window else { return nil }
        let count = unsaid
        (began, lines, unsaid) = (now, 0, 0)
        return count == 0 ? nil : "choked and unchoked \(HumanUnits.count(count)) times more in 10 s"
    }
}
