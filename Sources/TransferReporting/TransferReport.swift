internal import ByteStrings
package import CommandLineKit
package import PeerEvents
package import TorrentCore

/// Converts a node's events into text for people: lines that stay, and lines that are redrawn. Pure.
package struct TransferReport {
    /// A line that stays, and the stream for it.
    package enum Line: Equatable {
        /// To standard output, even with `--quiet`.
        case result(TerminalText)
        /// To standard error, with so many `-v` and more.
        case message(TerminalText, level: Int)
        case error(CommandError)
    }

    /// What is known of one torrent.
    struct Entry {
        var name: TerminalText
        let role: PeerRole
        var checked: (done: Int64, total: Int64)?
        var progress: TorrentProgress?
        var isComplete = false
        /// It was complete when the run began.
        var wasComplete = false
        /// A check has ended; the results of later ones come as notices.
        var isVerified = false
        var isStopped = false
        /// It failed, so the same command would fail again.
        var hasFailed = false
        /// The last progress that a pipe got.
        var printed: TorrentProgress?
        /// Where somebody wants to see them.
        var seen = Seen()
        /// It was removed, and is there once more: this one begins when it has stopped.
        var next: (name: TerminalText, role: PeerRole)?
    }

    var entries: [Entry] = []
    private var positions: [InfoHash: Int] = [:]
    private let exitWhenDone: Bool
    private let isInConsole: Bool
    /// Notices that are shown once, and the torrent of each.
    private var saidOnce: [String: InfoHash?] = [:]
    private var hasAdvisedSeeder = false
    private var dht = DHTWords()
    /// Who fetches what is shared here; nil where that is nobody's question.
    package var audience: Audience?
    private var words = WordRuns()
    private var chokes = ChokePace()

    /// `isInConsole`: what to do next is not said, since torrents come and go by commands.
    package init(exitWhenDone: Bool, isInConsole: Bool = false) {
        self.exitWhenDone = exitWhenDone
        self.isInConsole = isInConsole
    }

    /// Announces a torrent, before the first event about it. `name` is untrusted.
    package mutating func add(_ infoHash: InfoHash, name: String, role: PeerRole) {
        if let known = positions[infoHash] {
            entries[known].next = (TerminalText(name), role)
            if entries[known].isStopped { beginNext(at: known) }
            return
        }
        positions[infoHash] = entries.count
        entries.append(Entry(name: TerminalText(name), role: role))
    }

    private mutating func beginNext(at position: Int) {
        guard let next = entries[position].next else { return }
        entries[position] = Entry(name: next.name, role: next.role)
    }

    /// Handles `event`, which comes at `time`, counted from anywhere; returns the lines to show now.
    package mutating func absorb(_ event: PeerEvent, at time: Duration = .zero) -> [Line] {
        let calm = whatWaited(for: event, at: time)
        return calm + lines(of: event, at: time)
    }

    /// When lines that were kept back, so that many become one, are to be shown though nothing happens.
    package var nextDue: Duration? { [words.nextDue, chokes.nextDue].compactMap(\.self).min() }

    /// Those that have been kept back for long enough at `time`.
    package mutating func due(at time: Duration) -> [Line] {
        keptBack(words.due(at: time), chokes.summary(at: time))
    }

    private mutating func whatWaited(for event: PeerEvent, at time: Duration) -> [Line] {
        switch event {
        case .stopped, .failed: keptBack(words.all(), chokes.end())
        case .peer(_, let news): keptBack(words.all(with: news.endpoint), chokes.summary(at: time))
        default: due(at: time)
        }
    }

    private func keptBack(_ waited: [WordRuns.Line], _ summary: TerminalText?) -> [Line] {
        let lines = waited.flatMap { remark($0.text, on: $0.infoHash, level: 2) }
        return lines + (summary.map { [.message($0, level: 1)] } ?? [])
    }

    private mutating func lines(of event: PeerEvent, at time: Duration) -> [Line] {
        switch event {
        case .listening(let endpoints):
            let list = endpoints.map(\.description).joined(separator: " and ")
            // Who shares types no address of a peer.
            let isNews = audience == nil && entries.contains { $0.role == .seed }
            return [.message("listening on \(list)", level: isNews ? 0 : 1)]
        case .metadataComplete(let metainfo):
            change(metainfo.infoHash) { $0.name = "\(metainfo.name)" }
            return metadataComplete(metainfo)
        case .checking(let infoHash, let done, let total):
            change(infoHash) { $0.checked = (done, total) }
            return []
        case .verified(let infoHash, let content):
            change(infoHash) { $0.checked = nil }
            guard entry(infoHash)?.isVerified == false else { return [] }
            change(infoHash) {
                $0.isVerified = true
                $0.wasComplete = content.goodPieces == content.pieces
            }
            return verified(infoHash, content)
        case .seeding(let infoHash, _, _, _):
            guard let entry = entry(infoHash), !entry.isComplete else { return [] }
            return [.result("\(label(entry))  seeding\(isInConsole ? "" : "; Ctrl-C ends it")")]
        case .progress(let all):
            for progress in all { change(progress.infoHash) { $0.progress = progress } }
            return all.flatMap { adviceToSeeder($0) }
        case .peers(let infoHash, let peers):
            change(infoHash) { $0.seen.look(peers) }
            return []
        case .pieces(let infoHash, let map):
            change(infoHash) { $0.seen.pieces = PieceRows(map) }
            return []
        case .complete(let infoHash, let bytes, let seconds, let path):
            change(infoHash) { $0.isComplete = true }
            return complete(infoHash, bytes, seconds, path)
        case .notice(let infoHash, let notice):
            let name = infoHash.flatMap { entry($0) }.map { label($0) + "  " } ?? ""
            return [.message("\(name)\(notice.text)", level: notice.isDetail || !isNews(notice, of: infoHash) ? 1 : 0)]
        case .peer(let infoHash, let news):
            return chokes.allows(news, at: time) ? remark(PeerWords.line(news), on: infoHash) : []
        // A notice reports the failure.
        case .tracker(_, let news) where news.isFailure: return []
        case .tracker(let infoHash, let news): return remark(PeerWords.line(news), on: infoHash)
        case .word(let infoHash, let word):
            return words.add(word, of: infoHash, at: time).flatMap { remark($0.text, on: $0.infoHash, level: 2) }
        case .dht(let news): return [.message(DHTWords.line(news), level: dht.level(of: news))]
        case .failed(let infoHash, let failure):
            if let infoHash { change(infoHash) { $0.hasFailed = true } }
            let name = infoHash.flatMap { entry($0) }.map { $0.name + ": " } ?? ""
            return [.error(CommandError(failure.kind.exitCode, "\(name)\(failure.message)"))]
        case .stopped(let infoHash, let downloaded, let uploaded, let left):
            change(infoHash) { $0.isStopped = true }
            defer { if let position = positions[infoHash] { beginNext(at: position) } }
            return whoMoved(infoHash) + summary(infoHash, downloaded, uploaded, left: left)
        }
    }

    /// The lines to show now that the audience has changed.
    package func lines(_ news: [Audience.News]) -> [Line] { audience?.lines(news) ?? [] }

    /// A failing tracker, or a refusing peer, concerns every torrent: it is shown for the first one.
    private mutating func isNews(_ notice: PeerNotice, of infoHash: InfoHash?) -> Bool {
        switch notice.code {
        // A torrent repeats this only if that peer has stayed meanwhile.
        case "peer_unreachable", "peer_lost":
            return isFirst(notice, of: infoHash) || saidOnce[notice.text] == infoHash
        case "tracker_failed", "nobody_to_ask", "nobody_near": return isFirst(notice, of: infoHash)
        case "tracker_ready":
            saidOnce = [:]
            return true
        default: return true
        }
    }

    private mutating func isFirst(_ notice: PeerNotice, of infoHash: InfoHash?) -> Bool {
        guard saidOnce[notice.text] == nil else { return false }
        if saidOnce.count > 1_000 { saidOnce = [:] }
        saidOnce[notice.text] = .some(infoHash)
        return true
    }

    /// Once: nobody finds what is served here unless somebody names this peer to them.
    private mutating func adviceToSeeder(_ progress: TorrentProgress) -> [Line] {
        guard progress.state == .seeding, !hasAdvisedSeeder, let entry = entry(progress.infoHash),
            [.nobodyToAsk, .nobodyNear, .noAnswerInDHT].contains(progress.standstill)
        else { return [] }
        hasAdvisedSeeder = true
        let advice = ProgressWords(progress: progress, glyphs: .ascii).whyNothingMoves
        return [.message("\(label(entry))  \(advice)", level: 0)]
    }

    /// True if something that was to be fetched is not there.
    package var isUnfinished: Bool { entries.contains { $0.role == .leech && !$0.isComplete } }

    // MARK: Lines that stay

    private func metadataComplete(_ metainfo: Metainfo) -> [Line] {
        guard let entry = entry(metainfo.infoHash) else { return [] }
        let size = HumanUnits.size(metainfo.totalLength)
        let pieces = HumanUnits.count(metainfo.pieceCount, "piece", "pieces")
        let secret: TerminalText = metainfo.isPrivate ? ", private" : ""
        return [.message("\(label(entry))  the metadata is there: \(size) in \(pieces)\(secret)", level: 0)]
    }

    private func verified(_ infoHash: InfoHash, _ content: VerifiedContent) -> [Line] {
        guard let entry = entry(infoHash) else { return [] }
        let how: TerminalText = content.fromResumeRecord ? " (as recorded)" : ""
        if content.goodPieces == content.pieces {
            // For a leecher the line that it is complete says so.
            guard entry.role == .seed else { return [] }
            let text: TerminalText = "\(label(entry))  all \(HumanUnits.size(content.totalBytes)) are there\(how)"
            return [.message(text, level: audience == nil ? 0 : 1)]
        }
        let pieces: TerminalText =
            "\(HumanUnits.count(content.goodPieces)) of \(HumanUnits.count(content.pieces, "piece", "pieces"))"
        let bytes: TerminalText = "\(HumanUnits.size(content.goodBytes)) of \(HumanUnits.size(content.totalBytes))"
        guard entry.role == .seed else {
            guard content.goodPieces > 0 else { return [] }
            return [.message("\(label(entry))  \(bytes) are there already\(how)", level: 0)]
        }
        var lines: [Line] = [.message("\(label(entry))  \(pieces) are there, \(bytes)\(how)", level: 0)]
        for path in content.missingFiles.prefix(5) {
            lines.append(.message("\(label(entry))  missing or short: \(path)", level: 0))
        }
        if content.missingFiles.count > 5 {
            let more = HumanUnits.count(content.missingFiles.count - 5, "file", "files")
            lines.append(.message("\(label(entry))  and \(more) more", level: 0))
        }
        return lines
    }

    /// A detail of what goes on; the torrent is named only if there are several.
    private func remark(_ text: TerminalText, on infoHash: InfoHash, level: Int = 1) -> [Line] {
        guard entries.count > 1, let entry = entry(infoHash) else { return [.message(text, level: level)] }
        return [.message("\(label(entry))  \(text)", level: level)]
    }

    private func complete(_ infoHash: InfoHash, _ bytes: Int64, _ seconds: Double, _ path: ByteString?) -> [Line] {
        let place: [Line] = path.map { [.result("\(entry(infoHash).map(label) ?? "")  saved as \($0)")] } ?? []
        return [.result(complete(infoHash, bytes, seconds))] + place
    }

    private func complete(_ infoHash: InfoHash, _ bytes: Int64, _ seconds: Double) -> TerminalText {
        let name = entry(infoHash).map(label) ?? "\(infoHash)"
        let next: TerminalText = exitWhenDone || isInConsole || entries.count > 1 ? "" : " Now seeding; Ctrl-C ends it."
        let word = TerminalText("complete", style: .good)
        let size = HumanUnits.size(bytes)
        guard entry(infoHash)?.wasComplete == false else {
            return "\(name)  \(word): all \(size) were there already, every piece verified.\(next)"
        }
        let rate: TerminalText = seconds > 0 ? " (\(HumanUnits.rate(Double(bytes) / seconds)))" : ""
        return "\(name)  \(word): \(size) in \(Self.elapsed(seconds))\(rate), every piece verified.\(next)"
    }

    private func summary(_ infoHash: InfoHash, _ downloaded: Int64, _ uploaded: Int64, left: Int64?) -> [Line] {
        guard let entry = entry(infoHash) else { return [] }
        guard let left else { return [.result("\(label(entry))  stopped: \(whyNoMetadata(entry))")] }
        let received: TerminalText = "received \(HumanUnits.size(downloaded)), sent \(HumanUnits.size(uploaded))"
        let isUnfinished = entry.role == .leech && !entry.isComplete && left > 0
        let isAlone = entries.count == 1 || isInConsole
        let hint: TerminalText =
            isAlone && !isInConsole && !entry.hasFailed ? ": the same command goes on from here" : ""
        let rest: TerminalText = isUnfinished ? "; \(HumanUnits.size(left)) are left\(hint)" : ""
        var lines: [Line] = [.result("\(label(entry))  stopped: \(received)\(rest)")]
        if !isAlone, self.isUnfinished, entries.allSatisfy(\.isStopped), !entries.contains(where: \.hasFailed) {
            lines.append(.result("The same command goes on from here."))
        }
        return lines
    }

    /// Given and taken by peer, for `-v`.
    private func whoMoved(_ infoHash: InfoHash) -> [Line] {
        guard let seen = entry(infoHash)?.seen else { return [] }
        return PeerTable.summary(seen.gone + seen.peers).flatMap { remark($0, on: infoHash) }
    }

    /// What a torrent lacks that never became more than a link.
    private func whyNoMetadata(_ entry: Entry) -> TerminalText {
        // Why has been said.
        guard !entry.hasFailed else { return "it has no metadata that is of use" }
        let tried = entry.progress?.metadata?.tried ?? []
        let why: TerminalText = tried.isEmpty ? "" : ": \(tried.joined(separator: "; "))"
        return "nobody has sent the metadata\(why)"
    }

    /// "0.4 s" where a clock would say 0:00.
    private static func elapsed(_ seconds: Double) -> TerminalText {
        guard seconds < 10 else { return "\(HumanUnits.duration(seconds: Int64(min(seconds, 1e12).rounded())))" }
        let tenths = Int64((max(0, seconds) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }

    // MARK: Helpers

    private static let widestLabel = 24

    var labelWidth: Int { min(Self.widestLabel, entries.map(\.name.columns).max() ?? 0) }

    func label(_ entry: Entry) -> TerminalText { entry.name.fitted(to: labelWidth) }

    private func entry(_ infoHash: InfoHash) -> Entry? { positions[infoHash].map { entries[$0] } }

    private mutating func change(_ infoHash: InfoHash, _ body: (inout Entry) -> Void) {
        guard let position = positions[infoHash] else { return }
        body(&entries[position])
    }
}

extension PeerFailure.Kind {
    /// The exit code of the command.
    package var exitCode: ExitCode {
        switch self {
        case .notFound: .notFound
        case .badTorrent: .badTorrent
        case .io: .inputOutput
        case .verifyFailed: .verifyFailed
        case .unfinished: .unfinished
        case .network: .network
        case .diskFull: .diskFull
        }
    }
}
