import PeerEvents
import Testing
import TorrentCore
import TransferReporting

@testable import CommandLineKit

/// The table of peers, the map of pieces and the messages in words, as they are printed.
@Suite struct SightReportTests {
    private let infoHash = InfoHash(Bytes20(high: 1, middle: 2, low: 3))

    private func report() -> TransferReport {
        var report = TransferReport(exitWhenDone: false)
        report.add(infoHash, name: "film", role: .leech)
        var progress = TorrentProgress(infoHash: infoHash, state: .leeching, totalBytes: 1_000_000)
        (progress.left, progress.peers, progress.downloadRate) = (500_000, 3, 1_048_576)
        progress.downloaded = 500_000
        _ = report.absorb(.progress([progress]))
        return report
    }

    private func peer(_ number: Int, rate: Double = 0, turn: UnchokeReason? = nil) -> PeerFigures {
        var peer = PeerFigures(Endpoint(.v4(0x0A00_0000 + UInt32(number)), port: 6_881), client: "libtorrent 2.0")
        (peer.pieces, peer.havePieces) = (100, 43)
        peer.taken = PeerFigures.Flow(bytes: Int64(number) << 20, rate: rate)
        peer.given = PeerFigures.Flow(bytes: 3 << 20, rate: 1_023 * 1_024)
        (peer.wantsOurs, peer.isWanted, peer.chokesUs, peer.turn) = (true, true, false, turn)
        if turn == nil { peer.wait = .outranked }
        return peer
    }

    @Test(arguments: [24, 40, 60, 79, 80, 120])
    func theTableFitsItsWindow(width: Int) {
        var report = report()
        _ = report.absorb(.peers(infoHash, (1...3).map { peer($0, turn: UnchokeReason.allCases[$0]) }))
        for glyphs in [Glyphs.unicode, .ascii] {
            let lines = report.liveLines(width: width, height: 22, glyphs: glyphs)
            #expect(lines.allSatisfy { $0.columns <= width }, "\(lines.map(\.plain))")
            #expect(lines.count { $0.plain.hasPrefix("  10.0.0.") } == 3)
        }
    }

    @Test func aRowSaysWhatIsTakenAndGivenAndWhy() {
        var report = report()
        _ = report.absorb(.peers(infoHash, [peer(2, rate: 1.5 * 1_048_576, turn: .reciprocal), peer(3)]))
        let lines = report.liveLines(width: 79, height: 22, glyphs: .unicode).map(\.plain)
        let row = lines.first { $0.contains("10.0.0.2:6881") } ?? ""
        for word in [" 43 % ", " 1.5 MiB ", " 2 MiB ", " 3 MiB ", " DU gives"] {
            #expect(row.contains(word), "\(word) \(row)")
        }
        let choked = lines.first { $0.contains("10.0.0.3:6881") } ?? ""
        #expect(choked.contains("Du") && choked.contains("outranked"), "\(choked)")
    }

    /// The busiest have a line, and the rest is counted, however many there are.
    @Test func manyPeersAreBounded() {
        var report = report()
        _ = report.absorb(.peers(infoHash, (1...33).map { peer($0, rate: Double($0) * 10_000) }))
        let lines = report.liveLines(width: 79, height: 22, glyphs: .ascii).map(\.plain)
        #expect(lines.contains("  and 23 more"), "\(lines)")
        #expect(lines.contains { $0.contains("10.0.0.33:6881") } && !lines.contains { $0.contains("10.0.0.2:6881") })
        #expect(report.liveLines(width: 79, height: 5, glyphs: .ascii).count <= 5)
    }

    @Test func theMapHasACellAPieceAndDistinctSigns() {
        var report = report()
        _ = report.absorb(.pieces(infoHash, PieceMap([.have, .partial, .inFlight, .rare, .common, .nowhere])))
        #expect(report.liveLines(width: 79, height: 22, glyphs: .unicode)[1].plain == "  █▄▒!·x")
        let plain = report.liveLines(width: 79, height: 22, glyphs: .ascii)
        #expect(plain[1].plain == "  #+>!.x")
        #expect(plain[2].plain.contains("with nobody") && plain[2].columns <= 79)
    }

    /// What was known of the pieces is out of date while nothing is at work.
    @Test func aPausedTorrentHasNoMap() {
        var report = report()
        _ = report.absorb(.pieces(infoHash, PieceMap([.have, .inFlight])))
        _ = report.absorb(.peers(infoHash, [peer(2)]))
        _ = report.absorb(.peers(infoHash, []))
        _ = report.absorb(.progress([TorrentProgress(infoHash: infoHash, state: .paused, totalBytes: 1_000_000)]))
        #expect(report.liveLines(width: 79, height: 22, glyphs: .ascii).count == 1)
    }

    /// A million pieces are four rows; a cell that is not all here never looks as if it were.
    @Test func manyPiecesShareCells() {
        var report = report()
        var states = [PieceMap.State](repeating: .have, count: 200_000)
        states[0] = .nowhere
        _ = report.absorb(.pieces(infoHash, PieceMap(states)))
        let lines = report.liveLines(width: 79, height: 22, glyphs: .ascii).map(\.plain)
        #expect(lines.count == 6 && lines[1].hasPrefix("  x#") && lines[4].hasSuffix("#"))
        #expect(lines.allSatisfy { $0.count <= 79 })
    }

    @Test func aPipeGetsTheSumOfPiecesAndWhoGaveAtTheEnd() {
        var report = report()
        _ = report.absorb(.pieces(infoHash, PieceMap([.have, .inFlight, .rare, .nowhere])))
        let lines = report.pipeLines().map(text)
        #expect(lines.first?.hasSuffix("1 of 4 pieces, 1 on their way, 1 that one peer has, 1 that nobody has") == true)
        _ = report.absorb(.peers(infoHash, [peer(2)]))
        _ = report.absorb(.peers(infoHash, []))
        let end = report.absorb(.stopped(infoHash, downloaded: 1, uploaded: 2, left: 3)).map(text)
        #expect(end.first == "took 2 MiB from, and gave 3 MiB to 10.0.0.2:6881 (libtorrent 2.0)", "\(end)")
    }

    @Test func whoIsUnchokedIsSaidWithItsReason() {
        let endpoint = Endpoint(.v4(0x0A00_0002), port: 6_881)
        func line(_ kind: PeerNews.Kind) -> String { PeerWords.line(PeerNews(endpoint, client: "x 1", kind)).plain }
        #expect(
            line(.unchoked(.reciprocal, gives: 1.25 * 1_048_576))
                == "unchoked 10.0.0.2:6881 (x 1): it gives us 1.3 MiB/s, among the most")
        #expect(line(.choked(.outranked)) == "choked 10.0.0.2:6881 (x 1): others give more")
        // Each reason has words of its own.
        let turns = UnchokeReason.allCases.map { line(.unchoked($0, gives: 0)) }
        let waits = ChokeReason.allCases.map { line(.choked($0)) }
        #expect(Set(turns).count == turns.count && Set(waits).count == waits.count)
    }

    /// Where whole pieces are given in turns, that happens many times a second.
    @Test func manyChokesAreCounted() {
        var report = report()
        let news = PeerNews(Endpoint(.v4(0x0A00_0002), port: 1), .unchoked(.newcomer, gives: 0))
        let said = (0..<300).flatMap { _ in report.absorb(.peer(infoHash, news), at: .seconds(1)) }
        #expect(said.count == 16)
        let later = report.absorb(.peer(infoHash, news), at: .seconds(12)).map(text)
        #expect(later.first == "choked and unchoked 284 times more in 10 s" && later.count == 2, "\(later)")
        // A window begins with its first line, and is summed up though nothing else happens, or at the end.
        #expect(report.nextDue == nil)
        for _ in 0..<20 { _ = report.absorb(.peer(infoHash, news), at: .seconds(15)) }
        #expect(report.nextDue == .seconds(22) && report.due(at: .seconds(21)).isEmpty == true)
        #expect(report.due(at: .seconds(22)).map(text) == ["choked and unchoked 5 times more in 10 s"])
        #expect(report.nextDue == nil)
        for _ in 0..<20 { _ = report.absorb(.peer(infoHash, news), at: .seconds(90)) }
        let end = report.absorb(.stopped(infoHash, downloaded: 1, uploaded: 2, left: 3), at: .seconds(91)).map(text)
        #expect(end.first == "choked and unchoked 4 times more")
    }

    @Test func blocksOfAPieceAreOneLine() {
        var report = report()
        let endpoint = Endpoint(.v4(0x0A00_0002), port: 1)
        func say(_ kind: PeerWord.Kind, isOurs: Bool = true, at second: Int = 1) -> [String] {
            report.absorb(.word(infoHash, PeerWord(endpoint, isOurs: isOurs, kind)), at: .seconds(second)).map(text)
        }
        func block(_ piece: UInt32, _ number: UInt32) -> WireBlock {
            WireBlock(piece: piece, begin: number << 14, length: 1 << 14)
        }
        var lines = (0..<16).flatMap { say(.message(.request(block(3, $0)))) }
        lines += (0..<16).flatMap { say(.block(block(3, $0)), isOurs: false) }
        #expect(lines.isEmpty)
        lines = say(.message(.request(block(4, 2))))
        #expect(lines == ["to 10.0.0.2:1: we ask for piece 3, blocks 0 to 15 (256 KiB)"])
        // What has a line of its own stands behind what was said before.
        lines = say(.message(.choke), isOurs: false)
        #expect(
            lines == [
                "from 10.0.0.2:1: it sends piece 3, blocks 0 to 15 (256 KiB)",
                "to 10.0.0.2:1: we ask for piece 4, block 2 (16 KiB)",
                "from 10.0.0.2:1: it chokes us: we may ask for nothing now",
            ])
        _ = (1...3).flatMap { say(.message(.have($0)), isOurs: false) }
        #expect(say(.message(.keepAlive), at: 3).first == "from 10.0.0.2:1: it has pieces 1, 2, 3 now")
        // It waits for no more than a second, whatever else happens.
        _ = say(.message(.have(4)), at: 7)
        #expect(report.nextDue == .seconds(8) && report.due(at: .milliseconds(7_999)).isEmpty == true)
        #expect(report.due(at: .seconds(8)).map(text) == ["to 10.0.0.2:1: we have piece 4 now"])
        #expect(report.nextDue == nil)
    }

    @Test func eachMessageIsASentenceOfWhoSaysIt() throws {
        let block = WireBlock(piece: 3, begin: 16_384, length: 16_384)
        let kinds: [PeerWord.Kind] = [
            .handshake(Handshake(infoHash: infoHash, peerID: PeerID(Bytes20(high: 1, middle: 1, low: 1)))),
            .bitfield(12), .block(block), .message(.keepAlive), .message(.choke), .message(.unchoke),
            .message(.interested), .message(.notInterested), .message(.have(17)), .message(.request(block)),
            .message(.cancel(block)), .message(.port(6_881)), .message(.haveAll), .message(.haveNone),
            .message(.suggest(3)), .message(.reject(block)), .message(.allowedFast(3)), .extended(.lacks(3)),
            .extended(.metadata(.request(piece: 0))), .extended(.metadata(.reject(piece: 0))),
            .extended(.metadata(.data(piece: 0, totalSize: 20_000, length: 16_384))),
            .extended(.exchange(PeerExchange())), .extensionHandshake(try #require(.sample)),
        ]
        let ours = kinds.map { MessageWords(isOurs: true).sentence($0).plain }
        let theirs = kinds.map { MessageWords(isOurs: false).sentence($0).plain }
        #expect(Set(ours + theirs).count == kinds.count * 2)
        #expect(ours.contains("we ask for piece 3, block 1 (16 KiB)") && theirs.contains("it has piece 17 now"))
        let hello = theirs.last ?? ""
        #expect(
            hello.hasPrefix("it tells which extensions it speaks: ut_metadata") && !hello.contains("\u{1B}"), "\(hello)"
        )
    }

    @Test func scriptsGetPeersAndPieces() {
        let peers = TransferEvents.objects(.peers(infoHash, [peer(2, turn: .optimistic)])).map(line)
        #expect(
            peers[0].hasPrefix(#"{"event":"peers","infohash":"0000000000000001000000000000000200000003","total":1,"#))
        #expect(peers[0].contains(#""choked":false,"turn":"optimistic","why":null}"#))
        let map = PieceMap([.have, .have, .inFlight, .nowhere])
        #expect(
            line(TransferEvents.objects(.pieces(infoHash, map))[0]).hasSuffix(
                #""total":4,"have":2,"partial":0,"in_flight":1,"rare":0,"common":0,"nowhere":1}"#))
        let many = TransferEvents.objects(.peers(infoHash, (1...500).map { peer($0) })).map(line)
        #expect(many[0].contains(#""total":500"#) && many[0].components(of: #""address""#) == 200)
    }

    private func text(_ line: TransferReport.Line) -> String {
        switch line {
        case .result(let text), .message(let text, _): text.plain
        case .error(let error): error.message.plain
        }
    }

    private func line(_ value: JSONValue) -> String { String(decoding: value.bytes, as: UTF8.self) }
}

extension ExtensionHandshake {
    /// With a name that would clear the window.
    fileprivate static var sample: ExtensionHandshake? {
        let bytes = Array("d1:md11:ut_metadatai3ee1:v8:evil\u{1B}[2Je".utf8)
        return try? bytes.withBytes { (span) throws(WireError) in try ExtensionHandshake(parsing: span) }
    }
}

extension String {
    fileprivate func components(of word: String) -> Int { ranges(of: word).count }
}
