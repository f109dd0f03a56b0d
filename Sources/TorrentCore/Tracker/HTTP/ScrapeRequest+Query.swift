// A scrape as the query of a URL (BEP 48), both ways.

extension ScrapeRequest {
    /// Reads the query in `range` of `bytes`, as many info hashes as it has.
    public init(query range: Range<Int>, of bytes: RawSpan) throws(TrackerRequestError) {
        self.init(infoHashes: [])
        var reader = QueryReader(range)
        while let pair = reader.next(in: bytes) {
            guard bytes.matches(pair.key, "info_hash") else { continue }
            guard let value = PercentCoding.bytes20(in: bytes, pair.value) else { throw .malformed(.infoHash) }
            infoHashes.append(InfoHash(value))
        }
    }

    /// Appends the query of this scrape, without a leading `?` or `&`.
    public func appendQuery(to output: inout [UInt8]) {
        for (position, infoHash) in infoHashes.enumerated() {
            output.append(ascii: position == 0 ? "info_hash=" : "&info_hash=")
            PercentCoding.append(infoHash.bytes.array, to: &output)
        }
    }
}
