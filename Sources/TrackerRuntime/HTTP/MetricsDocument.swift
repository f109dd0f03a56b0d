import TrackerEngine

/// The figures for Prometheus, in its text format 0.0.4.
enum MetricsDocument {
    static func text(_ report: TrackerReport) -> String {
        var text = ""
        func add(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: String)]) {
            text += "# HELP p2p_tracker_\(name) \(help)\n# TYPE p2p_tracker_\(name) \(kind)\n"
            for sample in samples { text += "p2p_tracker_\(name)\(sample.labels) \(sample.value)\n" }
        }
        func gauge(_ name: String, _ help: String, _ value: Int) { add(name, "gauge", help, [("", "\(value)")]) }
        func counter(_ name: String, _ help: String, _ value: UInt64) { add(name, "counter", help, [("", "\(value)")]) }
        let counters = report.counters
        gauge("torrents", "Torrents known.", report.torrents)
        add(
            "peers", "gauge", "Peers known.",
            [("{role=\"seeder\"}", "\(report.seeders)"), ("{role=\"leecher\"}", "\(report.leechers)")])
        gauge("connections", "TCP connections open.", report.connections)
        add("uptime_seconds", "gauge", "Seconds since the start.", [("", "\(report.uptime.components.seconds)")])
        add(
            "requests_total", "counter", "Requests received.",
            [("{transport=\"http\"}", "\(report.httpRequests)"), ("{transport=\"udp\"}", "\(report.udpRequests)")])
        counter("announces_total", "Announces handled.", counters.announces)
        add(
            "events_total", "counter", "Announces with an event.",
            [
                ("{event=\"started\"}", "\(counters.started)"), ("{event=\"completed\"}", "\(counters.completed)"),
                ("{event=\"stopped\"}", "\(counters.stopped)"),
            ])
        counter("downloads_total", "Whole downloads, each peer's once.", UInt64(report.downloads))
        counter("scraped_torrents_total", "Torrents looked up by scrapes.", counters.scrapedTorrents)
        counter("refused_total", "Announces refused.", counters.refused)
        counter("expired_peers_total", "Peers forgotten because they went silent.", counters.expired)
        counter("malformed_total", "Requests that could not be understood.", report.malformed)
        counter("received_bytes_total", "Bytes of requests.", report.bytesIn)
        counter("sent_bytes_total", "Bytes of answers.", report.bytesOut)
        return text
    }
}
