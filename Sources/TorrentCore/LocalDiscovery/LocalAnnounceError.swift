/// Why a datagram is no announce of local discovery (BEP 14).
public enum LocalAnnounceError: Error, Hashable, Sendable {
    case tooLong(bytes: Int)
    /// No empty line ends it.
    case cutShort
    /// Its first line is another one.
    case notASearch
    case noPort
    /// No number from 1 to 65535.
    case malformedPort
    case repeatedPort
    case noInfoHash
    /// Not forty hexadecimal digits.
    case malformedInfoHash
}

extension LocalAnnounceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLong(let bytes): "it has \(bytes) bytes, more than \(LocalAnnounce.longestAccepted)"
        case .cutShort: "no empty line ends it"
        case .notASearch: "its first line is not BT-SEARCH * HTTP/1.1"
        case .noPort: "it names no port"
        case .malformedPort: "its port is no number from 1 to 65535"
        case .repeatedPort: "it names more than one port"
        case .noInfoHash: "it names no torrent"
        case .malformedInfoHash: "one of its info hashes is not forty hexadecimal digits"
        }
    }
}
