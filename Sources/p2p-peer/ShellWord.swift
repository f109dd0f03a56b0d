internal import ByteStrings

/// A word of a command line that people copy into a shell.
enum ShellWord {
    /// As it stands where no shell sees anything in it, else between quotes.
    static func quoted(_ word: ByteString) -> ByteString {
        let isPlain = word.bytes.allSatisfy { byte in
            byte >= 0x80 || Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber
                || "-_./+,:@%=~".utf8.contains(byte)
        }
        guard word.isEmpty || !isPlain || word.hasPrefix("~") else { return word }
        let quote = UInt8(ascii: "'")
        let inner = word.bytes.flatMap { $0 == quote ? Array(#"'\''"#.utf8) : [$0] }
        return ByteString([quote] + inner + [quote])
    }

    static func quoted(_ word: String) -> ByteString { quoted(ByteString(word)) }
}
