import TorrentCore
import TrackerEngine

/// The tracker's page for people: one document, light and dark, whole without `HomePageScript`, which keeps it up to
/// date by the parts that have an `id`.
enum HomePage {
    static func html(_ report: TrackerReport) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(grouped(report.seeders + report.leechers)) peers · p2p-tracker</title>
        <link rel="icon" href="data:image/svg+xml,\(icon)">
        <style>\(HomePageStyle.css)</style>
        <script src="page.js" defer></script>
        </head>
        <body>
        <main>
        <header>
        <h1><span class="dot"></span>p2p-tracker</h1>
        <p class="quiet" id="uptime">up \(duration(report.uptime)) · \
        \(grouped(Int(clamping: report.counters.announces))) announces</p>
        </header>
        \(addresses(report))
        \(cards(report))
        \(traffic(report))
        \(torrents(report))
        <footer class="quiet"><a href="stats.json">stats.json</a> · <a href="metrics">metrics</a> · \
        <span id="note">reload to look again</span></footer>
        </main>
        </body>
        </html>

        """
    }

    private static let icon =
        "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
        + "%3Ccircle cx='8' cy='8' r='6' fill='%2312a594'/%3E%3C/svg%3E"

    private static func addresses(_ report: TrackerReport) -> String {
        guard !report.announceURLs.isEmpty else { return "" }
        let lines = report.announceURLs.prefix(4).map { "<code>\(escaped($0))</code>" }.joined(separator: "\n")
        return "<section class=\"urls\"><span class=\"quiet\">Announce URL</span>\n\(lines)</section>"
    }

    private static func cards(_ report: TrackerReport) -> String {
        func card(_ number: Int, _ label: String, _ kind: String) -> String {
            "<div class=\"card \(kind)\"><b>\(grouped(number))</b><span>\(label)</span></div>"
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
        <p><b>\(tenths(report.requestRate))</b> requests/s</p>
        <p><b>↓ \(bytes(report.bytesInRate))/s</b> <b>↑ \(bytes(report.bytesOutRate))/s</b></p>
        <p class="quiet">\(grouped(Int(clamping: report.httpRequests))) HTTP, \
        \(grouped(Int(clamping: report.udpRequests))) UDP, \(grouped(report.connections)) connected</p>
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
        let peak = grouped(history.max() ?? 0)
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
        let rest = more > 0 ? "<p class=\"quiet more\">and \(grouped(more)) smaller ones</p>" : ""
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
        let name = swarm.name.map { "<bdi class=\"name\" title=\"\(escaped($0))\">\(escaped($0))</bdi>" } ?? ""
        let peers = swarm.counts.complete + swarm.counts.incomplete
        let share = peers == 0 ? 0 : swarm.counts.complete * 100 / peers
        let border = share == 100 ? ";border:0" : ""
        let seeders = share == 0 ? "" : "<i style=\"width:\(share)%\(border)\"></i>"
        let mix = "<i class=\"bar\(peers == 0 ? " none" : "")\">\(seeders)</i>"
        let heard = swarm.silence == .zero ? "now" : duration(swarm.silence) + " ago"
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
        return "<td class=\"n \(kind)\">\(grouped(value))<span class=\"unit\"> \(words)</span></td>"
    }
}
