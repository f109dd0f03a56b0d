import SwarmEngine
import TorrentCore

// Where nothing moves there is a reason for it, and somebody who would like to know.
extension SwarmSession {
    /// Nil while something moves, or could, or nothing has to.
    func standstill(_ figures: SwarmFigures) -> Standstill? {
        if !unwritten.isEmpty { return .diskFull }
        if figures.peers == 0 { return loneliness(figures) }
        guard swarm.isFetching, figures.downloadRate < 1 else { return nil }
        if figures.useful == 0 { return .nobodyHasTheRest }
        return figures.willing == 0 ? .choked : nil
    }

    private func loneliness(_ figures: SwarmFigures) -> Standstill? {
        let hasAnswer = lanes.contains { $0.hasAnswered && !$0.isFailing }
        // Who gives waits for others to come: it is enough that they can hear of it.
        guard swarm.isFetching else {
            if lanes.isEmpty { return .nobodyToAsk }
            return !hasAnswer && lanes.contains { $0.isFailing } ? .noAnswer : nil
        }
        if figures.connecting > 0 { return .looking }
        if figures.known > 0 { return .nobodyReached }
        if lanes.isEmpty { return context.options.peers.isEmpty ? .nobodyToAsk : .looking }
        if hasAnswer { return .nobodyKnown }
        return lanes.contains { $0.isFailing } ? .noAnswer : .looking
    }

    /// Said at once: nothing would ever happen, and nothing would ever say why.
    func tellIfNobodyCanBeAsked() {
        guard swarm.isFetching, lanes.isEmpty, context.options.peers.isEmpty else { return }
        notice("nobody_to_ask", "nobody to ask: it names no tracker; name a peer with --peer")
    }
}
