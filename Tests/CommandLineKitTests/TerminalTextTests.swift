import Testing

@testable import CommandLineKit

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("Grüße, 世界 🌍", "Grüße, 世界 🌍"), ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\u{1B}[2J\u{7}", "\\x1b[2J\\x07"), ("\u{9B}31m", "\\x9b31m"), ("\u{7F}", "\\x7f"),
        ("a\u{202E}txt.exe", "a\\u{202e}txt.exe"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
        ("\u{200B}\u{FEFF}", "\\u{200b}\\u{feff}"), ("\u{E0041}", "\\u{e0041}"), ("\u{3164}", "\\u{3164}"),
        ("\u{2028}", "\\u{2028}"), ("e\u{301}", "e\u{301}"),
    ])
    func makesTextSafe(_ raw: String, _ safe: String) {
        #expect(TerminalText(raw).plain == safe)
    }

    @Test func literalsPassAndWhatStandsInThemIsMadeSafe() {
        let name = "\u{1B}[31m"
        let text: TerminalText = "\u{2190} \(name, .bold) and \(3)"
        #expect(text.plain == "\u{2190} \\x1b[31m and 3")
        #expect(text.rendered(color: true) == "\u{2190} \u{1B}[1m\\x1b[31m\u{1B}[0m and 3")
        #expect(text.rendered(color: false) == text.plain)
    }

    @Test func showsStrayBytesEscaped() {
        #expect(TerminalText(bytes: [0x61, 0xFF, 0xC0, 0x80, 0x62]).plain.unicodeScalars.allSatisfy { $0 != "\0" })
        #expect(TerminalText(bytes: [0x61, 0xFF]).plain == "a\\xff")
    }

    @Test func shortensWhatHasNoEndAndWhatPilesUp() {
        #expect(TerminalText(String(repeating: "x", count: 100_000)).plain.count <= SafeText.scalars + 3)
        let pile = "a" + String(repeating: "\u{336}", count: 1_000) + "b"
        #expect(TerminalText(pile).plain.unicodeScalars.count == 2 + SafeText.marksInARow)
    }

    /// Whatever the bytes are, nothing that steers comes out.
    @Test func nothingThatSteersPassesTheGate() {
        var generator = Generator(state: 2_026)
        let spice: [[UInt8]] = [
            [0x1B, 0x5B], [0xC2, 0x9B], [0xE2, 0x80, 0xAE], [0xE2, 0x81, 0xA6], [0x0D], [0x0A], [0xEF, 0xBB, 0xBF],
            [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xCC, 0xB6],
        ]
        for _ in 0..<2_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                if Bool.random(using: &generator) {
                    bytes.append(UInt8.random(in: 0...255, using: &generator))
                } else {
                    bytes += spice.randomElement(using: &generator) ?? []
                }
            }
            for scalar in TerminalText(bytes: bytes).rendered(color: true).unicodeScalars {
                #expect(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value), "\(bytes)")
                #expect(!(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value))
            }
        }
    }

    @Test func countsColumns() {
        #expect(TerminalText("abc").columns == 3)
        #expect(TerminalText("世界").columns == 4)
        #expect(TerminalText("e\u{301}").columns == 1)
        #expect(TerminalText("👩‍🚀").columns == 2)
        #expect(TerminalText(repeating: "━", count: 5).columns == 5)
    }

    @Test func cutsAndFills() {
        #expect(TerminalText("abcdef").fitted(to: 4).plain == "abc…")
        #expect(TerminalText("abcdef").fitted(to: 5, ellipsis: "...").plain == "ab...")
        #expect(TerminalText("世界人").fitted(to: 4).plain == "世… ")
        #expect(TerminalText("ab").fitted(to: 4).plain == "ab  ")
        #expect(TerminalText("ab").paddedLeft(to: 4).plain == "  ab")
        #expect(TerminalText("abc").cut(to: 0, ellipsis: "…").plain == "")
    }
}

/// A small seeded generator for the property tests.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ state >> 29) &* 0x9E37_79B9_7F4A_7C15
    }
}
