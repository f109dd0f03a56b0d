import CommandLineKit
import PeerEvents
import Testing
import TorrentCore

@testable import TransferReporting

/// Who counts as having everything, and what people read of it.
@Suite("Those who fetch what is shared")
struct AudienceTests {
    private static let hash = InfoHash(Bytes20(high: 1, middle: 2, low: 3))
    private static func id(_ number: UInt64) -> PeerID { PeerID(Bytes20(high: number, middle: 0, low: 0)) }
    private static func place(_ number: UInt32, port: UInt16 = 6_881) -> Endpoint {
        Endpoint(.v4(0x0A00_0000 + number), port: port)
    }

    private static func figures(_ number: UInt64, _ have: Int, of pieces: Int = 10) -> PeerFigures {
        var figures = PeerFigures(place(UInt32(number)), isIncoming: true)
        figures.id = id(number)
        figures.havePieces = have
        figures.pieces = pieces
        return figures
    }

    private static func announce(
        _ number: UInt64, _ event: AnnounceEvent, left: Int64, name: String? = nil
    ) -> AnnounceRequest {
        var request = AnnounceRequest(infoHash: hash, peerID: id(number), port: 6_881, left: left, event: event)
        request.name = name
        return request
    }

    private static func everything(_ number: UInt64, fromStart: Bool = false, port: UInt16 = 6_881) -> PeerNews {
        PeerNews(place(UInt32(number), port: port), .hasEverything(id(number), fromStart: fromStart))
    }

    private func audience(wanted: Int? = nil) -> Audience {
        var audience = Audience(wanted: wanted)
        audience.add(Self.hash, name: "film", pieces: 10)
        return audience
    }

    private func finishedIDs(_ news: [Audience.News]) -> [PeerID] {
        news.compactMap { if case .finished(_, let fetcher, _) = $0 { fetcher.id } else { nil } }
    }

    @Test("By its own word, by the tracker and by a look it counts once")
    func once() {
        var audience = audience(wanted: 1)
        #expect(finishedIDs(audience.hear(Self.everything(1), of: Self.hash)) == [Self.id(1)])
        #expect(audience.hear(Self.announce(1, .completed, left: 0), from: Self.place(1).address) == [])
        #expect(finishedIDs(audience.see([Self.figures(1, 10)], of: Self.hash)) == [])
        #expect(audience.finished == 1 && audience.isSatisfied)
    }

    @Test("Whoever the tracker alone tells of counts, and a name may come before or after")
    func tracker() {
        var audience = audience()
        let address = Self.place(1).address
        #expect(audience.hear(Self.announce(1, .started, left: 9, name: "anna"), from: address) == [])
        let news = audience.hear(Self.announce(1, .completed, left: 0), from: address)
        guard case .finished(_, let fetcher, let count)? = news.first else {
            Issue.record("\(news)")
            return
        }
        #expect(fetcher.name == "anna" && count == 1)
        _ = audience.see([Self.figures(2, 3)], of: Self.hash)
        _ = audience.hear(Self.announce(2, .none, left: 3, name: "bert"), from: Self.place(2).address)
        #expect(audience.torrents[0].fetchers.last?.name == "bert")
    }

    @Test("One that comes back with everything under another id, from its address, is the same one")
    func sameAgain() {
        var audience = audience()
        _ = audience.hear(Self.everything(1), of: Self.hash)
        let back = PeerNews(Self.place(1, port: 9), .hasEverything(Self.id(7), fromStart: true))
        #expect(audience.hear(back, of: Self.hash) == [])
        #expect(audience.hear(Self.announce(8, .started, left: 0), from: Self.place(1).address) == [])
        // Another one on that machine that fetched it is another one.
        let other = PeerNews(Self.place(1, port: 10), .hasEverything(Self.id(9), fromStart: false))
        #expect(finishedIDs(audience.hear(other, of: Self.hash)) == [Self.id(9)])
        // And so is one that had it, elsewhere.
        #expect(finishedIDs(audience.hear(Self.everything(3, fromStart: true), of: Self.hash)) == [Self.id(3)])
        #expect(audience.finished == 3)
    }

    @Test("Who comes, gets further and leaves is told, and when all who are there have everything")
    func course() {
        var audience = audience()
        let first = audience.see([Self.figures(1, 0), Self.figures(2, 4)], of: Self.hash)
        #expect(first.count == 2 && audience.see([Self.figures(1, 0), Self.figures(2, 4)], of: Self.hash) == [])
        let moved = audience.see([Self.figures(1, 5)], of: Self.hash)
        guard case .moved(_, let mover)? = moved.first, case .left(_, let leaver)? = moved.last else {
            Issue.record("\(moved)")
            return
        }
        #expect(mover.havePieces == 5 && leaver.id == Self.id(2) && leaver.havePieces == 4)
        let end = audience.hear(Self.everything(1), of: Self.hash)
        #expect(end.contains { if case .allHave(_, 1) = $0 { true } else { false } })
        // What it said last is no step back.
        #expect(audience.see([Self.figures(1, 5)], of: Self.hash) == [])
    }

    @Test("With several torrents the one that the fewest have counts")
    func several() {
        var audience = audience(wanted: 1)
        let other = InfoHash(Bytes20(high: 9, middle: 9, low: 9))
        audience.add(other, name: "slides", pieces: 3)
        _ = audience.hear(Self.everything(1), of: Self.hash)
        #expect(!audience.isSatisfied)
        _ = audience.hear(Self.everything(2), of: other)
        #expect(audience.isSatisfied)
    }

    @Test("A crowd of strangers is listed as far as the limit, and those who fetch stay")
    func crowd() {
        var audience = audience()
        _ = audience.see([Self.figures(5_000, 2)], of: Self.hash)
        for number in 0..<3_000 as Range<UInt64> {
            _ = audience.hear(Self.announce(number, .completed, left: 0, name: "n\(number)"), from: .v4(UInt32(number)))
        }
        #expect(audience.torrents[0].fetchers.count == 1_000 && audience.finished == 3_000)
        #expect(audience.torrents[0].fetchers.contains { $0.id == Self.id(5_000) })
    }

    @Test("One stranger who announces under ever new ids counts a few times, and neither ends it nor fills the screen")
    func flood() {
        var audience = audience(wanted: 20)
        var news: [Audience.News] = []
        for number in 100..<2_100 as Range<UInt64> {
            news += audience.hear(Self.announce(number, .completed, left: 0), from: Self.place(1).address)
            // A machine has a whole /64 of IPv6.
            let address = IPAddress.v6(0x2001_0DB8_0000_0000, number)
            news += audience.hear(Self.announce(number + 10_000, .completed, left: 0), from: address)
        }
        #expect(finishedIDs(news).count == 6 && audience.finished == 6 && !audience.isSatisfied)
        #expect(audience.lines(news).count <= 12)
        // Who is connected from there counts, whoever tells of it first.
        let atSame = { (number: UInt64) in
            PeerNews(Self.place(1, port: UInt16(number)), .hasEverything(Self.id(number), fromStart: false))
        }
        #expect(finishedIDs(audience.hear(atSame(9_001), of: Self.hash)) == [Self.id(9_001)])
        _ = audience.see([Self.figures(1, 5)], of: Self.hash)
        let known = audience.hear(Self.announce(1, .completed, left: 0), from: Self.place(1).address)
        #expect(finishedIDs(known) == [Self.id(1)])
    }

    @Test("Whoever has been counted is never counted again, however many come after")
    func forgotten() {
        var audience = audience()
        for number in 1...1_500 as ClosedRange<UInt64> { _ = audience.hear(Self.everything(number), of: Self.hash) }
        #expect(audience.finished == 1_500)
        #expect(audience.hear(Self.everything(1), of: Self.hash) == [])
        #expect(audience.hear(Self.announce(1, .completed, left: 0), from: Self.place(1).address) == [])
        #expect(audience.see([Self.figures(1, 10)], of: Self.hash) == [])
        #expect(audience.finished == 1_500 && audience.liveLines(width: 80, height: 9, glyphs: .unicode).count == 1)
    }

    @Test("Lines fit the window whatever the names are, and say who is left out")
    func lines() {
        var audience = audience(wanted: 40)
        let name = "a\u{1B}[31m\u{202E}very long name of somebody"
        for number in 1...30 as ClosedRange<UInt64> {
            _ = audience.hear(Self.announce(number, .started, left: 9, name: name), from: Self.place(1).address)
        }
        _ = audience.see((1...30).map { Self.figures($0, 3) }, of: Self.hash)
        _ = audience.hear(Self.everything(1), of: Self.hash)
        for width in [20, 40, 80, 200] {
            let lines = audience.liveLines(width: width, height: 12, glyphs: .unicode)
            #expect(lines.count == 12 && lines.allSatisfy { $0.columns <= width })
            #expect(lines.allSatisfy { !$0.plain.contains("\u{1B}") && !$0.plain.contains("\u{202E}") })
        }
        let last = audience.liveLines(width: 80, height: 12, glyphs: .unicode).last?.plain
        #expect(last == "  18 more fetch it, 1 of 40 have everything")
        let line = audience.liveLines(width: 80, height: 12, glyphs: .unicode)[0].plain
        #expect(line.contains("30 %") && line.contains("━"))
        #expect(audience.liveLines(width: 80, height: 0, glyphs: .unicode) == [])
    }

    @Test("A pipe hears of each one only when it has got further")
    func pipe() {
        var audience = audience()
        _ = audience.see([Self.figures(1, 3)], of: Self.hash)
        #expect(audience.pipeLines().count == 1 && audience.pipeLines() == [])
        _ = audience.see([Self.figures(1, 4)], of: Self.hash)
        #expect(audience.pipeLines() == [.result("10.0.0.1:6881  40 %  up 0 B/s")])
    }
}
