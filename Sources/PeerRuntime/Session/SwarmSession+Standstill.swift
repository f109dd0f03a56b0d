import PeerEvents
import SwarmEngine
import TorrentCore

// Where nothing moves there is a reason for it, and somebody who would like to know.
extension SwarmSession {
    /// Nil while something moves, or could, or nothing has to.
    func standstill(_ figures: SwarmFigures) -> Standstill? {
        if pieces.isDiskFull { return .diskFull }
        if figures.peers == 0 { return loneliness(figures) }
        guard brain.swarm.isFetching, figures.downloadRate < 1 else { return nil }
        if figures.useful == 0 { return .nobodyHasTheRest }
        if figures.willing == 0 { return .choked }
        return pieces.waitsForMemory ? .waitsForMemory : nil
    }

    private func loneliness(_ figures: SwarmFigures) -> Standstill? {
        // Who gives waits for others to come: it is enough that they can hear of it.
        guard brain.swarm.isFetching else {
            if hasNobodyToAsk { return .nobodyToAsk }
            return !trackers.hasAnswer && trackers.isFailing ? .noAnswer : nil
        }
        if figures.connecting > 0 || lookups.underWay > 0 { return .looking }
        if figures.known > 0 { return shortStay == nil ? .nobodyReached : .nobodyStays }
        if hasNobodyToAsk { return .nobodyToAsk }
        if trackers.isEmpty { return brain.swarm.isRunning ? .nobodyReached : .looking }
        if trackers.hasAnswer { return .nobodyKnown }
        return trackers.isFailing ? .noAnswer : .looking
    }

    /// There is no tracker that can be asked, and no peer was named.
    var hasNobodyToAsk: Bool { trackers.isEmpty && context.options.peers.isEmpty }

    /// The last peer that was reached and did not stay, if none has stayed since.
    var shortStay: ShortStay? { neighbours.shortStay }
}
