package import CommandLineKit
internal import PeerRuntime

// Lines that are drawn again and again, and what a pipe is told in their place.
extension TransferReport {
    /// Torrents beyond this many are summed up on a line of their own.
    private static let mostWithoutTotals = 3

    /// At most `height` lines: one for each torrent that still runs, those that move first where there is no room for
    /// all, and a last one for all of them together.
    package func liveLines(width: Int, height: Int = .max, glyphs: Glyphs) -> [TerminalText] {
        let running = entries.filter { !$0.isStopped && isShown($0) }
        let hasTotals = running.count > min(Self.mostWithoutTotals, height)
        let room = max(1, hasTotals ? height - 1 : height)
        let shown = running.count <= room ? running : Self.mostActive(running, room)
        let lines = shown.map { liveLine($0, width: width, glyphs: glyphs) }
        guard hasTotals else { return lines }
        let all = entries.filter { !$0.isStopped }
        return lines + [Self.totals(all, hidden: running.count - shown.count, width: width, glyphs: glyphs)]
    }

    private func isShown(_ entry: Entry) -> Bool {
        guard entry.checked == nil else { return true }
        // The last progress before it was complete says nothing any more.
        guard let progress = entry.progress else { return false }
        return !(entry.isComplete && progress.state == .leeching)
    }

    /// As many as there is room for; among those that do as much as one another, in the order in which they were named.
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
        let facts = ProgressWords(progress: progress, glyphs: glyphs).facts
        guard progress.state == .leeching else {
            let word: TerminalText = progress.state == .checking ? "to be checked" : "seeding"
            let name = entry.name.fitted(
                to: ProgressLine.labelColumns(labelWidth, width: width), ellipsis: glyphs.ellipsis)
            let line: TerminalText = "\(name)  \(word, progress.state == .checking ? .warning : .good)"
            guard progress.state != .checking else { return line.cut(to: width) }
            return LineFact.fitting(facts, in: width - line.columns).reduce(line) { $0 + "  " + $1 }.cut(to: width)
        }
        let line = ProgressLine(
            label: entry.name, done: progress.totalBytes - progress.left, total: progress.totalBytes, facts: facts)
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

    /// A line for each torrent of which something moved since the last one, or that has come to a halt or out of it.
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
            lines.append(.result(.joined([entry.name] + Self.parts(progress), by: "  ")))
        }
        return lines
    }

    private static func parts(_ progress: TorrentProgress) -> [TerminalText] {
        let words = ProgressWords(progress: progress, glyphs: .ascii)
        let up: TerminalText = "up \(HumanUnits.rate(progress.uploadRate))"
        guard progress.state == .leeching else {
            return ["seeding", up, progress.standstill == nil ? words.peerCount : words.whyNothingMoves]
        }
        let done = TerminalText(HumanUnits.percentage(progress.totalBytes - progress.left, of: progress.totalBytes))
        if progress.standstill != nil || progress.peers == 0 { return [done, words.whyNothingMoves] }
        let rates: TerminalText = "down \(HumanUnits.rate(progress.downloadRate))  \(up)"
        return [done, rates, words.peerCount] + (words.secondsLeft == nil ? [] : [words.timeLeft])
    }
}

extension TransferReport.Entry {
    /// The less it does, the greater: what moves, is checked, waits to be fetched, waits to be asked for.
    fileprivate var calm: Int {
        if checked != nil { return 1 }
        guard let progress else { return 4 }
        if progress.downloadRate + progress.uploadRate >= 1 { return 0 }
        return progress.state == .leeching ? 2 : 3
    }
}

extension TorrentProgress {
    /// For whoever reads line after line: bytes have moved, or it has come to a halt, or out of it. Before the first
    /// word about it, only what it has begun with counts.
    fileprivate func hasNews(since before: TorrentProgress?) -> Bool {
        guard let before else {
            return downloaded + uploaded > 0 || state == .leeching && standstill != nil && standstill != .looking
        }
        return downloaded != before.downloaded || uploaded != before.uploaded
            || standstill != before.standstill && standstill != .looking || state != before.state
    }
}
