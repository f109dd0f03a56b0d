import HTTPService
import Synchronization
import TorrentCore
package import TrackerEngine

/// The figures of a running tracker at one moment, for people and for programs.
package struct TrackerReport: Sendable {
    /// Since the server began.
    package var uptime: Duration
    /// What to put into a torrent, best first.
    package var announceURLs: [String]
    /// All that are remembered, those without a peer at this moment too.
    package var torrents: Int
    /// Over all torrents; who falls silent is counted until it expires.
    package var seeders: Int
    /// All other peers, counted in the same way.
    package var leechers: Int
    /// Whole downloads that have been counted.
    package var downloads: Int
    package var counters: TrackerCounters
    /// The largest ones.
    package var swarms: [TrackedSwarm]
    /// Whole ones, pages included.
    package var httpRequests: UInt64
    /// Every packet, those that deserve no answer included.
    package var udpRequests: UInt64
    /// Requests over HTTP and UDP that could not be understood.
    package var malformed: UInt64
    /// Of requests, without the headers of packets.
    package var bytesIn: UInt64
    /// Of answers, without the headers of packets.
    package var bytesOut: UInt64
    /// Over TCP, open at this moment.
    package var connections: Int
    /// A second, over the last ten.
    package var requestRate: Double
    /// A second, over the last ten.
    package var bytesInRate: Double
    /// A second, over the last ten.
    package var bytesOutRate: Double
    /// Requests in each of the last seconds, oldest first.
    package var requestHistory: [Int]

    init(_ service: TrackerService, now: Moment) {
        let shared = service.shared
        let meter = shared.meter.withLock { meter in
            meter.lanes[service.lane] = service.allTotals
            return meter
        }
        let listed = shared.configuration.limits.listedTorrents
        (torrents, seeders, leechers, downloads, counters, swarms) = shared.tracker.withLock { tracker in
            (
                tracker.torrentCount, tracker.seederCount, tracker.leecherCount, tracker.downloadCount,
                tracker.counters, shared.largestSwarms(listed, of: &tracker, at: now)
            )
        }
        uptime = now - shared.startedAt
        announceURLs = shared.announceURLs
        let totals = meter.totals
        httpRequests = totals.httpRequests
        udpRequests = totals.udpRequests
        malformed = totals.malformed
        bytesIn = totals.bytesIn
        bytesOut = totals.bytesOut
        connections = shared.connections.count
        requestRate = meter.rate { $0.httpRequests + $0.udpRequests }
        bytesInRate = meter.rate { $0.bytesIn }
        bytesOutRate = meter.rate { $0.bytesOut }
        requestHistory = meter.requestsEachSecond
    }
}
