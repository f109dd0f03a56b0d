package import ByteStrings
package import TorrentCore

/// What one torrent of a catalogue is called there.
package enum CatalogueKey: Hashable, Sendable, CustomStringConvertible {
    case number(Int)
    case infoHash(InfoHash)

    /// Digits, or an info hash in forty hexadecimal digits; nil for anything else.
    package init?(_ words: ByteString) {
        guard let text = words.text else { return nil }
        if let bytes = Bytes20(hex: text) {
            self = .infoHash(InfoHash(bytes))
        } else if let number = Int(text), number > 0, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            self = .number(number)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .infoHash(let infoHash): "\(infoHash)"
        }
    }
}
