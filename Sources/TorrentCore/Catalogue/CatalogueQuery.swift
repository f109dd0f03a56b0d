package import ByteStrings

/// Which part of a catalogue is asked for, and in which order.
package struct CatalogueQuery: Hashable, Sendable {
    /// What a list is ordered by. Names begin with A; all else begins with what is newest or largest.
    package enum Key: String, Hashable, Sendable, CaseIterable {
        case number, name, size, seeders, leechers, downloads, age
    }

    /// Every word of it must be in the name, or it must be an info hash's beginning.
    package var text: ByteString = ""
    package var key = Key.number
    /// The other way round.
    package var isReversed = false
    /// How many torrents come before those that are wanted.
    package var offset = 0
    /// How many are wanted.
    package var limit = 100

    /// Most torrents in one answer.
    package static let mostAtOnce = 500
    /// Bytes of a text that are looked for.
    package static let textLimit = 256
    /// Most words of a text, each of which is looked for in every name.
    package static let mostWords = 16

    package init() {}

    /// Of the text.
    package var words: [[UInt8]] { text.bytes.split(separator: UInt8(ascii: " ")).map { Array($0) } }

    /// Reads the query of a URL. Unknown parameters are passed over; a number that is too large is cut.
    package init(query range: Range<Int>, of bytes: RawSpan) throws(CatalogueRefusal) {
        if let problem = read(range, of: bytes) { throw problem }
    }

    /// The same, and what cannot be understood is passed over; `limit` are wanted unless it says otherwise.
    package init(understoodOf range: Range<Int>, of bytes: RawSpan, limit: Int) {
        self.limit = limit
        _ = read(range, of: bytes)
    }

    /// Reads what can be understood; what is wrong with the rest.
    private mutating func read(_ range: Range<Int>, of bytes: RawSpan) -> CatalogueRefusal? {
        var reader = QueryReader(range)
        var problem: CatalogueRefusal?
        while let pair = reader.next(in: bytes) {
            do throws(CatalogueRefusal) { try read(pair.key, pair.value, of: bytes) } catch { problem = error }
        }
        return problem
    }

    private mutating func read(_ key: Range<Int>, _ value: Range<Int>, of bytes: RawSpan) throws(CatalogueRefusal) {
        switch key.count {
        case 1 where bytes.matches(key, "q"): try readText(bytes.array(value))
        case 4 where bytes.matches(key, "sort"): try readKey(bytes.array(value))
        case 6 where bytes.matches(key, "offset"):
            guard let number = bytes.decimal(value) else { throw .badQuery("offset is no number") }
            offset = Int(clamping: number)
        case 5 where bytes.matches(key, "limit"):
            guard let number = bytes.decimal(value) else { throw .badQuery("limit is no number") }
            limit = min(Int(clamping: number), Self.mostAtOnce)
        default: break
        }
    }

    private mutating func readText(_ coded: [UInt8]) throws(CatalogueRefusal) {
        // Forms write a blank as a plus.
        let plain = coded.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        text = ByteString(PercentCoding.decoded(plain).prefix(Self.textLimit))
        let words = words
        guard words.count > Self.mostWords else { return }
        text = ByteString(Array(words.prefix(Self.mostWords).joined(separator: " ".utf8)))
        throw .badQuery("search for \(Self.mostWords) words at most")
    }

    private mutating func readKey(_ word: [UInt8]) throws(CatalogueRefusal) {
        let reversed = word.first == UInt8(ascii: "-")
        guard let key = Key(rawValue: String(decoding: reversed ? word.dropFirst() : word[...], as: UTF8.self)) else {
            let keys = Key.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badQuery("sort by one of \(keys), with a minus before it for the other way round")
        }
        (self.key, isReversed) = (key, reversed)
    }

    /// Path and query that ask for it.
    package var target: String {
        var output = Array(
            "/torrents?sort=\(isReversed ? "-" : "")\(key.rawValue)&offset=\(offset)&limit=\(limit)".utf8)
        if !text.isEmpty {
            output.append(ascii: "&q=")
            PercentCoding.append(text.bytes, to: &output)
        }
        return String(decoding: output, as: UTF8.self)
    }
}
