import Testing

@testable import CommandLineKit

@Suite struct ProgressLineTests {
    private let facts: [TerminalText] = ["112 MiB/s", "0:17 left", "5 seeds, 13 peers"]

    @Test func drawsAsThePageShows() {
        let line = ProgressLine(label: "holiday", done: 45, total: 100, facts: ["112 MiB/s"])
        #expect(
            line.rendered(width: 46, glyphs: .unicode).plain
                == "holiday  ━━━━━━━━╸──────────   45 %  112 MiB/s")
        #expect(
            line.rendered(width: 46, glyphs: .ascii).plain
                == "holiday  ========>----------   45 %  112 MiB/s")
    }

    @Test(arguments: 20...200)
    func neverTakesMoreThanTheWidth(_ width: Int) {
        for done in [0, 1, 50, 99, 100] as [Int64] {
            let label = TerminalText("世界 of many very long names in one torrent")
            let line = ProgressLine(label: label, done: done, total: 100, facts: facts)
            #expect(line.rendered(width: width, glyphs: .unicode).columns <= width)
        }
    }

    @Test func leavesOutFactsFromTheEnd() {
        let line = ProgressLine(label: "holiday", done: 1, total: 2, facts: facts)
        let narrow = line.rendered(width: 46, glyphs: .unicode).plain
        #expect(narrow.contains("112 MiB/s") && narrow.contains("0:17") && !narrow.contains("seeds"))
        #expect(line.rendered(width: 80, glyphs: .unicode).plain.contains("13 peers"))
    }

    @Test func isFullOnlyWhenDone() {
        func bar(_ done: Int64) -> String {
            ProgressLine.bar(done, of: 1_000_000, width: 10, glyphs: .unicode, style: .plain).plain
        }
        #expect(bar(999_999) == "━━━━━━━━━╸")
        #expect(bar(1_000_000) == "━━━━━━━━━━")
        #expect(bar(0) == "──────────")
        #expect(bar(-5) == "──────────")
    }

    @Test func tellsRateAndTimeLeft() {
        let facts = ProgressReporter.facts(100, of: 1_000, elapsed: .seconds(2))
        #expect(facts.map(\.plain) == ["    50 B/s", "0:18 left"])
        #expect(ProgressReporter.facts(0, of: 1_000, elapsed: .seconds(2)) == [])
        #expect(ProgressReporter.facts(1_000, of: 1_000, elapsed: .seconds(2)).count == 1)
    }

    @Test func keepsAPace() {
        var pace = Pace(every: .seconds(5))
        let shown = (0..<12).filter { pace.isDue(at: .seconds($0)) }
        #expect(shown == [0, 5, 10])
    }
}

@Suite struct TableTests {
    @Test func alignsColumns() {
        var table = Table([.left, .right], indent: 1)
        table.add("a", "1", "x")
        table.add("世界", "1,000", "yy")
        #expect(table.lines.map(\.plain) == [" a         1  x", " 世界  1,000  yy"])
    }
}
