import ByteStrings
import CommandLineKit
import PeerEvents
import Testing
import TorrentCore
import TransferReporting

private let infoHash = InfoHash(Bytes20(high: 1, middle: 2, low: 3))
private let other = InfoHash(Bytes20(high: 4, middle: 5, low: 6))
private let gibibyte: Int64 = 1 << 30

private func progress(_ state: TorrentProgress.State = .leeching) -> TorrentProgress {
    var progress = TorrentProgress(infoHash: infoHash, state: state, totalBytes: gibibyte)
    progress.left = gibibyte * 57 / 100
    progress.downloadRate = 112 * 1_048_576
    progress.uploadRate = 8.1 * 1_048_576
    progress.downloaded = gibibyte * 43 / 100
    progress.peers = 13
    progress.seeds = 5
    return progress
}

/// What a person sees while torrents move.
@Suite struct TransferReportTests {
    private func report(_ role: PeerRole = .leech, exitWhenDone: Bool = false) -> TransferReport {
        var report = TransferReport(exitWhenDone: exitWhenDone)
        report.add(infoHash, name: "holiday", role: role)
        return report
    }

    @Test func drawsALineATorrent() {
        var report = report()
        _ = report.absorb(.progress([progress()]))
        #expect(
            report.liveLines(width: 118, glyphs: .unicode).map(\.plain) == [
                "holiday  ━━━━━━━━━━━━━━━━━───────────────────────   43 %  ↓  112 MiB/s  0:06 left  ↑  8.1 MiB/s"
                    + "  5 seeds, 8 peers"
            ])
    }

    /// In a console torrents come and go by commands: nothing is said of what to press, and what was removed may come
    /// again.
    @Test func aConsoleIsToldOfTorrentsThatComeAndGo() {
        var report = TransferReport(exitWhenDone: true, isInConsole: true)
        for _ in 0..<2 {
            report.add(infoHash, name: "holiday", role: .leech)
            _ = report.absorb(.progress([progress()]))
            #expect(report.liveLines(width: 80, glyphs: .unicode).count == 1)
            let last = report.absorb(.stopped(infoHash, downloaded: 1, uploaded: 0, left: 3))
            #expect(last == [.result("holiday  stopped: received 1 B, sent 0 B; 3 B are left")])
            #expect(report.liveLines(width: 80, glyphs: .unicode).isEmpty)
        }
        report.add(infoHash, name: "holiday", role: .seed)
        #expect(report.absorb(.seeding(infoHash, name: "holiday", uploaded: 0)) == [.result("holiday  seeding")])
    }

    /// The last word of one that was removed comes when it is there once more.
    @Test func whatWasRemovedMayComeAgainBeforeItHasStopped() {
        var report = TransferReport(exitWhenDone: true, isInConsole: true)
        for _ in 0..<2 { report.add(infoHash, name: "holiday", role: .leech) }
        #expect(report.absorb(.stopped(infoHash, downloaded: 1, uploaded: 0, left: 3)).count == 1)
        _ = report.absorb(.progress([progress()]))
        #expect(report.liveLines(width: 80, glyphs: .unicode).count == 1)
        #expect(report.absorb(.stopped(infoHash, downloaded: 1, uploaded: 0, left: 3)).count == 1)
        #expect(report.liveLines(width: 80, glyphs: .unicode).isEmpty)
    }

    @Test(arguments: 30...140)
    func fitsEachWidth(_ width: Int) {
        var report = report()
        report.add(other, name: "a torrent with a name that is much longer than any window", role: .leech)
        _ = report.absorb(.progress([progress()]))
        var second = progress()
        second.infoHash = other
        _ = report.absorb(.progress([second]))
        let lines = report.liveLines(width: width, glyphs: .unicode)
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.columns <= width })
    }

    @Test func eightyColumnsShowRatesAndTime() {
        var report = report()
        _ = report.absorb(.progress([progress()]))
        let line = report.liveLines(width: 79, glyphs: .unicode)[0].plain
        for word in ["43 %", "112 MiB/s", "0:06 left", "8.1 MiB/s"] { #expect(line.contains(word), "\(line)") }
    }

    @Test func saysWhyNothingMoves() {
        var report = report()
        var idle = progress()
        idle.peers = 0
        idle.nextAnnounce = 24.2
        _ = report.absorb(.progress([idle]))
        #expect(report.liveLines(width: 80, glyphs: .unicode)[0].plain.contains("no peers yet, asking again in 0:25"))
    }

    @Test func saysWhyNobodyStays() {
        var report = report()
        var idle = progress()
        (idle.peers, idle.standstill, idle.whyNobodyStays) = (0, .nobodyStays, "it closed the connection")
        _ = report.absorb(.progress([idle]))
        #expect(
            report.pipeLines().map(\.text) == [
                "holiday  43 %  no peers yet: one was reached, but it closed the connection"
            ])
    }

    /// It concerns all torrents; the one that said it first says it again when that is news again.
    @Test func aPeerThatDoesNotStayIsShownForOneTorrent() {
        var report = report()
        report.add(other, name: "work", role: .leech)
        let notice = PeerNotice(code: "peer_lost", text: "peer 127.0.0.1:1: it closed the connection; trying again")
        let levels = [infoHash, other, infoHash].map { torrent in
            let line = report.absorb(.notice(torrent, notice)).first
            if case .message(_, let level) = line { return level }
            return -1
        }
        #expect(levels == [0, 1, 0])
    }

    @Test func saysWhenItIsComplete() {
        var report = report()
        let lines = report.absorb(.complete(infoHash, bytes: 3_435_973_837, seconds: 29))
        #expect(
            lines.map(\.text) == [
                "holiday  complete: 3.2 GiB in 0:29 (113 MiB/s), every piece verified. Now seeding; Ctrl-C ends it."
            ])
        // It has been said that it seeds.
        #expect(report.absorb(.seeding(infoHash, name: "holiday", uploaded: 0)).isEmpty)
    }

    @Test func whatWasThereTookNoTime() {
        var report = report()
        let content = VerifiedContent(
            pieces: 1, goodPieces: 1, goodBytes: 2_048, totalBytes: 2_048, fromResumeRecord: true)
        #expect(report.absorb(.verified(infoHash, content)).isEmpty)
        let line = report.absorb(.complete(infoHash, bytes: 2_048, seconds: 0.01))[0].text
        #expect(
            line
                == "holiday  complete: all 2 KiB were there already, every piece verified. Now seeding; Ctrl-C ends it."
        )
    }

    @Test func doesNotPromiseToSeedWhenItWillNot() {
        var report = report(exitWhenDone: true)
        let line = report.absorb(.complete(infoHash, bytes: 1_000, seconds: 0.04))[0].text
        #expect(line == "holiday  complete: 1000 B in 0.0 s (24.4 KiB/s), every piece verified.")
    }

    @Test func aPipeGetsALineOnlyWhenSomethingMoved() {
        var report = report()
        _ = report.absorb(.progress([progress()]))
        #expect(
            report.pipeLines().map(\.text) == [
                "holiday  43 %  down 112 MiB/s  up 8.1 MiB/s  5 seeds, 8 peers  0:06 left"
            ])
        #expect(report.pipeLines().isEmpty)
        var moved = progress()
        moved.uploaded = 1
        _ = report.absorb(.progress([moved]))
        #expect(report.pipeLines().count == 1)
    }

    @Test func aSeederSaysWhatIsMissing() {
        var report = report(.seed)
        let content = VerifiedContent(
            pieces: 10, goodPieces: 7, goodBytes: 7_168, totalBytes: 10_240, fromResumeRecord: false,
            missingFiles: ["a", "b\u{1B}", "c", "d", "e", "f", "g"])
        let lines = report.absorb(.verified(infoHash, content)).map(\.text)
        #expect(lines.first == "holiday  7 of 10 pieces are there, 7 KiB of 10 KiB")
        #expect(lines.contains("holiday  missing or short: b\\x1b"))
        #expect(lines.last == "holiday  and 2 files more")
    }

    @Test func anUnfinishedTorrentSaysHowToGoOn() {
        var report = report()
        _ = report.absorb(.progress([progress()]))
        // What was left when it stopped, not when progress was told last.
        let line = report.absorb(.stopped(infoHash, downloaded: 2_048, uploaded: 0, left: 4_096))[0].text
        #expect(
            line == "holiday  stopped: received 2 KiB, sent 0 B; 4 KiB are left: the same command goes on from here")
        #expect(report.liveLines(width: 80, glyphs: .unicode).isEmpty)
    }

    @Test func strangersCannotSteerTheTerminal() {
        var report = TransferReport(exitWhenDone: false)
        report.add(infoHash, name: "\u{1B}[2Jevil\u{202E}", role: .leech)
        _ = report.absorb(.progress([progress()]))
        var texts = report.liveLines(width: 120, glyphs: .unicode).map(\.plain)
        texts += report.absorb(.notice(infoHash, PeerNotice(code: "x", text: "\u{7}\n"))).map(\.text)
        texts += report.absorb(.failed(infoHash, PeerFailure(.io, "\u{9B}31m"))).map(\.text)
        for text in texts {
            #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0 != "\u{202E}" })
        }
    }
}

/// What a script sees.
@Suite struct TransferEventsTests {
    @Test(
        arguments: [
            (.listening([Endpoint(.anyV4, port: 6_881)]), #"{"event":"listening","address":"0.0.0.0","port":6881}"#),
            (
                .seeding(infoHash, name: "a\"b", uploaded: 0),
                #"{"event":"seeding","infohash":"0000000000000001000000000000000200000003","name":"a\"b","uploaded":0}"#
            ),
            (
                .seeding(infoHash, name: ByteString([0x61, 0xE9]), uploaded: 0),
                #"{"event":"seeding","infohash":"0000000000000001000000000000000200000003","name":"a\\xe9","#
                    + #""name_bytes":"61e9","uploaded":0}"#
            ),
            (
                .complete(infoHash, bytes: 5, seconds: 1.23456),
                #"{"event":"complete","infohash":"0000000000000001000000000000000200000003","bytes":5,"seconds":1.235}"#
            ),
            (
                .failed(nil, PeerFailure(.network, "port taken")),
                #"{"event":"error","code":"network","message":"port taken"}"#
            ),
            (
                .stopped(infoHash, downloaded: 1, uploaded: 2, left: 3),
                #"{"event":"stopped","infohash":"0000000000000001000000000000000200000003","downloaded":1,"#
                    + #""uploaded":2,"left":3}"#
            ),
        ] as [(PeerEvent, String)])
    func isAnObject(_ event: PeerEvent, _ line: String) {
        #expect(TransferEvents.objects(event).map(\.line) == [line])
    }

    /// How we came to know a peer is told where that is known.
    @Test(arguments: PeerOrigin.allCases)
    func aPeerHasItsSource(origin: PeerOrigin) {
        let endpoint = Endpoint(.loopbackV4, port: 7)
        let known = PeerNews(endpoint, origin: origin, .connected(isIncoming: false))
        #expect(TransferEvents.objects(.peer(infoHash, known))[0].line.hasSuffix(#","source":"\#(origin.rawValue)"}"#))
        let words = PeerWords.line(known).plain
        #expect(words.hasPrefix("peer 127.0.0.1:7 is connected, "))
        let failed = PeerWords.line(PeerNews(endpoint, origin: origin, .failed("no"))).plain
        #expect(failed.hasPrefix("no connection to peer 127.0.0.1:7, ") && failed.hasSuffix(": no"))
        let unknown = PeerNews(endpoint, .connected(isIncoming: true))
        #expect(!TransferEvents.objects(.peer(infoHash, unknown))[0].line.contains("source"))
        #expect(PeerWords.line(unknown).plain == "peer 127.0.0.1:7 has connected")
    }

    @Test func progressHasAllItsFields() {
        var progress = progress()
        progress.sources[.tracker] = 12
        progress.sources[.named] = 1
        let line = TransferEvents.objects(.progress([progress]))[0].line
        let start =
            #"{"event":"progress","infohash":"0000000000000001000000000000000200000003","downloaded":461708984,"#
        let end = #""uploaded":0,"left":612032839,"down_rate":117440512,"up_rate":8493466,"peers":13,"seeds":5,"#
        let added =
            #""total":1073741824,"state":"leeching","eta":6,"waiting":null,"#
            + #""sources":{"tracker":12,"exchange":0,"dht":0,"lan":0,"incoming":0,"named":1},"copies_out":null}"#
        #expect(line == start + end + added)
    }
}

extension TransferReport.Line {
    /// Without where it goes.
    fileprivate var text: String {
        switch self {
        case .result(let text), .message(let text, _): text.plain
        case .error(let error): error.message.plain
        }
    }
}

extension JSONValue {
    fileprivate var line: String { String(decoding: bytes, as: UTF8.self) }
}
