package import ByteStrings

/// The words of a typed line: blanks lie between them; quotes and backslashes keep blanks in a word, as in a shell.
package enum CommandWords {
    private static let backslash = UInt8(ascii: "\\")
    private static let single = UInt8(ascii: "'")
    private static let double = UInt8(ascii: "\"")

    /// The words of a whole line. What follows a `#` that begins a word is a comment.
    package static func split(_ line: ByteString) throws(CommandError) -> [ByteString] {
        let (words, open) = read(line, hasComments: true)
        guard open == nil else {
            throw CommandError(.usage, "a quote is not closed; a backslash before it makes it part of a name")
        }
        return words.map(\.word)
    }

    /// The words of a line that is not whole yet, the last being the one that is typed, perhaps an empty one; and the
    /// byte at which that begins.
    package static func unfinished(_ line: ByteString) -> (words: [ByteString], start: Int) {
        let (words, open) = read(line, hasComments: false)
        if let last = words.last, open != nil || last.end == line.bytes.count {
            return (words.map(\.word), last.start)
        }
        return (words.map(\.word) + [ByteString([])], line.bytes.count)
    }

    /// Such that it is read as this one word.
    package static func quoted(_ word: ByteString) -> ByteString {
        let special = Array(" \t\n\r\\'\"".utf8)
        var bytes: [UInt8] = []
        for (position, byte) in word.bytes.enumerated() {
            if special.contains(byte) || byte == UInt8(ascii: "#") && position == 0 { bytes.append(backslash) }
            bytes.append(byte)
        }
        return ByteString(bytes)
    }

    /// What somebody means who is asked for one name: all of the line, whatever blanks and signs are in it. Only where
    /// it is quoted throughout, as Tab writes it or between two quotes, it means what it quotes.
    package static func answer(_ line: ByteString) -> ByteString {
        let line = trimmed(line)
        guard case (let words, nil) = read(line, hasComments: false), words.count == 1 else { return line }
        let word = words[0].word
        let quotes = line.bytes.filter { $0 == line.bytes[0] }.count
        let isBetweenQuotes = (line.hasPrefix("'") || line.hasPrefix("\"")) && line.bytes.last == line.bytes[0]
        return isBetweenQuotes && quotes == 2 || quoted(word) == line ? word : line
    }

    private static func trimmed(_ line: ByteString) -> ByteString {
        ByteString(line.bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }

    private typealias Word = (word: ByteString, start: Int, end: Int)

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    /// The words, and the quote that is not closed.
    private static func read(_ line: ByteString, hasComments: Bool) -> (words: [Word], open: UInt8?) {
        let bytes = line.bytes
        var words: [Word] = []
        var position = 0
        while position < bytes.count {
            guard !isBlank(bytes[position]) else {
                position += 1
                continue
            }
            if hasComments, bytes[position] == UInt8(ascii: "#") { break }
            let start = position
            var word: [UInt8] = []
            let open = readWord(bytes, &position, &word)
            words.append((ByteString(word), start, position))
            if open != nil { return (words, open) }
        }
        return (words, nil)
    }

    private static func readWord(_ bytes: [UInt8], _ position: inout Int, _ word: inout [UInt8]) -> UInt8? {
        var quote: UInt8?
        while position < bytes.count {
            let byte = bytes[position]
            if quote == nil, isBlank(byte) { return nil }
            position += 1
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == single || byte == double {
                quote = byte
            } else if byte == backslash, quote != single, position < bytes.count {
                let next = bytes[position]
                // Between double quotes a backslash is itself but before what would mean something.
                if quote == double, next != double, next != backslash { word.append(byte) }
                word.append(next)
                position += 1
            } else {
                word.append(byte)
            }
        }
        return quote
    }
}
