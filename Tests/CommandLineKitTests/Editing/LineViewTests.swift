import ByteStrings
import Testing

@testable import CommandLineKit

/// What of a line is drawn, and where the cursor stands.
@Suite struct LineViewTests {
    private func view(_ keys: String, columns: Int) -> LineView {
        var typist = Typist()
        typist.type(keys)
        return typist.editor.view(prompt: "> ", columns: columns)
    }

    @Test(
        arguments: [
            ("abc", 20, "> abc", 5), ("abc\u{1B}[D", 20, "> abc", 4), ("漢字\u{1B}[D", 20, "> 漢字", 4),
            ("e\u{301}x", 20, "> e\u{301}x", 4), ("0123456789", 12, "> 0123456789", 12),
            // Scrolled to the left and to the right.
            ("0123456789abcdef", 12, "> <cdef", 7), ("0123456789abcdef\u{1}", 12, "> 012345678>", 2),
            ("0123456789abcdef\u{1B}b\u{1B}[C", 12, "> 012345678>", 3),
            // No room for marks.
            ("abcdef", 5, "> ", 2), ("abcdef\u{1}", 5, "> abc", 2), ("abc\u{1}", 1, "a", 0),
        ])
    func aLineIsDrawn(_ keys: String, _ columns: Int, _ text: String, _ cursor: Int) {
        let view = view(keys, columns: columns)
        #expect(view.text.plain == text)
        #expect(view.cursor == cursor)
    }

    @Test func theCursorIsSeenWhereverItIs() {
        let line = "upload 漢字漢字漢字漢字 e\u{301}e\u{301} and more \u{7f}x" + String(repeating: "ab漢", count: 30)
        for columns in 1...60 {
            var buffer = LineBuffer(ByteString(line))
            for position in 0...buffer.letters.count {
                buffer.move(to: position)
                let view = LineView(prompt: "p2p> ", buffer, columns: columns)
                #expect(view.text.columns <= columns && (0...columns).contains(view.cursor), "\(columns) \(position)")
            }
        }
    }

    /// Whatever somebody types or pastes: no trap, nothing wider than the window, and the line holds what it says.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func randomBytesNeverTrap(_ seed: UInt64) throws {
        var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: Int) -> Int {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return Int(random % UInt64(bound))
        }
        let pieces: [[UInt8]] = [
            "\u{1B}[A", "\u{1B}[D", "\u{1B}[D", "\u{1B}[C", "\u{1B}", "\u{1B}[200~", "\u{1B}[201~", "\u{12}", "\u{7F}",
            "\u{17}", "\u{19}", "\u{14}", "\u{1B}b", "\u{1B}d", "é", "漢", "\u{301}", "🇩", "👩‍🚀", "word ", "\u{202E}",
            "\r",
        ].map { Array($0.utf8) }
        var typist = Typist(["earlier", "ea rl", "x"])
        for _ in 0..<300 {
            typist.type(next(3) == 0 ? [UInt8(next(256))] : pieces[next(pieces.count)])
            if next(20) == 0 { for key in typist.decoder.timeout() { typist.press(key) } }
            if next(20) == 0 {
                let start = CommandWords.unfinished(typist.editor.buffer.before).start
                _ = typist.editor.complete(with: Completions(start: start, [.init("word one"), .init("word two")]))
            }
            let columns = 1 + next(50)
            let view = typist.editor.view(prompt: "p2p> ", columns: columns)
            #expect(view.text.columns <= columns && (0...columns).contains(view.cursor), "seed \(seed)")
            #expect(typist.editor.buffer.line.bytes.starts(with: typist.editor.buffer.before.bytes))
            #expect(!view.text.plain.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
        }
    }
}
