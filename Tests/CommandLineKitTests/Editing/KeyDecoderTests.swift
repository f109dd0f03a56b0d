import Testing

@testable import CommandLineKit

/// What terminals send becomes keys, in whatever pieces it comes.
@Suite struct KeyDecoderTests {
    private static let table: [(String, [Key])] = [
        ("a", [.character([0x61])]), ("é", [.character([0xC3, 0xA9])]), ("漢", [.character([0xE6, 0xBC, 0xA2])]),
        ("🦊", [.character([0xF0, 0x9F, 0xA6, 0x8A])]),
        ("\r", [.enter]), ("\n", [.enter]), ("\t", [.tab]), ("\u{7F}\u{8}", [.backspace, .backspace]),
        ("\u{1}\u{12}\u{1A}", [.control("a"), .control("r"), .control("z")]), ("\0", [.unknown]),
        // xterm, in both modes of its cursor keys.
        ("\u{1B}[A\u{1B}[B\u{1B}[C\u{1B}[D", [.up, .down, .right, .left]),
        ("\u{1B}OA\u{1B}OB\u{1B}OC\u{1B}OD", [.up, .down, .right, .left]),
        ("\u{1B}[H\u{1B}[F\u{1B}OH\u{1B}OF", [.home, .end, .home, .end]),
        ("\u{1B}[3~\u{1B}[3;5~", [.delete, .delete]), ("\u{1B}[1;5C\u{1B}[1;3D", [.wordRight, .wordLeft]),
        ("\u{1B}[1;2C", [.right]), ("\u{1B}[Z\u{1B}[15~\u{1B}[5~", [.unknown, .unknown, .unknown]),
        // VT220 and the Linux console.
        ("\u{1B}[1~\u{1B}[4~", [.home, .end]), ("\u{1B}[[Ax", [.unknown, .character([0x78])]),
        // rxvt.
        ("\u{1B}[7~\u{1B}[8~", [.home, .end]), ("\u{1B}Oc\u{1B}Od", [.wordRight, .wordLeft]),
        ("\u{1B}\u{1B}[C\u{1B}\u{1B}[D", [.wordRight, .wordLeft]),
        ("\u{1B}[3$\u{1B}[7^x", [.delete, .home, .character([0x78])]),
        ("\u{1B}OM", [.enter]),
        ("\u{1B}b\u{1B}f\u{1B}d\u{1B}\u{7F}\u{1B}\u{8}", [.alt(98), .alt(102), .alt(100), .alt(127), .alt(127)]),
        // What breaks off is gone, and what broke it off counts.
        ("\u{1B}[1\rx", [.enter, .character([0x78])]), ("\u{1B}[1;\u{1B}[A", [.up]),
        ("\u{1B}[" + String(repeating: "1;", count: 90) + "mx", [.unknown, .character([0x78])]),
        ("\u{1B}[99999999999999999999~", [.unknown]),
    ]

    @Test(arguments: table)
    func aSequenceIsAKey(_ text: String, _ keys: [Key]) {
        var decoder = KeyDecoder()
        #expect(decoder.keys(Array(text.utf8)) == keys)
        #expect(!decoder.isWaiting)
    }

    @Test(arguments: table)
    func piecesMakeNoDifference(_ text: String, _ keys: [Key]) {
        var decoder = KeyDecoder()
        #expect(text.utf8.flatMap { decoder.keys([$0]) } == keys)
    }

    @Test(
        arguments: [
            ([0xE9, 0x61], [.character([0xE9]), .character([0x61])]),
            ([0xFF, 0xC0, 0x80], [.character([0xFF]), .character([0xC0]), .character([0x80])]),
            ([0xE6, 0xBC, 0x0D], [.character([0xE6]), .character([0xBC]), .enter]),
            ([0xED, 0xA0, 0x80], [.character([0xED]), .character([0xA0]), .character([0x80])]),
            ([0xC3, 0xC3, 0xA9], [.character([0xC3]), .character([0xC3, 0xA9])]),
        ] as [([UInt8], [Key])])
    func bytesThatAreNoCharacterStayBytes(_ bytes: [UInt8], _ keys: [Key]) {
        var decoder = KeyDecoder()
        #expect(decoder.keys(bytes) == keys)
    }

    @Test(
        arguments: [
            ("\u{1B}", [.escape]), ("\u{1B}\u{1B}", [.escape, .escape]), ("\u{1B}[", [.alt(91)]),
            ("\u{1B}[1;", [.unknown]), ("a", []),
        ] as [(String, [Key])])
    func whatDoesNotGoOnIsAllThereIs(_ text: String, _ keys: [Key]) {
        var decoder = KeyDecoder()
        let before = decoder.keys(Array(text.utf8))
        #expect(decoder.isWaiting == before.isEmpty)
        #expect(decoder.timeout() == keys)
        #expect(decoder.keys([0x78]) == [.character([0x78])])
    }

    @Test func aCharacterMayTakeItsTime() {
        var decoder = KeyDecoder()
        #expect(decoder.keys([0xE6, 0xBC]).isEmpty && !decoder.isWaiting && decoder.timeout().isEmpty)
        #expect(decoder.keys([0xA2]) == [.character([0xE6, 0xBC, 0xA2])])
    }

    @Test func aPasteIsOneWhateverIsInIt() {
        var decoder = KeyDecoder()
        let text = "rm\r\u{1B}[A\u{1B}[20 x"
        let keys = decoder.keys(Array("\u{1B}[200~\(text)\u{1B}[201~y".utf8))
        #expect(keys == [.pasted(Array(text.utf8), goesOn: false), .character([0x79])])
    }

    @Test func ctrlCEndsAPasteWhoseEndIsLost() {
        var decoder = KeyDecoder()
        #expect(decoder.keys(Array("\u{1B}[200~ab".utf8)) == [.pasted(Array("ab".utf8), goesOn: false)])
        #expect(decoder.keys([0x63, 0x03, 0x0D]) == [.pasted([0x63], goesOn: true), .control("c"), .enter])
    }

    @Test func eachPasteIsAnother() {
        var decoder = KeyDecoder()
        let keys = (0..<2).flatMap { _ in decoder.keys(Array("\u{1B}[200~a\u{1B}[201~".utf8)) }
        #expect(keys == [.pasted([0x61], goesOn: false), .pasted([0x61], goesOn: false)])
    }
}
