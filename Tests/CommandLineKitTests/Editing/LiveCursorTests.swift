import TestSupport
import Testing

@testable import CommandLineKit

/// A prompt that is redrawn stays one, and what is said meanwhile stands above it.
@Suite struct LiveCursorTests {
    /// A terminal puts a carriage return before each line feed.
    private func onTerminal(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    }

    @Test func messagesStandAboveAPromptWithItsCursor() {
        let probe = OutputProbe()
        let output = probe.output(isInteractive: true, columns: 20)
        let terminal = output.standardOutput
        output.draw(["bar", "> upload"], cursor: DrawnCursor(line: 1, column: 4), on: terminal)
        output.result("one")
        output.draw(["> uploads"], cursor: DrawnCursor(line: 0, column: 2), on: terminal)
        output.result("two")
        var picture = TerminalPicture(columns: 20, rows: 6)
        picture.show(onTerminal(probe.out))
        #expect(picture.lines == ["one", "two", "> uploads"])
        #expect(picture.place == (2, 2) && picture.unknown.isEmpty)
        let shown = probe.out.count
        output.drawAnew(clearing: true)
        picture.show(onTerminal(String(probe.out.dropFirst(shown))))
        #expect(picture.lines == ["> uploads"] && picture.place == (0, 2))
        output.endDrawing()
    }

    /// Narrower than lines are broken for: what is drawn keeps to the window all the same.
    @Test func aMessageAboveAPromptInANarrowWindow() {
        let probe = OutputProbe()
        let output = probe.output(isInteractive: true, columns: 10)
        let prompt: TerminalText = "> 0123456789"
        output.draw([prompt], cursor: DrawnCursor(line: 0, column: 4), on: output.standardOutput)
        output.result("one")
        output.draw([prompt], cursor: DrawnCursor(line: 0, column: 4), on: output.standardOutput)
        let picture = TerminalPicture(columns: 10, rows: 6, showing: onTerminal(probe.out))
        #expect(picture.lines.count == 2 && picture.lines.first == "one", "\(picture.lines)")
    }

    @Test func aCursorInTheMiddleOfSeveralLines() {
        let probe = OutputProbe()
        let output = probe.output(isInteractive: true, columns: 20)
        for _ in 0..<2 {
            output.draw(["a", "> b", "c"], cursor: DrawnCursor(line: 1, column: 3), on: output.standardOutput)
        }
        let picture = TerminalPicture(columns: 20, rows: 6, showing: onTerminal(probe.out))
        #expect(picture.lines == ["a", "> b", "c"] && picture.place == (1, 3))
    }
}
