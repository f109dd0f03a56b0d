import TorrentCore

/// What can stand in a line of a recording: one word, or several with a space between them.
protocol RecordedField: SendableMetatype {
    func write(to line: inout RecordedLine)
    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> Self
}

/// A line on its way into a recording: words with a space between them.
struct RecordedLine {
    private(set) var bytes: [UInt8] = []

    mutating func add(word: some StringProtocol) {
        if !bytes.isEmpty { bytes.append(Self.space) }
        bytes.append(contentsOf: word.utf8)
    }

    /// A word that says what follows, and that.
    mutating func add<each Field: RecordedField>(_ kind: String, _ field: repeat each Field) {
        add(word: kind)
        repeat (each field).write(to: &self)
    }

    /// Keeps the memory, so that line after line is written without asking for more.
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    static let space = UInt8(ascii: " ")
    static let end = UInt8(ascii: "\n")
}

/// The words of a line that is read, one after the other.
struct RecordedWords {
    /// What should have stood there, for people.
    struct Damage: Error {
        let expected: String
    }

    /// Holds pieces and blocks against the torrent; before the header has told of it, against one without pieces.
    let geometry: TorrentGeometry
    private var rest: ArraySlice<ArraySlice<UInt8>>

    init(_ line: ArraySlice<UInt8>, _ geometry: TorrentGeometry) {
        self.geometry = geometry
        rest = line.split(separator: RecordedLine.space, omittingEmptySubsequences: false)[...]
    }

    /// The next word; `expected` says what it should be.
    mutating func word(_ expected: String) throws(Damage) -> String {
        guard let word = rest.popFirst() else { throw Damage(expected: expected) }
        return String(decoding: word, as: UTF8.self)
    }

    /// The next word, as `make` reads it.
    mutating func word<Value>(_ expected: String, _ make: (String) -> Value?) throws(Damage) -> Value {
        guard let value = make(try word(expected)) else { throw Damage(expected: expected) }
        return value
    }

    /// The next field.
    mutating func next<Field: RecordedField>() throws(Damage) -> Field { try .read(from: &self) }

    /// True, and the next word is passed, if it is this one.
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
