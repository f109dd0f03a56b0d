import CommandLineKit
import Testing

@Suite struct OutputTests {
    @Test func resultsAndMessagesGoTheirWays() {
        let probe = OutputProbe()
        let output = probe.output()
        output.result("r")
        output.message("m")
        output.message("detail", level: 1)
        output.event(["event": "x"])
        #expect(probe.out == "r\n{\"event\":\"x\"}\n")
        #expect(probe.error == "m\n")
    }

    @Test func quietSaysErrorsOnly() {
        let probe = OutputProbe()
        let output = probe.output(verbosity: -1)
        output.message("m")
        output.error(CommandError(.notFound, "no such file: \("a\u{1B}")"), program: "tool")
        #expect(probe.error == "tool: error: no such file: a\\x1b\n")
    }

    @Test func anErrorIsAnObjectToo() {
        let probe = OutputProbe()
        probe.output(isJSON: true).error(CommandError(.diskFull, "full"), program: "tool")
        #expect(probe.out == "{\"event\":\"error\",\"code\":\"disk_full\",\"message\":\"full\"}\n")
        #expect(probe.error == "tool: error: full\n")
    }

    @Test func linesScrollAboveTheLiveOnes() {
        let probe = OutputProbe()
        let output = probe.output(isInteractive: true)
        output.draw(["one", "two"], on: output.standardOutput)
        output.result("said")
        output.endDrawing()
        #expect(
            probe.out == "one\ntwo" + "\r\u{1B}[1A\u{1B}[J" + "said\n" + "one\ntwo" + "\r\u{1B}[1A\u{1B}[J")
    }

    @Test func liveLinesNeverWrap() {
        let probe = OutputProbe()
        let output = probe.output(isInteractive: true, columns: 20)
        output.draw([TerminalText(String(repeating: "x", count: 50))], on: output.standardOutput)
        #expect(probe.out == String(repeating: "x", count: 18) + "…")
    }

    @Test func aReaderWhoLeavesFailsOnlyWhatMustArriveWhole() {
        let probe = OutputProbe()
        let output = probe.output()
        output.result("a")
        probe.closeReader()
        output.result("b")
        #expect(output.finish(.verifyFailed, program: "tool") == .verifyFailed)
        #expect(output.finish(.success, program: "tool") == .success)
        #expect(throws: CommandError(.inputOutput, "standard output: cannot be written: Broken pipe")) {
            try output.bytes([1])
        }
        #expect(probe.out == "a\n" && probe.error == "")
    }

    @Test func coloursOnlyWhereTheyAreWanted() {
        let plain = OutputProbe()
        plain.output().result("\("x", .good)")
        #expect(plain.out == "x\n")
        let colored = OutputProbe()
        colored.output(hasColor: true).result("\("x", .good)")
        #expect(colored.out == "\u{1B}[32mx\u{1B}[0m\n")
    }

    @Test(
        arguments: [
            (["LC_ALL": "C", "LANG": "en_US.UTF-8"], false), (["LANG": "de_DE.utf8"], true), ([:], false),
            (["LC_CTYPE": "C.UTF-8"], true), (["LC_ALL": "", "LANG": "C.UTF-8"], true),
        ] as [([String: String], Bool)])
    func drawsInASCIIWhereTheLocaleHasNothingElse(_ variables: [String: String], _ isUnicode: Bool) {
        #expect(Glyphs.forLocale { variables[$0] }.ellipsis == (isUnicode ? "…" : "..."))
    }
}
