import TorrentCore

/// A value that can be written in a line of a recording: as one word, or several with a space between them.
protocol RecordedField: SendableMetatype {
    func write(to line: inout RecordedLine)
    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> Self
}

/// A line that is being written: words with a space between them.
struct RecordedLine {
    private(set) var bytes: [UInt8] = []

    mutating func add(word: some StringProtocol) {
        if !bytes.isEmpty { bytes.append(Self.space) }
        bytes.append(contentsOf: word.utf8)
    }

    /// A word that names what follows, and the fields.
    mutating func add<each Field: RecordedField>(_ kind: String, _ field: repeat each Field) {
        add(word: kind)
        repeat (each field).write(to: &self)
    }

    /// Keeps the memory for the next line.
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    static let space = UInt8(ascii: " ")
    static let end = UInt8(ascii: "\n")
}

/// The words of a line that is being read, one after the other.
struct RecordedWords {
    /// A line that cannot be read. `expected` tells people what was expected instead.
    struct Damage: Error {
        let expected: String
    }

    /// Pieces and blocks are checked against it. Until the header has been read it has no pieces.
    var geometry: TorrentGeometry
    private var rest: ArraySlice<ArraySlice<UInt8>>

    init(_ line: ArraySlice<UInt8>, _ geometry: TorrentGeometry) {
        self.geometry = geometry
        rest = line.split(separator: RecordedLine.space, omittingEmptySubsequences: false)[...]
    }

    /// The next word; `expected` tells what it should be, for the error.
    mutating func word(_ expected: String) throws(Damage) -> String {
        guard let word = rest.popFirst() else { throw Damage(expected: expected) }
        return String(decoding: word, as: UTF8.self)
    }

    /// The next word, parsed by `make`.
    mutating func word<Value>(_ expected: String, _ make: (String) -> Value?) throws(Damage) -> Value {
        guard let value = make(try word(expected)) else { throw Damage(expected: expected) }
        return value
    }

    /// The next field.
    mutating func next<Field: RecordedField>() throws(Damage) -> Field { try .read(from: &self) }

    /// True if the next word is this one, which is then skipped.
    mutating func skip(_ word: String) -> Bool {
        guard let first = rest.first, first.elementsEqual(word.utf8) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func expect(_ word: String) throws(Damage) {
        guard skip(word) else { throw Damage(expected: "\"\(word)\"") }
    }

    func expectEnd() throws(Damage) {
        guard rest.isEmpty else { throw Damage(expected: "the end of the line") }
    }
}
