internal import ByteStrings

/// What the cursor passes in one step: a character with its marks, or a byte that belongs to none.
struct Letter: Sendable, Equatable {
    let bytes: [UInt8]
    /// Made safe: a line break is `\n`, a stray byte `\xe9`.
    let shown: String
    /// On a terminal.
    let columns: Int

    private init(_ bytes: [UInt8], _ text: String) {
        self.bytes = bytes
        shown = SafeText.safe(text)
        columns = DisplayWidth.columns(of: shown)
    }

    private init(stray byte: UInt8) {
        bytes = [byte]
        shown = ByteString([byte]).description
        columns = shown.utf8.count
    }

    var isBlank: Bool { bytes == [0x20] || bytes == [0x0A] }

    /// Part of a word, for moves by words: all but the signs of ASCII.
    var isOfWord: Bool {
        switch bytes[0] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), 0x80...:
            true
        default: false
        }
    }

    static func letters(of bytes: [UInt8]) -> [Letter] {
        var letters: [Letter] = []
        var start = 0
        var end = 0
        func flush() {
            for character in String(decoding: bytes[start..<end], as: UTF8.self) {
                letters.append(Letter(Array(character.utf8), String(character)))
            }
        }
        while end < bytes.count {
            let element = UTF8Element(in: bytes, at: end)
            if element.scalar == nil {
                flush()
                letters.append(Letter(stray: bytes[end]))
                start = end + 1
            }
            end += element.length
        }
        flush()
        return letters
    }
}
