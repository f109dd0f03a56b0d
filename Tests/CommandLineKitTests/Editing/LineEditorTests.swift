import ByteStrings
import Testing

@testable import CommandLineKit

/// Keys in, a line and its cursor out.
@Suite struct LineEditorTests {
    @Test(
        arguments: [
            ("upload", "upload|"), ("ab\u{1B}[Dc", "ac|b"), ("ab\u{1}c", "c|ab"), ("ab\u{1}\u{5}c", "abc|"),
            ("abc\u{1B}[D\u{1B}[D\u{B}", "a|"), ("abc\u{1B}[D\u{15}", "|c"), ("abc\u{1B}[D\u{7F}", "a|c"),
            ("abc\u{1}\u{1B}[3~", "|bc"), ("abc\u{1}\u{4}", "|bc"), ("get /a/b-c  \u{17}", "get |"),
            ("get /a/b-c\u{1B}\u{7F}", "get /a/b-|"), ("one two\u{1B}b\u{1B}b\u{1B}f", "one| two"),
            ("one two\u{1}\u{1B}d", "| two"), ("one two\u{17}\u{1}\u{19} ", "two |one "), ("ab\u{14}", "ba|"),
            ("abc\u{1B}[D\u{14}", "acb|"), ("a b\u{1B}[1;5D\u{1B}[1;5Dx", "x|a b"),
            // A letter with its marks is one; so are the two halves of a flag.
            ("e\u{301}x\u{1B}[D\u{7F}", "|x"), ("🇩🇪\u{7F}", "|"), ("ae\u{1B}[D\u{1B}[C\u{301}\u{7F}", "a|"),
            ("漢字\u{1B}[D\u{7F}", "|字"), ("x\u{1B}[D\u{301}", "\u{301}|x"),
        ])
    func keysMakeALine(_ keys: String, _ line: String) {
        var typist = Typist()
        typist.type(keys)
        #expect(typist.line == line)
        #expect(typist.effects.isEmpty)
    }

    @Test(arguments: ["\u{7F}", "\u{1B}[3~", "\u{15}", "\u{B}", "\u{17}", "\u{14}", "\u{10}", "\u{E}", "\u{16}"])
    func whatCannotBeDoneRings(_ key: String) {
        var typist = Typist()
        typist.type(key)
        #expect(typist.effects == [.bell] && typist.line == "|")
    }

    @Test func bytesThatAreNoTextAreKept() {
        var typist = Typist()
        typist.type([0x61, 0xE9, 0x62])
        typist.type("\u{1B}[D\u{7F}\r")
        #expect(typist.effects == [.accepted(ByteString("ab"))])
        typist.type([0xE9, 0x0D])
        #expect(typist.effects.last == .accepted(ByteString([0xE9])))
    }

    @Test func endsAndInterruptions() {
        var typist = Typist()
        typist.type("abc\u{3}\u{3}\u{4}\u{C}\u{1A}\tq")
        #expect(
            typist.effects == [
                .interrupted(wasEmpty: false), .interrupted(wasEmpty: true), .ended, .clearScreen, .suspend,
                .wantsCompletions(of: ""),
            ])
        #expect(typist.line == "q|")
    }

    @Test func nothingPastedRunsByItself() {
        var typist = Typist()
        typist.type("\u{1B}[200~one\r\ntwo\tx\u{7}\n\u{1B}[201~")
        #expect(typist.effects.isEmpty)
        #expect(typist.editor.buffer.line == ByteString("one\ntwo x"))
        let view = typist.editor.view(prompt: "> ", columns: 40)
        #expect(view.text.plain == "> one\\ntwo x")
        typist.type("\r")
        #expect(typist.effects == [.accepted("one\ntwo x")])
    }

    @Test func aPasteInPartsKeepsItsLineBreaks() {
        var typist = Typist()
        for part in ["\u{1B}[200~one\n", "two\n", "\u{1B}[201~", "!"] { typist.type(part) }
        #expect(typist.editor.buffer.line == ByteString("one\ntwo!"))
    }

    /// What has no room is left out whole, and that is said: without its middle it would be another command.
    @Test func aPasteIsTakenWholeOrNotAtAll() {
        var typist = Typist()
        typist.type("get \u{1B}[D")
        let part = String(repeating: "a", count: LineBuffer.mostBytes / 2)
        for text in ["\u{1B}[200~\(part)", "\(part)\(part)", "end\n", "\u{1B}[201~"] { typist.type(text) }
        #expect(typist.line == "get| ")
        guard typist.effects.count == 1, case .list(let lines) = typist.effects[0] else {
            return #expect(Bool(false), "\(typist.effects)")
        }
        #expect(lines.map(\.plain) == ["what was pasted is longer than a line may be (8192 bytes): it is left out"])
        // The next one is another.
        typist.type("\u{1B}[200~b\u{1B}[201~")
        #expect(typist.line == "getb| ")
    }

    @Test func aLineHasAnEnd() {
        var typist = Typist()
        typist.press(.pasted([UInt8](repeating: 0x61, count: LineBuffer.mostBytes), goesOn: false))
        #expect(typist.effects.isEmpty)
        typist.type("b")
        #expect(typist.effects == [.bell] && typist.editor.buffer.line.bytes.count == LineBuffer.mostBytes)
    }

    // MARK: History

    @Test func earlierLinesComeBackAndTheNewOneWaits() {
        var typist = Typist(["one", "two"])
        typist.type("new\u{1B}[A")
        #expect(typist.line == "two|")
        typist.type("\u{1B}[A\u{1B}[A")
        #expect(typist.line == "one|" && typist.effects == [.bell])
        typist.type("\u{1B}[B\u{1B}[B")
        #expect(typist.line == "new|")
        typist.type("\u{10}\r\u{10}")
        #expect(typist.effects.last == .accepted("two") && typist.line == "two|")
    }

    @Test func someLinesAreForgotten() {
        var history = LineHistory(["a"])
        #expect(!history.add("") && !history.add(" secret") && !history.add("a") && history.add("b"))
        #expect(history.lines == ["a", "b"])
        for number in 0..<LineHistory.mostLines { history.add("\(number)") }
        #expect(history.lines.count == LineHistory.mostLines && history.lines[0] == "0")
    }

    @Test(
        arguments: [
            ("up", "upload two|"), ("one", "upload one|"), ("up\u{12}", "upload one|"), ("up\u{7}", "draft|"),
            ("up\u{3}", "draft|"), ("upx", "upload two|"), ("upx\u{7F}", "upload two|"), ("up\u{7F}\u{7F}", "draft|"),
            ("one\u{1}x", "x|upload one"), ("e", "help me|"),
        ])
    func aLineIsLookedForBackwards(_ keys: String, _ line: String) {
        var typist = Typist(["upload one", "list", "upload two", "help me"])
        typist.type("draft\u{12}\(keys)")
        #expect(typist.line == line)
    }

    @Test func whatWasFoundRuns() {
        var typist = Typist(["upload one", "list"])
        typist.type("\u{12}upl")
        #expect(typist.editor.view(prompt: "p> ", columns: 60).text.plain == "found upl: upload one")
        typist.type("z")
        #expect(typist.editor.view(prompt: "p> ", columns: 60).text.plain == "not found uplz: upload one")
        typist.type("\u{7F}\r")
        #expect(typist.effects == [.bell, .accepted("upload one")])
        #expect(typist.editor.view(prompt: "p> ", columns: 60).text.plain == "p> ")
    }

    // MARK: Completion

    private func completed(_ keys: String, _ candidates: [Completions.Candidate]) -> (String, LineEditor.Effect?) {
        var typist = Typist()
        typist.type(keys)
        let start = CommandWords.unfinished(typist.editor.buffer.before).start
        let effect = typist.editor.complete(with: Completions(start: start, candidates))
        return (typist.line, effect)
    }

    @Test func aWordGoesOnAsFarAsAllAgree() {
        #expect(completed("up", []) == ("up|", .bell))
        #expect(completed("up", [.init("upload")]) == ("upload |", nil))
        #expect(completed("upload", [.init("upload")]) == ("upload |", nil))
        #expect(completed("get d", [.init("dir/", isWhole: false)]) == ("get dir/|", nil))
        #expect(completed("get f", [.init("film one"), .init("film two")]) == ("get film\\ |", nil))
        #expect(completed("get 'fi", [.init("film's end")]) == ("get film\\'s\\ end |", nil))
        let listed = completed("get film\\ ", [.init("film one"), .init("film two")])
        #expect(listed == ("get film\\ |", .list(["  film one", "  film two"])))
        // Half a character is none.
        #expect(completed("x", [.init("xé"), .init("xè")]).1 == .list(["  xé", "  xè"]))
    }

    /// A stranger calls a torrent as it likes: its name stays one word of one command.
    @Test(arguments: 0...255 as ClosedRange<UInt8>)
    func aNameOfStrangersIsNoCommand(_ byte: UInt8) throws {
        let name = ByteString(Array("fi".utf8) + [byte] + Array("exit".utf8))
        var typist = Typist()
        typist.type("get fi")
        let effect = typist.editor.complete(with: Completions(start: 4, [.init(name)]))
        let line = typist.editor.buffer.line
        guard byte >= 0x20, byte != 0x7F else { return #expect(effect == .bell && line == "get fi") }
        #expect(try CommandWords.split(line) == ["get", name] && line.split(separator: "\n").count == 1)
    }

    @Test func aLongListIsCutShort() {
        let many = (0..<100).map { Completions.Candidate("\($0)") }
        guard case .list(let lines) = completed("", many).1 else { return #expect(Bool(false)) }
        #expect(lines.count == Completions.mostListed + 1 && lines.last == "  and 40 more")
    }
}
