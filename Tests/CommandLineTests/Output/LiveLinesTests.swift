import PeerEvents
import Testing
import TorrentCore
import TransferReporting

@testable import CommandLineKit

/// What is drawn again and again fits its window, and what says nothing leaves it first.
@Suite struct LiveLinesTests {
    private func hash(_ number: Int) -> InfoHash { InfoHash(Bytes20(high: 1, middle: 2, low: UInt32(number))) }

    private func progress(_ number: Int = 0, state: TorrentProgress.State = .leeching) -> TorrentProgress {
        var progress = TorrentProgress(infoHash: hash(number), state: state, totalBytes: 1_000_000)
        progress.left = state == .leeching ? 570_000 : 0
        return progress
    }

    private func report(_ names: String..., role: PeerRole = .leech) -> TransferReport {
        var report = TransferReport(exitWhenDone: false)
        for (number, name) in names.enumerated() { report.add(hash(number), name: name, role: role) }
        return report
    }

    @Test func peersStayWhereNothingIsSent() {
        var report = report("ubuntu-26.04-desktop-amd64.iso")
        var moving = progress()
        (moving.downloadRate, moving.peers, moving.seeds) = (11.5 * 1_048_576, 58, 13)
        _ = report.absorb(.progress([moving]))
        let line = report.liveLines(width: 79, glyphs: .unicode)[0].plain
        for word in ["13 seeds, 45 peers", "11.5 MiB/s", "0:01 left"] { #expect(line.contains(word), "\(line)") }
        #expect(!line.contains("0 B/s "), "\(line)")
        moving.uploadRate = 900 * 1_024
        _ = report.absorb(.progress([moving]))
        let sending = report.liveLines(width: 89, glyphs: .unicode)[0].plain
        #expect(sending.contains("900 KiB/s") && sending.contains("58 connected"), "\(sending)")
    }

    @Test(
        arguments: [
            (MetadataProgress(done: 3, pieces: 12, tried: []), 2, nil, "metadata 3 of 12 pieces, 2 peers"),
            (MetadataProgress(done: 0, pieces: 1, tried: []), 1, nil, "metadata 0 of 1 piece, 1 peer"),
            (
                MetadataProgress(done: 3, pieces: 12, tried: ["x"]), 2, .nobodySendsMetadata,
                "metadata 3 of 12 pieces, 2 peers, none sends it"
            ),
            (
                MetadataProgress(done: 3, pieces: 12, tried: []), 2, .waitsForMemory,
                "metadata 3 of 12 pieces, 2 peers, waiting for memory: other torrents have their turn"
            ),
            (MetadataProgress(done: 0, pieces: nil, tried: ["x"]), 0, .looking, "metadata: looking for peers"),
            (
                MetadataProgress(done: 0, pieces: nil, tried: ["tracker t names nobody", "the DHT is off"]), 0,
                .nobodyKnown, "no metadata yet: tracker t names nobody; the DHT is off"
            ),
        ] as [(MetadataProgress, Int, Standstill?, String)])
    func metadataIsCountedOrItIsSaidWhyThereIsNone(
        _ metadata: MetadataProgress, _ peers: Int, _ standstill: Standstill?, _ words: String
    ) {
        var report = report("film")
        var fetching = progress(state: .fetchingMetadata)
        (fetching.metadata, fetching.peers, fetching.standstill) = (metadata, peers, standstill)
        _ = report.absorb(.progress([fetching]))
        #expect(report.liveLines(width: 120, glyphs: .unicode)[0].plain == "film  \(words)")
        #expect(report.liveLines(width: 30, glyphs: .unicode)[0].columns <= 30)
        let lines = report.pipeLines()
        #expect(lines == (standstill == .looking ? [] : [.result("film  \(words)")]))
        #expect(report.pipeLines().isEmpty)
        // And if it ends like that, why.
        let last = report.absorb(.stopped(hash(0), downloaded: 0, uploaded: 0, left: nil))
        let why = metadata.tried.isEmpty ? "" : ": \(metadata.tried.joined(separator: "; "))"
        #expect(last == [.result("film  stopped: nobody has sent the metadata\(why)")])
    }

    @Test(arguments: [(1, 0, "1 seed"), (3, 2, "2 seeds, 1 peer"), (2, 0, "2 peers"), (1, 1, "1 seed")])
    func nobodyIsCountedTwice(_ peers: Int, _ seeds: Int, _ words: String) {
        var report = report("film")
        var moving = progress()
        (moving.downloadRate, moving.peers, moving.seeds) = (1_024, peers, seeds)
        _ = report.absorb(.progress([moving]))
        let line = report.liveLines(width: 120, glyphs: .unicode)[0].plain
        #expect(line.hasSuffix(peers == 1 && seeds == 0 ? "1 peer" : words), "\(line)")
    }

    /// Where the peers came from is the first to go, and takes nothing from a bar that is not wide.
    @Test func whereTheyCameFromIsSaidWhereThereIsRoom() {
        var report = report("film")
        var moving = progress()
        (moving.downloadRate, moving.peers) = (1_024, 14)
        (moving.sources[.tracker], moving.sources[.incoming]) = (12, 2)
        _ = report.absorb(.progress([moving]))
        let words = "tracker 12, incoming 2"
        let with = (40...160).filter { report.liveLines(width: $0, glyphs: .unicode)[0].plain.contains(words) }
        #expect(with.first.map { $0 > 80 && $0 < 120 } == true && with == Array(with[0]...160), "\(with)")
        for width in with {
            let line = report.liveLines(width: width, glyphs: .unicode)[0].plain
            #expect(line.count { "━╸─".contains($0) } >= 20 && line.contains("14 peers"), "\(line)")
        }
        // A line without a bar has room sooner.
        moving = progress(state: .seeding)
        moving.peers = 14
        (moving.sources[.exchange], moving.sources[.named]) = (13, 1)
        _ = report.absorb(.progress([moving]))
        let line = report.liveLines(width: 80, glyphs: .unicode)[0].plain
        #expect(line.contains("14 peers") && line.hasSuffix("exchange 13, named 1"), "\(line)")
        #expect(!report.liveLines(width: 60, glyphs: .unicode)[0].plain.contains("exchange"))
    }

    /// How many copies are out is said in place of what was sent, and given up as that is.
    @Test(arguments: [(0, "0.00 copies out"), (629_999, "0.62 copies out"), (12_345_678, "12.34 copies out")])
    func aSuperSeederSaysHowManyCopiesAreOut(_ uploaded: Int64, _ words: String) {
        var report = report("film", role: .seed)
        var seeding = progress(state: .seeding)
        (seeding.isSuperSeeding, seeding.uploaded, seeding.peers) = (true, uploaded, 3)
        _ = report.absorb(.progress([seeding]))
        let line = report.liveLines(width: 80, glyphs: .unicode)[0].plain
        #expect(line.hasPrefix("film  super-seeding  ") && line.hasSuffix("3 peers  \(words)"), "\(line)")
        #expect(report.liveLines(width: 34, glyphs: .unicode)[0].plain == "film  super-seeding  3 peers")
        let piped = report.pipeLines()
        #expect(piped == (uploaded == 0 ? [] : [.result("film  super-seeding  up 0 B/s  3 peers  \(words)")]))
        // That it has ended is news, whether or not anything moves.
        seeding.isSuperSeeding = false
        _ = report.absorb(.progress([seeding]))
        if uploaded > 0 { #expect(report.pipeLines() == [.result("film  seeding  up 0 B/s  3 peers")]) }
        #expect(seeding.copiesOut == nil)
    }

    /// In a window of 80 columns they stand below, where there is one torrent and room for a second line.
    @Test func whereTheyCameFromStandsBelowInANarrowWindow() {
        var report = report("film")
        var moving = progress()
        (moving.downloadRate, moving.peers) = (1_024, 14)
        (moving.sources[.tracker], moving.sources[.incoming]) = (12, 2)
        _ = report.absorb(.progress([moving]))
        let lines = report.liveLines(width: 79, height: 22, glyphs: .unicode).map(\.plain)
        #expect(lines.count == 2 && lines[1] == "  peers by: tracker 12, incoming 2", "\(lines)")
        #expect(report.liveLines(width: 160, height: 22, glyphs: .unicode).count == 1)
        #expect(report.liveLines(width: 79, height: 1, glyphs: .unicode).count == 1)
        (moving.peers, moving.sources, moving.standstill) = (0, PeerOrigins(), .nobodyKnown)
        _ = report.absorb(.progress([moving]))
        #expect(report.liveLines(width: 79, height: 22, glyphs: .unicode).count == 1)
    }

    /// All ways that were tried are said, however narrow the window is.
    @Test func allWaysThatWereTriedAreSaid() {
        var report = report("film")
        var fetching = progress(state: .fetchingMetadata)
        let tried = [
            "tracker t.example.org: connection refused", "peer 10.0.0.1:6881: no answer in time",
            "none of 12 known peers can be reached", "the DHT is off",
        ]
        fetching.metadata = MetadataProgress(done: 0, pieces: nil, tried: tried)
        fetching.standstill = .nobodyReached
        _ = report.absorb(.progress([fetching]))
        for width in [50, 79, 120] {
            let lines = report.liveLines(width: width, height: 22, glyphs: .unicode)
            #expect(lines.allSatisfy { $0.columns <= width } && lines.count <= 6)
            let text = lines.map(\.plain).joined(separator: " ")
            for way in tried { #expect(text.contains(way), "\(text)") }
        }
        #expect(report.liveLines(width: 79, height: 2, glyphs: .unicode).count == 2)
    }

    @Test func aNarrowWindowShowsTheRateInPlaceOfTheBar() {
        var report = report("holiday-pictures")
        var moving = progress()
        (moving.downloadRate, moving.peers) = (3_145_728, 2)
        _ = report.absorb(.progress([moving]))
        #expect(report.liveLines(width: 39, glyphs: .unicode)[0].plain == "holiday-p…   43 %  ↓    3 MiB/s")
    }

    @Test(
        arguments: [
            (.nobodyToAsk, "nobody to ask: no tracker and no --peer"), (.looking, "looking for peers"),
            (.nobodyNear, "nobody near has it: try --peer"),
            (.noAnswer, "no tracker answers, asking again in 0:25"),
            (.nobodyKnown, "the tracker names nobody, asking again in 0:25"),
            (.nobodyReached, "nobody can be reached, asking again in 0:25"),
            (.nobodyStays, "nobody stays, asking again in 0:25"),
            (.noWay, "no route from here, asking again in 0:25"),
            (.noRoom, "no room for a connection, asking again in 0:25"),
            (.nobodyHasTheRest, "3 peers, none shows what is missing"), (.choked, "3 peers, waiting for a turn"),
            (.diskFull, "the disk is full: waiting for room"),
        ] as [(Standstill, String)])
    func whatDoesNotMoveSaysWhy(_ standstill: Standstill, _ words: String) {
        var report = report("holiday")
        var still = progress()
        still.standstill = standstill
        if standstill == .choked || standstill == .nobodyHasTheRest { still.peers = 3 }
        still.nextAnnounce = 25
        _ = report.absorb(.progress([still]))
        let line = report.liveLines(width: 79, glyphs: .unicode)[0].plain
        #expect(line.contains(words), "\(line)")
        #expect(report.pipeLines().count == (standstill == .looking ? 0 : 1))
        #expect(report.pipeLines().isEmpty)
        for width in 20...120 {
            let line = report.liveLines(width: width, glyphs: .unicode)[0]
            #expect(line.columns <= width)
            // Left out, or said to the end of a word.
            let last = line.plain.split(separator: " ").last.map(String.init) ?? ""
            #expect(
                last == "%" || "\(words), asking again in 0:25, nobody has the rest full stays".contains(last),
                "\(line)")
            // Where nobody is asked there is no next time.
            guard standstill != .nobodyNear, width >= 110, let wide = line.plain.firstRange(of: "no peers yet: ") else {
                continue
            }
            #expect(line.plain[wide.lowerBound...].hasSuffix("asking again in 0:25"))
        }
    }

    @Test func whatMovesComesFirstWhereThereIsNoRoomForAll() {
        var report = TransferReport(exitWhenDone: false)
        var all: [TorrentProgress] = []
        for number in 0..<30 {
            report.add(hash(number), name: "album \(number)", role: .leech)
            var progress = progress(number, state: number < 4 ? .seeding : .leeching)
            progress.standstill = number < 4 ? nil : .nobodyKnown
            if number >= 25 { (progress.downloadRate, progress.peers, progress.standstill) = (1_024, 1, nil) }
            all.append(progress)
        }
        _ = report.absorb(.progress(all))
        let lines = report.liveLines(width: 79, height: 22, glyphs: .unicode).map(\.plain)
        #expect(lines.count == 22)
        #expect(lines.prefix(6).map { $0.prefix(8) } == (25..<30).map { "album \($0)" } + ["album 4 "])
        #expect(lines.last == "9 more  30 torrents  ↓ 5 KiB/s  ↑ 0 B/s  4 seeding")
        let tall = report.liveLines(width: 79, height: 38, glyphs: .unicode).map(\.plain)
        #expect(tall.count == 31 && tall[0].hasPrefix("album 0 "))
        #expect(tall.last?.hasPrefix("all together  30 torrents") == true)
        #expect(report.liveLines(width: 79, height: 2, glyphs: .unicode).count == 2)
    }

    @Test func aTrackerThatFailsForAllIsSaidOnce() {
        var report = report("a", "b")
        func levels(_ number: Int, _ notice: PeerNotice) -> [Int] {
            let lines = report.absorb(.notice(hash(number), notice))
            return lines.map { if case .message(_, let level) = $0 { level } else { -1 } }
        }
        let failed = PeerNotice(code: "tracker_failed", text: "tracker t: connection refused")
        #expect(levels(0, failed) == [0])
        #expect(levels(1, failed) == [1])
        #expect(levels(1, PeerNotice(code: "tracker_ready", text: "t answers again")) == [0])
        #expect(levels(1, failed) == [0])
    }

    @Test func howToGoOnIsSaidOnceForAll() {
        var report = report("a", "b")
        _ = report.absorb(.progress([progress(0), progress(1)]))
        let first = report.absorb(.stopped(hash(0), downloaded: 0, uploaded: 0, left: 1))
        let last = report.absorb(.stopped(hash(1), downloaded: 0, uploaded: 0, left: 1))
        #expect(first.count == 1 && last.count == 2)
        #expect(last[1] == .result("The same command goes on from here."))
    }

    @Test(
        arguments: [
            (.nobodyToAsk, "no tracker knows of it: others need --peer"),
            (.nobodyNear, "no tracker knows of it: who is not near needs --peer"),
            (.noAnswerInDHT, "no node of the DHT answers: until one does, others may need --peer"),
        ] as [(Standstill, TerminalText)])
    func whoServesWhatNoTrackerKnowsIsTold(_ standstill: Standstill, _ advice: TerminalText) {
        var report = report("a", "b", role: .seed)
        var still = progress(0, state: .seeding)
        still.standstill = standstill
        let words = report.absorb(.progress([still]))
        #expect(words == [.message("a  " + advice, level: 0)])
        #expect(report.absorb(.progress([still])).isEmpty)
        #expect(report.pipeLines().isEmpty)
    }

    @Test func onlyProgressIsNews() {
        var news = ProgressNews()
        var first = progress(0)
        #expect(news.absorb([first, progress(1)]).count == 2)
        first.nextAnnounce = 5
        #expect(news.absorb([first, progress(1)]).isEmpty)
        first.standstill = .choked
        #expect(news.absorb([first, progress(1)]) == [first])
        first.downloaded = 1
        #expect(news.absorb([first, progress(1)]) == [first])
    }
}
