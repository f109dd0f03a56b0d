import TorrentCore

/// What a torrent of the catalogue is asked for by.
enum CatalogueKey: Hashable {
    case infoHash(InfoHash)
    case number(Int)

    /// Forty hexadecimal digits, or a number.
    init?(_ text: some StringProtocol) {
        if let infoHash = InfoHash(hex: text) {
            self = .infoHash(infoHash)
        } else if text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int(text) {
            self = .number(number)
        } else {
            return nil
        }
    }
}

/// What a path of the catalogue leads to.
enum CatalogueRoute: Hashable {
    case list
    case torrentFile(CatalogueKey)
    case json(CatalogueKey)
    case page(CatalogueKey)
    case unknown

    /// `/torrents` and what is below it.
    static let folder: StaticString = "/torrents"

    /// Nil if the path is not below `/torrents`.
    init?(_ head: HTTPRequestHead, of bytes: RawSpan) {
        let (path, count) = (head.path, Self.folder.utf8CodeUnitCount)
        guard path.count >= count, path.count == count || bytes.uint8(at: path.lowerBound + count) == 0x2F,
            bytes.array(path.prefix(count)).elementsEqual("\(Self.folder)".utf8)
        else { return nil }
        let rest = String(decoding: bytes.array(path.dropFirst(count + 1)), as: UTF8.self)
        guard !rest.isEmpty else {
            self = .list
            return
        }
        if let key = CatalogueKey(rest) {
            self = .page(key)
        } else if rest.hasSuffix(".torrent"), let key = CatalogueKey(rest.dropLast(8)) {
            self = .torrentFile(key)
        } else if rest.hasSuffix(".json"), let key = CatalogueKey(rest.dropLast(5)) {
            self = .json(key)
        } else {
            self = .unknown
        }
    }
}
