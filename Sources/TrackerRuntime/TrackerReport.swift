import TorrentCore
import TorrentIO
package import TrackerEngine

/// What people and their machines want to know of a running tracker, at one moment.
package struct TrackerReport: Sendable {
    package var uptime: Duration
    /// What to put into a torrent, best first.
    package var announceURLs: [String]
    package var torrents: Int
    package var seeders: Int
    package var leechers: Int
    /// Whole downloads that have been counted.
    package var downloads: Int
    package var counters: TrackerCounters
    /// The largest ones.
    package var swarms: [SwarmFigures]
    package var httpRequests: UInt64
    package var udpRequests: UInt64
    package var malformed: UInt64
    package var bytesIn: UInt64
    package var bytesOut: UInt64
    package var connections: Int
    /// A second, over the last ten.
    package var requestRate: Double
    package var bytesInRate: Double
    package var bytesOutRate: Double
    /// Requests in each of the last seconds, oldest first.
    package var requestHistory: [Int]

    init(_ service: TrackerService, now: Moment) {
        let (tracker, meter) = (service.tracker, service.meter)
        uptime = now - service.startedAt
        announceURLs = service.announceURLs
        torrents = tracker.torrentCount
        seeders = tracker.seederCount
        leechers = tracker.leecherCount
        downloads = tracker.downloadCount
        counters = tracker.counters
        swarms = tracker.largestSwarms(limit: service.configuration.limits.listedTorrents, at: now)
        httpRequests = meter.totals.httpRequests
        udpRequests = meter.totals.udpRequests
        malformed = meter.totals.malformed
        bytesIn = meter.totals.bytesIn
        bytesOut = meter.totals.bytesOut
        connections = service.connections
        requestRate = meter.rate { $0.httpRequests + $0.udpRequests }
        bytesInRate = meter.rate { $0.bytesIn }
        bytesOutRate = meter.rate { $0.bytesOut }
        requestHistory = meter.requestsEachSecond
    }
}
