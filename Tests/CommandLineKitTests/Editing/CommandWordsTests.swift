import ByteStrings
import Testing

@testable import CommandLineKit

/// A typed line falls into words as in a shell.
@Suite struct CommandWordsTests {
    @Test(
        arguments: [
            ("", []), ("  upload  a ", ["upload", "a"]), (#"a\ b 'c d' "e f""#, ["a b", "c d", "e f"]),
            (#"'a\b' "a\"b\c""#, [#"a\b"#, #"a"b\c"#]), ("list # all", ["list"]), ("# all", []),
            ("get http://h/#x", ["get", "http://h/#x"]), ("''", [""]), (#"a'b'"c""#, ["abc"]), (#"a\"#, [#"a\"#]),
            ("magnet:?xt=urn:btih:0&dn=x", ["magnet:?xt=urn:btih:0&dn=x"]),
        ] as [(String, [ByteString])])
    func aLineHasWords(_ line: String, _ words: [ByteString]) throws {
        #expect(try CommandWords.split(ByteString(line)) == words)
    }

    @Test func anOpenQuoteIsAnError() {
        #expect(throws: CommandError.self) { try CommandWords.split("get 'a b") }
    }

    @Test(arguments: ["a", "a b", "it's", "\"", "#1", "a#b", "\\", "tab\tnew\nline", "é 漢"])
    func whatIsQuotedIsReadAsItWas(_ word: String) throws {
        let word = ByteString(word)
        #expect(try CommandWords.split(CommandWords.quoted(word)) == [word])
        let typed = CommandWords.unfinished("get " + CommandWords.quoted(word))
        #expect(typed.words == ["get", word] && typed.start == 4)
    }

    @Test(arguments: 0...255 as ClosedRange<UInt8>)
    func eachByteThatIsQuotedIsReadAsItWas(_ byte: UInt8) throws {
        for word in [[byte], [byte, 0x61], [0x61, byte], [byte, byte]].map({ ByteString($0) }) {
            #expect(try CommandWords.split("get " + CommandWords.quoted(word) + " x") == ["get", word, "x"])
            let typed = CommandWords.unfinished("get " + CommandWords.quoted(word))
            #expect(typed.words == ["get", word] && typed.start == 4)
        }
    }

    @Test(
        arguments: [
            ("a", "a"), ("  a b ", "a b"), ("it's", "it's"), ("Tom #1", "Tom #1"), ("#1", "#1"), ("a\\b", "a\\b"),
            ("a\\ b\r", "a b"), ("'a b'", "a b"), ("\"it's\"", "it's"), ("'a' 'b'", "'a' 'b'"), ("it\\'s", "it's"),
            ("", ""), (" ", ""), ("-x", "-x"), ("\"", "\""),
        ] as [(ByteString, ByteString)])
    func anAnswerIsThatName(_ line: ByteString, _ answer: ByteString) {
        #expect(CommandWords.answer(line) == answer)
    }

    @Test(
        arguments: [
            ("", [""], 0), ("up", ["up"], 0), ("up ", ["up", ""], 3), ("up a\\ b", ["up", "a b"], 3),
            ("up 'a b", ["up", "a b"], 3),
        ] as [(ByteString, [ByteString], Int)])
    func theLastWordIsTheOneThatIsTyped(_ line: ByteString, _ words: [ByteString], _ start: Int) {
        let typed = CommandWords.unfinished(line)
        #expect(typed.words == words && typed.start == start)
    }
}
