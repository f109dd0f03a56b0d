/// What is wrong with bytes that should be a .torrent file (BEP 3).
public enum MetainfoError: Error, Hashable, Sendable {
    case notBencode(BencodeError)
    case rootNotDictionary(BencodeKind)
    case missing(MetainfoKey)
    /// A key has a value of another kind than it must have.
    case wrongKind(MetainfoKey, expected: BencodeKind, found: BencodeKind)
    /// An entry of `files` lacks a key or has it of the wrong kind.
    case badFileEntry(file: Int, MetainfoKey)
    case pieceLengthOutOfRange(Int64, limit: Int)
    case negativeLength(file: Int, Int64)
    /// The lengths add up to more than 63 bits hold, or to more pieces than can be numbered.
    case totalLengthTooLarge
    /// `pieces` is no whole number of digests.
    case piecesNotDigests(bytes: Int)
    /// There are more or fewer digests than the lengths ask for.
    case wrongPieceCount(found: Int, expected: Int)
    /// Neither `length` nor `files`.
    case neitherLengthNorFiles
    case noFiles
    /// Has no part for version 1 (BEP 52), which is all that we speak.
    case onlyVersion2
    case tooManyFiles(Int, limit: Int)
    case tooManyPieces(Int, limit: Int)
}

/// The keys of a .torrent file that we read.
public enum MetainfoKey: String, Hashable, Sendable {
    case announce
    case announceList = "announce-list"
    case comment
    case createdBy = "created by"
    case creationDate = "creation date"
    case info, nodes
    case urlList = "url-list"
    case httpSeeds = "httpseeds"
    // Of the info dictionary.
    case attr, files, length, md5sum, name, pieces, source
    case nameUTF8 = "name.utf-8"
    case pieceLength = "piece length"
    case isPrivate = "private"
    // Of an entry of `files`.
    case path
    case pathUTF8 = "path.utf-8"
}

extension MetainfoError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notBencode(let error): "not a torrent: \(error)"
        case .rootNotDictionary(let kind): "not a torrent: \(kind) where a dictionary should be"
        case .missing(let key): "\"\(key.rawValue)\" is missing"
        case .wrongKind(let key, let expected, let found):
            "\"\(key.rawValue)\" is of kind \(found), should be \(expected)"
        case .badFileEntry(let file, let key): "file \(file + 1) has no usable \"\(key.rawValue)\""
        case .pieceLengthOutOfRange(let length, let limit): "piece length \(length), should be from 1 to \(limit)"
        case .negativeLength(let file, let length): "file \(file + 1) has the length \(length)"
        case .totalLengthTooLarge: "the files are too long together"
        case .piecesNotDigests(let bytes): "\"pieces\" has \(bytes) bytes, no multiple of 20"
        case .wrongPieceCount(let found, let expected): "\(found) piece hashes for \(expected) pieces"
        case .neitherLengthNorFiles: "has neither \"length\" nor \"files\""
        case .noFiles: "names no files"
        case .onlyVersion2: "is a BitTorrent v2 torrent without a v1 part"
        case .tooManyFiles(let count, let limit): "\(count) files, above the limit of \(limit)"
        case .tooManyPieces(let count, let limit): "\(count) pieces, above the limit of \(limit)"
        }
    }
}
