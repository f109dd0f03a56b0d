import TorrentCore

/// What a path of the tracker leads to.
enum TrackerRoute {
    case announce, scrape
    case page(TrackerPage)
    case unknown

    /// Compared in place. Announce and scrape may have a folder before them, where other trackers put a key.
    init(_ path: Range<Int>, of bytes: RawSpan) {
        if Self.ends(path, of: bytes, with: "/announce") {
            self = .announce
        } else if Self.ends(path, of: bytes, with: "/scrape") {
            self = .scrape
        } else if let page = TrackerPage.allCases.first(where: {
            path.count == $0.path.utf8CodeUnitCount && Self.ends(path, of: bytes, with: $0.path)
        }) {
            self = .page(page)
        } else {
            self = .unknown
        }
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
    case home, statistics, metrics, health

    var path: StaticString {
        switch self {
        case .home: "/"
        case .statistics: "/stats.json"
        case .metrics: "/metrics"
        case .health: "/healthz"
        }
    }

    var contentType: HTTPAnswer.ContentType {
        switch self {
        case .home: .html
        case .statistics: .json
        case .metrics: .metrics
        case .health: .plain
        }
    }

    func append(_ report: TrackerReport, to output: inout [UInt8]) {
        switch self {
        case .home: output += HomePage.html(report).utf8
        case .statistics: output += StatisticsDocument.json(report).utf8
        case .metrics: output += MetricsDocument.text(report).utf8
        case .health: output += "ok\n".utf8
        }
    }
}
