/// What is wrong with a tracker's answer, or that it said no.
public enum TrackerResponseError: Error, Hashable, Sendable {
    /// The tracker understood and refuses.
    case refused(TrackerFailure)
    /// Not bencode: an HTML page, for example.
    case notBencode(BencodeError)
    case notDictionary
    case missing(Field)
    case malformed(Field)
    /// A UDP answer shorter than its kind is (BEP 15).
    case tooShort(bytes: Int)
    /// A UDP answer of a kind that nobody knows.
    case unknownAction(UInt32)

    /// A key of an answer, by its name on the wire.
    public enum Field: String, Hashable, Sendable {
        case interval, peers, files
        case minInterval = "min interval"
        case peers6
        case externalIP = "external ip"
        case infoHash = "info hash"
        case failureReason = "failure reason"
    }
}

extension TrackerResponseError: CustomStringConvertible {
    /// Holds untrusted text in the case of `refused`.
    public var description: String {
        switch self {
        case .refused(let failure): failure.reason
        case .notBencode(let error): "the answer is no bencode: \(error)"
        case .notDictionary: "the answer is no dictionary"
        case .missing(let field): "the answer has no \(field.rawValue)"
        case .malformed(let field): "the answer has a malformed \(field.rawValue)"
        case .tooShort(let bytes): "the answer has only \(bytes) bytes"
        case .unknownAction(let action): "the answer is of the unknown kind \(action)"
        }
    }
}
