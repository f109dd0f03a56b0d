import TestSupport
import TorrentCore

extension Fuzzer {
    /// Bencode, as strictly as messages and as forgivingly as torrents are read.
    static let bencode = Fuzzer(
        "bencode", "what is read and written again reads the same; depth and number of values keep to their limits",
        inputLimit: 2_048
    ) {
        [
            "i0e", "i-12e", "i007e", "0:", "4:spam", "le", "de", "l4:spami5ee", "d1:a0:1:bi2ee", "d1:b0:1:a0:e",
            "d1:a0:1:a0:e", "d3:keyd2:inl1:xi9223372036854775807eeee", "llllllleeeeeee", "i-0e", "5:ab",
        ].map { Array($0.utf8) }
    } run: { bytes in
        let limits = BencodeLimits(byteCount: 1_024, depth: 8, items: 64)
        if let value = try? BencodeValue(decoding: bytes, limits: limits) {
            let written = value.encoded
            hold(written.count <= bytes.count, "it grew from \(bytes.count) bytes to \(written.count)")
            hold((try? BencodeValue(decoding: written, limits: limits)) == value, "another value when written again")
            hold(bytes.count <= limits.byteCount, "longer than the limit")
        }
        for isTolerant in [false, true] {
            guard
                let document = try? BencodeDocument(bytes, limits: limits, allowsTrailing: true, isTolerant: isTolerant)
            else { continue }
            hold(document.byteCount <= bytes.count, "more bytes than there are")
            hold(document.root.rawRange == 0..<document.byteCount, "the root is not all of it")
            let size = measure(document.root)
            // A container within the limit holds nothing deeper; the values are as many as were counted.
            hold(size.depth <= limits.depth + 1 && size.values <= limits.items, "\(size) is above \(limits)")
            let alone = Array(bytes[..<document.byteCount])
            let again = try? BencodeDocument(alone, limits: limits, isTolerant: isTolerant)
            hold(again?.root.value == document.root.value, "bytes that follow make it another value")
            if document.irregularities.isEmpty, !isTolerant {
                hold(document.root.value.encoded == alone, "regular, and written otherwise")
            }
        }
    }

    /// How deep a value goes, and how many values it has.
    private static func measure(_ node: BencodeNode) -> (depth: Int, values: Int) {
        var (depth, values) = (0, 1)
        func add(_ child: BencodeNode) {
            let size = measure(child)
            depth = max(depth, size.depth)
            values += size.values
        }
        if let list = node.list { for child in list { add(child) } }
        node.forEachPair { key, value in
            hold(key.kind == .string, "a key that is no string")
            add(value)
        }
        return (depth + 1, values)
    }
}
