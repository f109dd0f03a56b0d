internal import CommandLineKit
internal import TorrentCore

// Who fetches what, for people.
extension Audience {
    /// Lines that stay.
    func lines(_ news: [News]) -> [TransferReport.Line] {
        news.flatMap { news -> [TransferReport.Line] in
            switch news {
            case .came(let infoHash, let fetcher): [.message("\(place(infoHash))\(fetcher.label) fetches it", level: 1)]
            case .moved: []
            case .left(let infoHash, let fetcher):
                [.message("\(place(infoHash))\(fetcher.label) is gone with \(percentage(fetcher, infoHash))", level: 0)]
            case .finished(let infoHash, let fetcher, let count):
                [.result("\(place(infoHash))\(fetcher.label) has \("everything", .good) (\(tally(count)))")]
            case .allHave(let infoHash, let count):
                count > 1 ? [.result("\(place(infoHash))all \(HumanUnits.count(count)) who came have everything")] : []
            }
        }
    }

    private func tally(_ count: Int) -> TerminalText {
        guard let wanted else { return "\(HumanUnits.count(count)) so far" }
        return "\(HumanUnits.count(count)) of \(HumanUnits.count(wanted))"
    }

    /// The torrent, where there are several.
    private func place(_ infoHash: InfoHash) -> TerminalText {
        guard torrents.count > 1, let shared = torrents.first(where: { $0.infoHash == infoHash }) else { return "" }
        return "\(shared.name): "
    }

    private func percentage(_ fetcher: Fetcher, _ infoHash: InfoHash) -> String {
        let pieces = torrents.first { $0.infoHash == infoHash }?.pieces ?? 0
        return HumanUnits.percentage(Int64(fetcher.havePieces), of: Int64(pieces))
    }

    // MARK: Lines that are redrawn

    private static let widestLabel = 24

    /// One for each who fetches, as far as there is room, and one that counts those who have everything.
    func liveLines(width: Int, height: Int, glyphs: Glyphs) -> [TerminalText] {
        let fetching = fetching
        let isCounted = finished > 0 || wanted != nil
        let room = max(0, height - (isCounted || fetching.count > height ? 1 : 0))
        let labels = fetching.prefix(room).map { shared, fetcher in
            torrents.count > 1 ? "\(fetcher.shortLabel), \(shared.name)" : fetcher.shortLabel
        }
        let labelWidth = 2 + min(Self.widestLabel, labels.map(\.columns).max() ?? 0)
        var lines = zip(fetching, labels).map { entry, label in
            line(entry.1, of: entry.0, label: "  " + label, width: width, labelWidth: labelWidth, glyphs)
        }
        guard height > 0, isCounted || fetching.count > room else { return lines }
        let hidden = fetching.count - lines.count
        var sums: [TerminalText] = []
        if hidden > 0 { sums.append("\(HumanUnits.count(hidden)) more fetch it") }
        if isCounted {
            let count = HumanUnits.count(finished)
            sums.append(wanted.map { "\(count) of \(HumanUnits.count($0))" } ?? "\(count)")
            sums[sums.count - 1] += " have everything"
        }
        lines.append(("  " + TerminalText.joined(sums, by: ", ")).cut(to: width).styled(.dim))
        return lines
    }

    private var fetching: [(Shared, Fetcher)] {
        torrents.flatMap { shared in
            shared.fetchers.filter { $0.isConnected && !$0.hasEverything }.map { (shared, $0) }
        }
    }

    private func line(
        _ fetcher: Fetcher, of shared: Shared, label: TerminalText, width: Int, labelWidth: Int, _ glyphs: Glyphs
    ) -> TerminalText {
        var line = ProgressLine(
            label: label, done: Int64(fetcher.havePieces), total: Int64(shared.pieces),
            facts: [
                LineFact(glyphs.up + " " + TerminalText(HumanUnits.rate(fetcher.rate)).paddedLeft(to: 10), worth: 2)
            ])
        let place = "\(fetcher.endpoint.address)"
        line.spareFacts = [LineFact("\(fetcher.name == nil ? fetcher.client ?? "" : place)", worth: 1)]
        return line.rendered(width: width, glyphs: glyphs, labelWidth: labelWidth)
    }

    // MARK: For a pipe

    /// A line for each who has got further since the last call.
    mutating func pipeLines() -> [TransferReport.Line] {
        var lines: [TransferReport.Line] = []
        for place in torrents.indices {
            for position in torrents[place].fetchers.indices {
                let fetcher = torrents[place].fetchers[position]
                guard fetcher.isConnected, !fetcher.hasEverything, fetcher.havePieces != fetcher.printedPieces else {
                    continue
                }
                torrents[place].fetchers[position].printedPieces = fetcher.havePieces
                let parts: [TerminalText] = [
                    "\(self.place(torrents[place].infoHash))\(fetcher.label)",
                    TerminalText(percentage(fetcher, torrents[place].infoHash)), "up \(HumanUnits.rate(fetcher.rate))",
                ]
                lines.append(.result(.joined(parts, by: "  ")))
            }
        }
        return lines
    }
}
