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
            if isKnownNearbyAlone { return .nobodyNear }
            if trackers.isEmpty { return dht.trouble }
            return !trackers.hasAnswer && trackers.isFailing ? .noAnswer : nil
        }
        return loneliness(connecting: figures.connecting, known: figures.known, outOfReach: brain.swarm.outOfReach)
    }
}
