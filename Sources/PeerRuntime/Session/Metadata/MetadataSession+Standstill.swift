import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

// Why no metadata comes, for whoever waits for it.
extension MetadataSession {
    /// How far it is.
    func progress(_ figures: MetadataFigures) -> MetadataProgress {
        MetadataProgress(
            done: MetadataMessage.blockCount(of: figures.received),
            pieces: figures.size.map { MetadataMessage.blockCount(of: $0) }, tried: tried(figures))
    }

    /// Nil while something comes, or could.
    func standstill(_ figures: MetadataFigures) -> Standstill? {
        if figures.peers == 0 {
            return loneliness(
                connecting: figures.connecting, known: figures.known, outOfReach: brain.outOfReach)
        }
        guard !figures.isVerified else { return nil }
        if memory.isWaiting { return .waitsForMemory }
        return figures.sources == 0 || figures.isStill ? .nobodySendsMetadata : nil
    }

    /// Which ways to peers were tried, and what became of each: a clause each, for people.
    private func tried(_ figures: MetadataFigures) -> [String] {
        guard figures.sources == 0 || figures.isStill else { return [] }
        var ways = trackers.outcomes + neighbours.missing + lookups.unknown
        if figures.sources > 0 {
            ways.append(
                figures.sources == 1
                    ? "one peer says that it has it, and does not send it"
                    : "\(figures.sources) peers say that they have it, and none of them sends it")
        } else if let size = figures.largestRefused {
            ways.append("peers offer \(size) bytes of metadata, above the limit of \(BencodeLimits.longestMetainfo)")
        } else if figures.peers > 0 {
            ways.append(
                figures.peers == 1
                    ? "one peer is connected, and does not send it"
                    : "\(figures.peers) peers are connected, and none of them sends it")
        } else if let shortStay {
            ways.append("peer \(shortStay.endpoint) was reached: \(shortStay.why)")
        } else if figures.known > 0, neighbours.missing.isEmpty {
            let why = brain.outOfReach == figures.known ? neighbours.ownTrouble?.text.lowercased() : nil
            ways.append("none of \(figures.known) known peers can be reached\(why.map { ": \($0)" } ?? "")")
        }
        if figures.known == 0 { ways += nearbyWords }
        return ways + [dht.words(at: reactor.now)]
    }

    private var nearbyWords: [String] {
        guard context.localDiscovery != nil else { return [] }
        return [isLookedForNearby ? "nobody on the local network has told of it" : "the local network cannot be heard"]
    }
}
