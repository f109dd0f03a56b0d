internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore

/// A torrent in the readable notation, on its way in and out.
enum TorrentNotation {
    /// Longest .torrent that is shown so, bytes: three times as long, it can still be read again.
    private static let limit = BencodeLimits.longestMetainfo / 4

    /// Whether a file, or standard input, begins as one does.
    static func begins(_ bytes: [UInt8]) -> Bool {
        bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
    }

    /// The .torrent that it means, byte for byte.
    static func torrent(_ bytes: [UInt8], named place: TerminalText) throws(CommandError) -> [UInt8] {
        do throws(BencodeNotationError) {
            return try BencodeNotation.torrent(bytes)
        } catch {
            throw CommandError(.badTorrent, "\(place): \(error.description)")
        }
    }

    /// The member `metainfo` of `show --json`; null for one that is too long, or would not come back the same.
    static func json(of torrent: [UInt8]) -> JSONValue {
        guard torrent.count <= limit, let document = try? BencodeDocument(torrent, limits: .metainfo),
            document.isCanonical
        else { return .null }
        return JSONValue(BencodeNotation.json(document.root))
    }
}

extension JSONValue {
    /// What was read, to be written.
    fileprivate init(_ document: JSONDocument) {
        func text(_ string: ByteString) -> String { String(decoding: string.bytes, as: UTF8.self) }
        switch document {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .string(text(value))
        case .array(let values): self = .array(values.map { JSONValue($0) })
        case .object(let members): self = .object(members.map { Member(text($0.key), JSONValue($0.value)) })
        }
    }
}
