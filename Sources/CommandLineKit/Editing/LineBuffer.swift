package import ByteStrings

/// A line and a cursor in it. Whatever is done, the cursor stands between two letters.
package struct LineBuffer: Sendable, Equatable {
    private(set) var letters: [Letter] = []
    /// Before the letter of this number.
    private(set) var cursor = 0

    /// Most bytes of a line: more than a path or a magnet link has.
    package static let mostBytes = 8_192

    package init() {}

    package init(_ line: ByteString) {
        set(Array(line.bytes.prefix(Self.mostBytes)), cursor: line.bytes.count)
    }

    /// All of it.
    package var line: ByteString { ByteString(letters.flatMap(\.bytes)) }
    package var isEmpty: Bool { letters.isEmpty }
    /// What stands before the cursor.
    package var before: ByteString { ByteString(letters[..<cursor].flatMap(\.bytes)) }
    private var after: [UInt8] { letters[cursor...].flatMap(\.bytes) }

    /// Letters are found anew each time: a mark may have joined the letter before it. The cursor is a count of bytes.
    private mutating func set(_ bytes: [UInt8], cursor byte: Int) {
        letters = Letter.letters(of: bytes)
        var position = 0
        cursor = 0
        while position < byte, cursor < letters.count {
            position += letters[cursor].bytes.count
            cursor += 1
        }
    }

    /// False if there is no room for it.
    mutating func insert(_ bytes: [UInt8]) -> Bool {
        let start = before.bytes
        let end = after
        guard start.count + bytes.count + end.count <= Self.mostBytes else { return false }
        set(start + bytes + end, cursor: start.count + bytes.count)
        return true
    }

    /// Replaces what stands between the byte `start` and the cursor. False if there is no room for it.
    mutating func replace(from start: Int, with bytes: [UInt8]) -> Bool {
        let kept = before.bytes.prefix(start)
        let end = after
        guard kept.count + bytes.count + end.count <= Self.mostBytes else { return false }
        set(kept + bytes + end, cursor: kept.count + bytes.count)
        return true
    }

    // MARK: Moves

    mutating func move(to position: Int) { cursor = min(max(0, position), letters.count) }

    /// The start of the word before the cursor.
    var wordStart: Int {
        var position = cursor
        while position > 0, !letters[position - 1].isOfWord { position -= 1 }
        while position > 0, letters[position - 1].isOfWord { position -= 1 }
        return position
    }

    /// The same, where only blanks end a word.
    var argumentStart: Int {
        var position = cursor
        while position > 0, letters[position - 1].isBlank { position -= 1 }
        while position > 0, !letters[position - 1].isBlank { position -= 1 }
        return position
    }

    /// The end of the word behind the cursor.
    var wordEnd: Int {
        var position = cursor
        while position < letters.count, !letters[position].isOfWord { position += 1 }
        while position < letters.count, letters[position].isOfWord { position += 1 }
        return position
    }

    // MARK: Taking away

    /// Takes away what stands between the cursor and the letter of the number `other`, and gives it back.
    @discardableResult
    mutating func cut(to other: Int) -> [UInt8] {
        let range = min(cursor, other)..<max(cursor, other)
        let start = letters[..<range.lowerBound].flatMap(\.bytes)
        let taken = letters[range].flatMap(\.bytes)
        let end = letters[range.upperBound...].flatMap(\.bytes)
        set(start + end, cursor: start.count)
        return taken
    }

    /// Exchanges the two letters before the cursor at the end of the line, else those around it. False if there are
    /// none.
    mutating func transpose() -> Bool {
        let right = cursor == letters.count ? cursor - 1 : cursor
        guard right > 0 else { return false }
        var exchanged = letters
        exchanged.swapAt(right - 1, right)
        set(exchanged.flatMap(\.bytes), cursor: exchanged[...right].reduce(0) { $0 + $1.bytes.count })
        return true
    }
}
