import ByteStrings
import TorrentCore
import TrackerEngine

/// What a torrent of the catalogue is called on disk: `NUMBER-INFOHASH.torrent`, or where a stranger has published it
/// `NUMBER-INFOHASH-ADDRESS.torrent`, with his address in hexadecimal digits, so that it stays his.
struct CatalogueFileName {
    let number: Int
    let infoHash: InfoHash
    let publisher: IPAddress?

    init(_ entry: Catalogue.Entry) {
        (number, infoHash, publisher) = (entry.number, entry.torrent.infoHash, entry.publisher)
    }

    /// Nil if it is another's.
    init?(_ name: ByteString) {
        guard let text = name.text, text.hasSuffix(Self.ending) else { return nil }
        let parts = text.dropLast(Self.ending.count).split(separator: "-", omittingEmptySubsequences: false)
        guard 2...3 ~= parts.count, let number = Int(parts[0]), 0 < number, number < Catalogue.mostNumber,
            let infoHash = InfoHash(hex: parts[1])
        else { return nil }
        (self.number, self.infoHash) = (number, infoHash)
        publisher = parts.count == 3 ? [UInt8](hex: parts[2])?.withBytes { IPAddress($0) } : nil
        // Each torrent has one name.
        guard self.text == text else { return nil }
    }

    var text: String {
        var address: [UInt8] = []
        publisher?.append(to: &address)
        return "\(number)-\(infoHash)\(address.isEmpty ? "" : "-\(ByteString(address).hex)")\(Self.ending)"
    }

    private static let ending = ".torrent"
}
