/// A .torrent as it came, and where in it other trackers can be put in. Everything else of it stays byte for byte, what
/// we do not know included.
package struct TorrentFile: Sendable {
    /// As it came.
    package let bytes: [UInt8]
    package let isPrivate: Bool
    /// Its own.
    package let trackerTiers: [[String]]
    /// Pairs of the outermost dictionary that come before `announce`, and those that come after `announce-list`.
    private let before: [Range<Int>]
    private let after: [Range<Int>]

    /// Of bytes that `metainfo` was read from.
    package init(_ bytes: [UInt8], of metainfo: Metainfo, limits: MetainfoLimits) throws(MetainfoError) {
        (isPrivate, trackerTiers) = (metainfo.isPrivate, metainfo.trackerTiers)
        let document: BencodeDocument
        do throws(BencodeError) {
            document = try BencodeDocument(bytes, limits: limits.bencode, allowsTrailing: true, isTolerant: true)
        } catch { throw .notBencode(error) }
        self.bytes = bytes
        var (before, after): ([Range<Int>], [Range<Int>]) = ([], [])
        document.root.forEachPair { key, value in
            if key.stringEquals("announce") || key.stringEquals("announce-list") { return }
            let pair = key.rawRange.lowerBound..<value.rawRange.upperBound
            if let name = key.stringBytes, name.lexicographicallyPrecedes("announce".utf8), after.isEmpty {
                Self.join(pair, to: &before)
            } else {
                Self.join(pair, to: &after)
            }
        }
        (self.before, self.after) = (before, after)
    }

    private static func join(_ pair: Range<Int>, to ranges: inout [Range<Int>]) {
        if let last = ranges.last, last.upperBound == pair.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<pair.upperBound
        } else {
            ranges.append(pair)
        }
    }

    /// The same torrent with `trackers` in a tier before its own, as `Metainfo.announceFirst` puts them: where its own
    /// are kept, and a private torrent is left as it is (BEP 12, 27).
    package func announcing(first trackers: [String]) -> HandedOut {
        let known = Set(trackerTiers.joined())
        let tier = trackers.filter { !known.contains($0) }
        guard !isPrivate, let first = tier.first else { return HandedOut(parts: [bytes[...]], madeBytes: 0) }
        var inserted: [UInt8] = []
        BencodeValue.text("announce").encode(into: &inserted)
        BencodeValue.text(first).encode(into: &inserted)
        if tier.count > 1 || !trackerTiers.isEmpty {
            let tiers = [tier] + trackerTiers
            BencodeValue.text("announce-list").encode(into: &inserted)
            BencodeValue.list(tiers.map { .list($0.map { .text($0) }) }).encode(into: &inserted)
        }
        var parts: [ArraySlice<UInt8>] = [[UInt8(ascii: "d")]]
        parts += before.map { bytes[$0] }
        parts.append(inserted[...])
        parts += after.map { bytes[$0] }
        parts.append([UInt8(ascii: "e")])
        let whole = HandedOut(parts: parts, madeBytes: inserted.count)
        guard parts.count > Self.mostParts else { return whole }
        return HandedOut(parts: [whole.bytes[...]], madeBytes: whole.count)
    }

    /// A torrent that is cut into more by trackers that stand here and there is copied instead.
    private static let mostParts = 16

    /// A torrent as somebody is given it: mostly ranges of the file, so that whoever reads slowly holds no copy of it.
    package struct HandedOut: Sendable {
        /// One behind the other.
        package let parts: [ArraySlice<UInt8>]
        /// Those among them that are nobody else's.
        package let madeBytes: Int

        /// Bytes of all.
        package var count: Int { parts.reduce(0) { $0 + $1.count } }
        /// A copy of all.
        package var bytes: [UInt8] { Array(parts.joined()) }
    }
}
