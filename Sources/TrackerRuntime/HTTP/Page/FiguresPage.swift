import TorrentCore
import TrackerEngine

/// The figures of the tracker and its largest swarms: whole without `FiguresScript`, which keeps the page up to date by
/// the parts that have an `id`.
enum FiguresPage {
    static func html(_ report: TrackerReport, showsCatalogue: Bool) -> String {
        // Where there are other pages, the way to them stands on top.
        let top = showsCatalogue ? PageFrame(origin: "", root: "", now: 0).navigation(at: .figures) : ""
        let title = showsCatalogue ? "Status" : "<span class=\"dot\"></span>p2p-tracker"
        return PageFrame.document(
            title: "\(PageText.grouped(report.seeders + report.leechers)) peers · p2p-tracker", root: "",
            script: "page.js",
            body: """
                \(top)
                <main>
                <header>
                <h1>\(title)</h1>
                <p class="quiet" id="uptime">up \(PageText.duration(report.uptime)) · \
                \(PageText.grouped(Int(clamping: report.counters.announces))) announces</p>
                </header>
                \(addresses(report))
                \(cards(report))
                \(traffic(report))
                \(torrents(report))
                <footer class="quiet"><a href="stats.json">stats.json</a> · <a href="metrics">metrics</a> · \
                <span id="note">reload to look again</span></footer>
                </main>
                """)
    }

    private static func addresses(_ report: TrackerReport) -> String {
        guard !report.announceURLs.isEmpty else { return "" }
        let lines = report.announceURLs.prefix(4).map { "<code>\(PageText.escaped($0))</code>" }.joined(separator: "\n")
        return "<section class=\"urls\"><span class=\"quiet\">Announce URL</span>\n\(lines)</section>"
    }

    private static func cards(_ report: TrackerReport) -> String {
        func card(_ number: Int, _ label: String, _ kind: String) -> String {
            "<div class=\"card \(kind)\"><b>\(PageText.grouped(number))</b><span>\(label)</span></div>"
        }
        return """
            <section class="cards" id="figures">
            \(card(report.torrents, report.torrents == 1 ? "torrent" : "torrents", "plain"))
            \(card(report.seeders, report.seeders == 1 ? "seeder" : "seeders", "seed"))
            \(card(report.leechers, report.leechers == 1 ? "leecher" : "leechers", "leech"))
            \(card(report.downloads, report.downloads == 1 ? "download" : "downloads", "plain"))
            </section>
            """
    }

    private static func traffic(_ report: TrackerReport) -> String {
        """
        <section class="panel traffic" id="traffic">
        <div class="figures">
        <h2>Traffic now</h2>
        <p><b>\(PageText.tenths(report.requestRate))</b> requests/s</p>
        <p><b>↓ \(PageText.bytes(report.bytesInRate))/s</b> <b>↑ \(PageText.bytes(report.bytesOutRate))/s</b></p>
        <p class="quiet">\(PageText.grouped(Int(clamping: report.httpRequests))) HTTP, \
        \(PageText.grouped(Int(clamping: report.udpRequests))) UDP, \
        \(PageText.grouped(report.connections)) connected</p>
        </div>
        \(chart(report.requestHistory))
        </section>
        """
    }

    /// Requests a second of the last two minutes, the newest on the right.
    private static func chart(_ history: [Int]) -> String {
        let (width, height) = (600.0, 96.0)
        let highest = Double(max(history.max() ?? 0, 4))
        let step = width / 119
        let start = width - step * Double(max(history.count - 1, 0))
        var line = ""
        for (position, value) in history.enumerated() {
            let x = Int(start + step * Double(position))
            let y = Int(height - 4 - (height - 12) * Double(value) / highest)
            line += "\(x),\(y) "
        }
        let area = history.isEmpty ? "" : "\(Int(start)),\(Int(height)) \(line)\(Int(width)),\(Int(height))"
        let peak = PageText.grouped(history.max() ?? 0)
        return """
            <figure><svg viewBox="0 0 \(Int(width)) \(Int(height))" preserveAspectRatio="none" aria-hidden="true">\
            <polygon points="\(area)"/><polyline points="\(line)"/></svg><figcaption class="quiet">\
            <span>2 min ago</span><span>highest: \(peak) requests/s</span><span>now</span></figcaption></figure>
            """
    }

    private static func torrents(_ report: TrackerReport) -> String {
        guard !report.swarms.isEmpty else {
            return """
                <section class="panel empty" id="torrents"><h2>No torrents yet</h2>
                <p class="quiet">They appear here as soon as the first client announces itself.</p></section>
                """
        }
        let rows = report.swarms.map(row).joined(separator: "\n")
        let more = report.torrents - report.swarms.count
        let rest = more > 0 ? "<p class=\"quiet more\">and \(PageText.grouped(more)) smaller ones</p>" : ""
        return """
            <section class="panel table" id="torrents"><table>
            <thead><tr><th>Torrent</th><th class="mix"></th><th class="n">Seeders</th><th class="n">Leechers</th>\
            <th class="n">Downloads</th><th class="n last">Heard</th></tr></thead>
            <tbody>
            \(rows)
            </tbody></table>\(rest)</section>
            """
    }

    private static func row(_ swarm: TrackedSwarm) -> String {
        let hash = "<code>\(swarm.infoHash.hex)</code>"
        let name =
            swarm.name.map { "<bdi class=\"name\" title=\"\(PageText.escaped($0))\">\(PageText.escaped($0))</bdi>" }
            ?? ""
        let peers = swarm.counts.complete + swarm.counts.incomplete
        let share = peers == 0 ? 0 : swarm.counts.complete * 100 / peers
        // Drawn, since the page's policy knows no styles but those of its file.
        let isMixed = share > 0 && share < 100
        let gap = isMixed ? "<rect class=\"gap\" x=\"\(share)%\" width=\"2\" height=\"6\"/>" : ""
        let mix = """
            <svg class="bar\(peers == 0 ? " none" : "")"><rect class="seed" width="\(share)%" height="6"/>\(gap)</svg>
            """
        let heard = swarm.silence == .zero ? "now" : PageText.duration(swarm.silence) + " ago"
        return """
            <tr><td>\(name)\(hash)</td><td class="mix" aria-hidden="true">\(mix)</td>\
            \(number(swarm.counts.complete, "seed", "seeder"))\(number(swarm.counts.incomplete, "leech", "leecher"))\
            \(number(swarm.counts.downloaded, "", "download"))\
            <td class="n last quiet"><span class="unit">heard </span>\(heard)</td></tr>
            """
    }

    /// The unit is shown where the table has no head: on narrow screens.
    private static func number(_ value: Int, _ kind: String, _ unit: String) -> String {
        let words = value == 1 ? unit : unit + "s"
        let kind = value == 0 ? "zero" : kind
        return "<td class=\"n \(kind)\">\(PageText.grouped(value))<span class=\"unit\"> \(words)</span></td>"
    }
}
