import TorrentCore

// How plain values are written in a recording: numbers, times, bytes.

/// In decimal digits; a negative number is not read.
extension RecordedField where Self: FixedWidthInteger {
    func write(to line: inout RecordedLine) { line.add(word: String(self)) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> Self {
        try words.word("a number") { word in Self(word).flatMap { $0 >= 0 ? $0 : nil } }
    }
}

extension Int: RecordedField {}
extension Int32: RecordedField {}
extension UInt8: RecordedField {}
extension UInt16: RecordedField {}
extension UInt32: RecordedField {}
extension UInt64: RecordedField {}

extension Bool: RecordedField {
    func write(to line: inout RecordedLine) { line.add(word: self ? "yes" : "no") }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> Bool {
        try words.word("yes or no") { ["no": false, "yes": true][$0] }
    }
}

/// A dash if there is no value.
extension Optional: RecordedField where Wrapped: RecordedField {
    func write(to line: inout RecordedLine) {
        if let self { self.write(to: &line) } else { line.add(word: "-") }
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> Wrapped? {
        if words.skip("-") { return nil }
        return try words.next() as Wrapped
    }
}

/// How many there are, then each of them.
extension Array: RecordedField where Element: RecordedField {
    func write(to line: inout RecordedLine) {
        count.write(to: &line)
        for element in self { element.write(to: &line) }
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> [Element] {
        let count: Int = try words.next()
        guard count >= 0 else { throw RecordedWords.Damage(expected: "a number of things") }
        var elements: [Element] = []
        // Each element takes at least one word, so a count that is too large fails at the end of the line.
        for _ in 0..<count { elements.append(try words.next()) }
        return elements
    }
}

/// Untrusted bytes, and names: an x, then two hexadecimal digits a byte.
struct RecordedBytes: RecordedField {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
    init(_ text: String) { bytes = Array(text.utf8) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func write(to line: inout RecordedLine) { line.add(word: "x" + bytes.hex) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> RecordedBytes {
        try words.word("bytes") { word in
            guard word.hasPrefix("x"), let bytes = [UInt8](hex: word.dropFirst()) else { return nil }
            return RecordedBytes(bytes)
        }
    }
}

/// 64 bits as sixteen hexadecimal digits.
struct RecordedWord64: RecordedField, Hashable {
    let bits: UInt64

    func write(to line: inout RecordedLine) {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(bits)
        line.add(word: bytes.hex)
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> RecordedWord64 {
        try words.word("sixteen digits") { word in
            guard let bytes = [UInt8](hex: word), bytes.count == 8 else { return nil }
            return RecordedWord64(bits: bytes.withBytes { $0.uint64(at: 0) })
        }
    }
}

/// Nanoseconds on the clock of the recorded run.
extension Moment: RecordedField {
    func write(to line: inout RecordedLine) {
        line.add(word: self == .distantFuture ? "never" : String(nanoseconds))
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> Moment {
        try words.word("a moment") { word in
            word == "never" ? .distantFuture : Int64(word).map { Moment(nanoseconds: $0) }
        }
    }
}

/// Seconds, with as many of the eighteen decimals as it takes to be exact.
extension Duration: RecordedField {
    func write(to line: inout RecordedLine) {
        let (seconds, attoseconds) = components
        var text = String(attoseconds.magnitude)
        text = String(repeating: "0", count: 18 - text.count) + text
        while text.hasSuffix("0") { text.removeLast() }
        let sign = self < .zero ? "-" : ""
        line.add(word: "\(sign)\(seconds.magnitude)\(text.isEmpty ? "" : ".")\(text)")
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> Duration {
        try words.word("a duration") { word in
            let isNegative = word.hasPrefix("-")
            let parts = word.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), let seconds = UInt64(parts[0]), seconds <= UInt64(Int64.max) / 2 else {
                return nil
            }
            var attoseconds: UInt64 = 0
            if parts.count == 2 {
                let digits = parts[1]
                guard (1...18).contains(digits.utf8.count), let number = UInt64(digits) else { return nil }
                attoseconds = (digits.utf8.count..<18).reduce(number) { number, _ in number * 10 }
            }
            let magnitude = Duration(
                secondsComponent: Int64(seconds), attosecondsComponent: Int64(attoseconds))
            return isNegative ? .zero - magnitude : magnitude
        }
    }
}
