import HTTPService
import TorrentCore

/// What a path of the tracker leads to.
enum TrackerRoute {
    case announce, scrape
    case page(TrackerPage)
    case catalogue(CatalogueRoute)
    case unknown

    /// Compared in place. What ends in `/announce` is one whatever stands before it, where other trackers put a key;
    /// `/announce/` and `/announce.php` are as well, and so with `/scrape` (BEP 48). On any other path, but for those
    /// of pages, a request that names an `info_hash` is an announce: a torrent may name the tracker without a path.
    init(_ head: HTTPRequestHead, of bytes: RawSpan) {
        let path = head.path
        if Self.ends(path, of: bytes, with: "/announce") {
            self = .announce
        } else if Self.ends(path, of: bytes, with: "/scrape") {
            self = .scrape
        } else if let route = CatalogueRoute(head, of: bytes) {
            self = .catalogue(route)
        } else {
            self = Self.other(head, of: bytes)
        }
    }

    private static func other(_ head: HTTPRequestHead, of bytes: RawSpan) -> TrackerRoute {
        let path = bytes.array(head.path)
        // Without a slash behind it, and without `.php`.
        let name = path.split(separator: UInt8(ascii: "/")).last?.prefix { $0 != UInt8(ascii: ".") } ?? []
        if name.elementsEqual("announce".utf8) { return .announce }
        if name.elementsEqual("scrape".utf8) { return .scrape }
        // Proxies may leave out the only slash.
        let page = TrackerPage.allCases.first { "\($0.path)".utf8.elementsEqual(path.isEmpty ? [0x2F] : path) }
        if page == nil || page == .home, head.queryNames("info_hash", of: bytes) { return .announce }
        return page.map { .page($0) } ?? .unknown
    }

    private static func ends(_ path: Range<Int>, of bytes: RawSpan, with word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard path.count >= count else { return false }
        return word.withUTF8Buffer { letters in
            let start = path.upperBound - count
            for step in 0..<count where bytes.uint8(at: start + step) != letters[step] { return false }
            return true
        }
    }
}

/// A page that the tracker shows to people and their machines.
enum TrackerPage: CaseIterable {
    case home, figures, script, catalogueScript, style, statistics, metrics, health

    var path: StaticString {
        switch self {
        case .home: "/"
        case .figures: "/status"
        case .script: "/page.js"
        case .catalogueScript: "/catalogue.js"
        case .style: "/page.css"
        case .statistics: "/stats.json"
        case .metrics: "/metrics"
        case .health: "/healthz"
        }
    }

    /// The header lines that say what it is.
    var fields: StaticString {
        switch self {
        // Nothing runs on the page and nothing is fetched but our own script and style, and the page by it, whatever a
        // torrent is called.
        case .home, .figures:
            """
            Content-Type: text/html; charset=utf-8\r
            Content-Security-Policy: default-src 'none'; style-src 'self'; img-src data:; \
            script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r
            X-Content-Type-Options: nosniff\r
            Referrer-Policy: no-referrer\r
            Cache-Control: no-store\r\n
            """
        case .script, .catalogueScript:
            """
            Content-Type: text/javascript; charset=utf-8\r
            X-Content-Type-Options: nosniff\r
            Cache-Control: no-cache\r\n
            """
        case .style:
            """
            Content-Type: text/css; charset=utf-8\r
            X-Content-Type-Options: nosniff\r
            Cache-Control: no-cache\r\n
            """
        case .statistics: "Content-Type: application/json\r\nCache-Control: no-store\r\n"
        case .metrics: "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\nCache-Control: no-store\r\n"
        case .health: HTTPAnswer.plainText
        }
    }

    /// Of a tracker that shows a catalogue, `/` is that, and is not written here.
    func append(_ report: TrackerReport, showsCatalogue: Bool, to output: inout [UInt8]) {
        switch self {
        case .home, .figures: output += FiguresPage.html(report, showsCatalogue: showsCatalogue).utf8
        case .script: output += FiguresScript.javaScript.utf8
        case .catalogueScript: output += CatalogueScript.javaScript.utf8
        case .style: output += (PageStyle.css + CatalogueStyle.css).utf8
        case .statistics: output += StatisticsDocument.json(report).utf8
        case .metrics: output += MetricsDocument.text(report).utf8
        case .health: output += "ok\n".utf8
        }
    }
}
