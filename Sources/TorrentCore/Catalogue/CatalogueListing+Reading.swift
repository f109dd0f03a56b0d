import ByteStrings

// What catalogues send, back into values. Unknown members are passed over; what is missing but not needed is as if it
// were nothing. All of it is a stranger's: a number counts something or is a time, and is never below zero, so that
// whoever reckons with it stays within 64 bits; and texts have limits.

/// What is wrong with JSON that should come from a catalogue: the member that is missing or something else.
package struct CatalogueFormatError: Error, Hashable, Sendable, CustomStringConvertible {
    /// By its name.
    package let member: String

    package init(member: String) { self.member = member }

    package var description: String { "\"\(member)\" is missing or malformed" }
}

extension CatalogueListing {
    /// Most torrents of one page that are looked at, whatever it claims.
    package static let mostInPage = 10_000

    /// Reads a page.
    package init(_ json: JSONDocument) throws(CatalogueFormatError) {
        guard let list = json["torrents"]?.array, list.count <= Self.mostInPage else {
            throw CatalogueFormatError(member: "torrents")
        }
        var torrents: [CatalogueEntry] = []
        torrents.reserveCapacity(list.count)
        for entry in list { torrents.append(try CatalogueEntry(entry)) }
        let count = { (key: String) in json[key]?.integer.flatMap { $0 >= 0 ? Int(exactly: $0) : nil } }
        guard let total = count("total") else { throw CatalogueFormatError(member: "total") }
        self.init(
            torrents: torrents, total: total, offset: count("offset") ?? 0, limit: count("limit") ?? torrents.count,
            changes: count("changes") ?? 0)
    }
}

extension CatalogueEntry {
    /// Longest name of a torrent, bytes: longer ones no disk takes.
    package static let nameBytes = 1_024
    /// Longest link that is taken over, bytes; in place of a longer one stands one without trackers.
    package static let magnetBytes = 8 << 10

    /// Reads one torrent.
    package init(_ json: JSONDocument) throws(CatalogueFormatError) {
        guard let number = json["number"]?.integer, number > 0 else { throw CatalogueFormatError(member: "number") }
        guard let hash = json["infohash"]?.text.flatMap({ Bytes20(hex: $0) }) else {
            throw CatalogueFormatError(member: "infohash")
        }
        guard let length = json["length"]?.integer, length >= 0 else { throw CatalogueFormatError(member: "length") }
        let count = { (key: String) in Int(clamping: max(0, json[key]?.integer ?? 0)) }
        let infoHash = InfoHash(hash)
        let magnet = json["magnet"]?.text.flatMap { $0.utf8.count <= Self.magnetBytes ? $0 : nil }
        self.init(
            number: Int(clamping: number), infoHash: infoHash, name: try Self.name(json), length: length,
            files: count("files"), isPrivate: json["private"]?.bool ?? false,
            added: max(0, json["added"]?.integer ?? 0),
            magnet: magnet ?? "magnet:?xt=urn:btih:\(infoHash)")
        (seeders, leechers, downloads) = (count("seeders"), count("leechers"), count("downloads"))
        (seeds, others) = (Self.names(json["seeds"]), Self.names(json["others"]))
    }

    /// Its bytes, where they are no UTF-8 and stand beside it.
    private static func name(_ json: JSONDocument) throws(CatalogueFormatError) -> ByteString {
        if let digits = json["name_bytes"]?.text {
            guard digits.utf8.count <= 2 * nameBytes, let bytes = [UInt8](hex: digits) else {
                throw CatalogueFormatError(member: "name_bytes")
            }
            return ByteString(bytes)
        }
        guard let name = json["name"]?.string, name.bytes.count <= nameBytes else {
            throw CatalogueFormatError(member: "name")
        }
        return name
    }

    private static func names(_ list: JSONDocument?) -> [String] {
        (list?.array ?? []).prefix(nameLimit).compactMap(\.text).filter {
            $0.utf8.count <= AnnounceRequest.longestName
        }
    }
}
