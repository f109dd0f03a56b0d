import PeerEvents
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
        let hasAnswer = announceQueues.contains { $0.hasAnswered && !$0.isFailing }
        // Who gives waits for others to come: it is enough that they can hear of it.
        guard swarm.isFetching else {
            if hasNobodyToAsk { return .nobodyToAsk }
            return !hasAnswer && announceQueues.contains { $0.isFailing } ? .noAnswer : nil
        }
        if figures.connecting > 0 || namesLookedUp > 0 { return .looking }
        if figures.known > 0 { return shortStay == nil ? .nobodyReached : .nobodyStays }
        if hasNobodyToAsk { return .nobodyToAsk }
        if announceQueues.isEmpty { return swarm.isRunning ? .nobodyReached : .looking }
        if hasAnswer { return .nobodyKnown }
        return announceQueues.contains { $0.isFailing } ? .noAnswer : .looking
    }

    /// There is no tracker that can be asked, and no peer was named.
    var hasNobodyToAsk: Bool { announceQueues.isEmpty && context.options.peers.isEmpty }
}
