import Testing

@testable import CommandLineKit

/// Lines that are longer than a window end between words.
@Suite struct WrappingTests {
    private func wrapped(_ text: TerminalText, _ width: Int) -> [String] { text.wrapped(to: width).map(\.plain) }

    @Test func breaksBetweenWords() {
        #expect(wrapped("one two three", 13) == ["one two three"])
        #expect(wrapped("one two three", 12) == ["one two", "  three"])
        #expect(wrapped("one two three", 7) == ["one two", "  three"])
        #expect(wrapped("  one  two three", 8) == ["  one", "    two", "    three"])
    }

    @Test func aPathStaysWhole() {
        #expect(wrapped("saved as /a/long/path/to/it now", 12) == ["saved as", "  /a/long/path/to/it", "  now"])
        #expect(wrapped("/a/long/path/to/it", 5) == ["/a/long/path/to/it"])
    }

    @Test func stylesGoOnOverTheBreak() {
        let text: TerminalText = "an \("error of two", .bad) words"
        let lines = text.wrapped(to: 10)
        #expect(lines.map(\.plain) == ["an error", "  of two", "  words"])
        #expect(lines[1].rendered(color: true) == "  \u{1B}[31mof two\u{1B}[0m")
    }

    @Test(arguments: 8...90)
    func losesNothing(_ width: Int) {
        let text: TerminalText = "holiday  complete: 3.2 GiB in 0:29 (113 MiB/s), every piece verified. 世界 it is."
        let lines = text.wrapped(to: width)
        #expect(lines.allSatisfy { $0.columns <= max(width, 13) })
        let words = lines.flatMap { $0.plain.split(separator: " ") }
        #expect(words == text.plain.split(separator: " "))
    }

    @Test func aWindowGetsBrokenLinesAndAPipeWholeOnes() {
        let words = "p2p-peer: error: something went wrong, and this is what is to be done about it now"
        let message = TerminalText(String(words.dropFirst("p2p-peer: error: ".count)))
        for isInteractive in [true, false] {
            let probe = OutputProbe()
            probe.output(isInteractive: isInteractive, columns: 40)
                .errorLine(CommandError(.failure, message), program: "p2p-peer")
            let lines = probe.error.split(separator: "\n")
            #expect(isInteractive ? lines.count == 3 && lines.allSatisfy { $0.count <= 40 } : lines == [words[...]])
        }
    }
}

/// What a line has room for.
@Suite struct LineFactTests {
    @Test func theLeastIsGivenUpFirst() {
        let facts = [
            LineFact("fast", worth: 3), LineFact("long words", worth: 1).orShorter("words", worth: 2),
            LineFact("up", worth: 0),
        ]
        func shown(_ width: Int) -> [String] { LineFact.fitting(facts, in: width).map(\.plain) }
        #expect(shown(22) == ["fast", "long words", "up"])
        #expect(shown(21) == ["fast", "long words"])
        #expect(shown(17) == ["fast", "words"])
        #expect(shown(12) == ["fast"])
        #expect(shown(5) == [])
    }
}
