import ByteStrings
import TorrentCore
import TrackerEngine

/// The figures for scripts, as JSON.
enum StatisticsDocument {
    static func json(_ report: TrackerReport) -> String {
        let counters = report.counters
        let swarms = report.swarms.map(swarm).joined(separator: ",")
        let urls = report.announceURLs.map { string($0) }.joined(separator: ",")
        return """
            {"uptime":\(report.uptime.components.seconds),"announce":[\(urls)],\
            "torrents":\(report.torrents),"seeders":\(report.seeders),"leechers":\(report.leechers),\
            "downloads":\(report.downloads),\
            "announces":\(counters.announces),"started":\(counters.started),"completed":\(counters.completed),\
            "stopped":\(counters.stopped),"scraped":\(counters.scrapedTorrents),"refused":\(counters.refused),\
            "expired":\(counters.expired),"malformed":\(report.malformed),\
            "http_requests":\(report.httpRequests),"udp_requests":\(report.udpRequests),\
            "connections":\(report.connections),"bytes_in":\(report.bytesIn),"bytes_out":\(report.bytesOut),\
            "request_rate":\(report.requestRate),"bytes_in_rate":\(report.bytesInRate),\
            "bytes_out_rate":\(report.bytesOutRate),"swarms":[\(swarms)]}

            """
    }

    private static func swarm(_ swarm: TrackedSwarm) -> String {
        """
        {"infohash":"\(swarm.infoHash)","name":\(swarm.name.map(string) ?? "null"),\
        "seeders":\(swarm.counts.complete),"leechers":\(swarm.counts.incomplete),\
        "downloads":\(swarm.counts.downloaded),"silent_minutes":\(swarm.silence.components.seconds / 60)}
        """
    }

    private static func string(_ text: String) -> String {
        var output: [UInt8] = []
        JSONString.append(text, .ascii, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
