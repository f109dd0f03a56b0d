package import CommandLineKit
internal import PeerEvents

// Lines that are redrawn, and what a pipe gets in their place.
extension TransferReport {
    /// More torrents than this get a line with totals.
    private static let mostWithoutTotals = 3

    /// Lines about one torrent alone.
    private static let mostAlone = 6

    /// At most `height` lines: one for each running torrent, the most active if there is no room for all, and a last
    /// one with totals. A single torrent has further ones for what finds no room on its first.
    package func liveLines(width: Int, height: Int = .max, glyphs: Glyphs) -> [TerminalText] {
        guard let audience else { return torrentLines(width: width, height: height, glyphs: glyphs) }
        // Half of the window at most is for the torrents, the rest for those who fetch them.
        let lines = torrentLines(width: width, height: max(1, height / 2), glyphs: glyphs)
        return lines + audience.liveLines(width: width, height: height - lines.count, glyphs: glyphs)
    }

    private func torrentLines(width: Int, height: Int, glyphs: Glyphs) -> [TerminalText] {
        let running = entries.filter { !$0.isStopped && isShown($0) }
        if running.count == 1, height > 1 {
            let lines = linesAlone(running[0], width: width, height: min(height, Self.mostAlone), glyphs: glyphs)
            return lines + sight(of: running[0], width: width, height: height - lines.count, glyphs: glyphs)
        }
        let hasTotals = running.count > min(Self.mostWithoutTotals, height)
        let room = max(1, hasTotals ? height - 1 : height)
        let shown = running.count <= room ? running : Self.mostActive(running, room)
        let lines = shown.map { liveLine($0, width: width, glyphs: glyphs) }
        guard hasTotals else { return lines }
        let all = entries.filter { !$0.isStopped }
        return lines + [Self.totals(all, hidden: running.count - shown.count, width: width, glyphs: glyphs)]
    }

    /// Its pieces and its peers, where somebody wants to see them, below its line.
    private func sight(of entry: Entry, width: Int, height: Int, glyphs: Glyphs) -> [TerminalText] {
        guard entry.checked == nil else { return [] }
        let rows = entry.knownPieces?.lines(width: width, height: height, glyphs: glyphs) ?? []
        let table = PeerTable(peers: entry.seen.peers, glyphs: glyphs)
        return rows + table.lines(width: width, height: height - rows.count)
    }

    /// In a narrow window the ways that were tried, or those by which the peers came, stand below.
    private func linesAlone(_ entry: Entry, width: Int, height: Int, glyphs: Glyphs) -> [TerminalText] {
        let line = liveLine(entry, width: width, glyphs: glyphs)
        guard entry.checked == nil, let progress = entry.progress else { return [line] }
        if progress.state == .fetchingMetadata, progress.peers == 0 {
            return MetadataWords(progress).lines(
                behind: start(entry, width: width, glyphs: glyphs), width: width, height: height)
        }
        let sources = ProgressWords(progress: progress, glyphs: glyphs).sources
        guard progress.peers > 0, !sources.isEmpty, !line.plain.contains(sources.plain) else { return [line] }
        return [line, ("  peers by: " + sources).cut(to: width).styled(.dim)]
    }

    /// The name of a torrent whose line has no bar.
    private func start(_ entry: Entry, width: Int, glyphs: Glyphs) -> TerminalText {
        entry.name.fitted(to: ProgressLine.labelColumns(labelWidth, width: width), ellipsis: glyphs.ellipsis) + "  "
    }

    private func isShown(_ entry: Entry) -> Bool {
        guard entry.checked == nil else { return true }
        // The last progress before it was complete is out of date.
        guard let progress = entry.progress else { return false }
        return !(entry.isComplete && progress.state == .leeching)
    }

    /// As many as there is room for, the most active first; equally active ones in the order in which they were added.
    private static func mostActive(_ entries: [Entry], _ count: Int) -> [Entry] {
        let ranked = entries.enumerated().sorted { ($0.element.calm, $0.offset) < ($1.element.calm, $1.offset) }
        return ranked.prefix(count).map(\.element)
    }

    private func liveLine(_ entry: Entry, width: Int, glyphs: Glyphs) -> TerminalText {
        if let (done, total) = entry.checked {
            let line = ProgressLine(label: entry.name, done: done, total: total, facts: ["checking"], style: .warning)
            return line.rendered(width: width, glyphs: glyphs, labelWidth: labelWidth)
        }
        guard let progress = entry.progress else { return entry.name.cut(to: width) }
        if progress.state == .fetchingMetadata {
            return (start(entry, width: width, glyphs: glyphs) + MetadataWords(progress).line).cut(to: width)
        }
        let words = ProgressWords(progress: progress, glyphs: glyphs)
        guard progress.state == .leeching else {
            let word: TerminalText = progress.state == .checking ? "to be checked" : words.servingWord
            let name = start(entry, width: width, glyphs: glyphs)
            let line: TerminalText = "\(name)\(word, progress.state == .checking ? .warning : .good)"
            guard progress.state != .checking else { return line.cut(to: width) }
            return LineFact.fitting(words.facts + words.spareFacts, in: width - line.columns)
                .reduce(line) { $0 + "  " + $1 }.cut(to: width)
        }
        var line = ProgressLine(
            label: entry.name, done: progress.totalBytes - progress.left, total: progress.totalBytes,
            facts: words.facts)
        line.spareFacts = words.spareFacts
        return line.rendered(width: width, glyphs: glyphs, labelWidth: labelWidth)
    }

    /// "30 torrents, 6 more than shown  ↓ 3 MiB/s  ↑ 1 MiB/s  12 seeding".
    private static func totals(_ entries: [Entry], hidden: Int, width: Int, glyphs: Glyphs) -> TerminalText {
        let moving = entries.compactMap(\.progress)
        let down = HumanUnits.rate(moving.reduce(0) { $0 + $1.downloadRate })
        let up = HumanUnits.rate(moving.reduce(0) { $0 + $1.uploadRate })
        let seeding = moving.count { $0.state == .seeding }
        let start: TerminalText = hidden > 0 ? "\(HumanUnits.count(hidden)) more" : "all together"
        var facts = [
            LineFact("\(HumanUnits.count(entries.count)) torrents", worth: 1),
            LineFact("\(glyphs.down) \(down)", worth: 4), LineFact("\(glyphs.up) \(up)", worth: 3),
        ]
        if seeding > 0 { facts.append(LineFact("\(HumanUnits.count(seeding)) seeding", worth: 2)) }
        return LineFact.fitting(facts, in: width - start.columns).reduce(start) { $0 + "  " + $1 }.styled(.dim)
    }

    // MARK: For a pipe

    /// A line for each torrent in which bytes have moved since the last call, or that has stopped or begun moving.
    package mutating func pipeLines() -> [Line] {
        var lines: [Line] = []
        for position in entries.indices {
            let entry = entries[position]
            if let (done, total) = entry.checked {
                lines.append(.result("\(entry.name)  checking  \(HumanUnits.percentage(done, of: total))"))
            }
            guard let progress = entry.progress, !entry.isStopped, progress.hasNews(since: entry.printed) else {
                continue
            }
            entries[position].printed = progress
            let pieces = entry.knownPieces.map { [$0.summary] } ?? []
            lines.append(.result(.joined([entry.name] + Self.parts(progress) + pieces, by: "  ")))
        }
        return lines + (audience?.pipeLines() ?? [])
    }

    private static func parts(_ progress: TorrentProgress) -> [TerminalText] {
        if progress.state == .fetchingMetadata { return [MetadataWords(progress).line] }
        let words = ProgressWords(progress: progress, glyphs: .ascii)
        let up: TerminalText = "up \(HumanUnits.rate(progress.uploadRate))"
        guard progress.state == .leeching else {
            let peers = progress.standstill == nil ? words.peerCount : words.whyNothingMoves
            return [words.servingWord, up, peers] + (words.copiesOut.map { [$0] } ?? [])
        }
        let done = TerminalText(HumanUnits.percentage(progress.totalBytes - progress.left, of: progress.totalBytes))
        if progress.standstill != nil || progress.peers == 0 { return [done, words.whyNothingMoves] }
        let rates: TerminalText = "down \(HumanUnits.rate(progress.downloadRate))  \(up)"
        return [done, rates, words.peerCount] + (words.secondsLeft == nil ? [] : [words.timeLeft])
    }
}

extension TransferReport.Entry {
    /// While nothing is at work nobody looks at them, and what was seen last is out of date.
    fileprivate var knownPieces: PieceRows? {
        progress?.state == .leeching || progress?.state == .seeding ? seen.pieces : nil
    }

    /// Less active ones have greater numbers: moving, being checked, waiting for peers, waiting to be asked.
    fileprivate var calm: Int {
        if checked != nil { return 1 }
        guard let progress else { return 4 }
        if progress.downloadRate + progress.uploadRate >= 1 { return 0 }
        return progress.state == .leeching || progress.state == .fetchingMetadata ? 2 : 3
    }
}

extension TorrentProgress {
    /// Whether it is worth a line in a pipe: bytes have moved, or it has stopped or begun moving. Before its first
    /// line, only whether something has moved or is wrong.
    fileprivate func hasNews(since before: TorrentProgress?) -> Bool {
        guard let before else {
            let isFetching = state == .leeching || state == .fetchingMetadata
            return downloaded + uploaded > 0 || metadata?.pieces != nil
                || isFetching && standstill != nil && standstill != .looking
        }
        return downloaded != before.downloaded || uploaded != before.uploaded
            || standstill != before.standstill && standstill != .looking || state != before.state
            || isSuperSeeding != before.isSuperSeeding
            || metadata?.done != before.metadata?.done
    }
}
