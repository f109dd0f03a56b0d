/// What is wrong with a tracker's answer, or that it said no.
public enum TrackerResponseError: Error, Hashable, Sendable {
    /// The tracker understood the request and refuses it.
    case refused(TrackerFailure)
    /// There was no byte.
    case empty
    /// HTML or the like: the URL leads to something else than a tracker.
    case webPage
    /// Words instead of bencode; their first line, untrusted.
    case text(String)
    /// Bencode that ends within a value.
    case cutShort(bytes: Int)
    case notBencode(BencodeError)
    case notDictionary
    case missing(Field)
    case malformed(Field)
    /// A UDP answer shorter than its kind is (BEP 15).
    case tooShort(bytes: Int)
    /// A UDP answer with an unknown action.
    case unknownAction(UInt32)

    /// A key of an answer, by its name on the wire.
    public enum Field: String, Hashable, Sendable {
        case interval, peers, files, complete, incomplete
        case minInterval = "min interval"
        case peers6
        case externalIP = "external ip"
        case failureReason = "failure reason"
        case warning = "warning message"
        case trackerID = "tracker id"
    }

    /// Bytes of an answer in words that are kept.
    static let textLimit = 60

    /// Says what an answer is that is no bencode.
    init(unreadable bytes: [UInt8], _ error: BencodeError) {
        let content = bytes.drop { $0.isBlankOrBreak }
        guard let first = content.first else {
            self = .empty
            return
        }
        let line = content.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }.prefix(Self.textLimit)
        if first == UInt8(ascii: "<") {
            self = .webPage
        } else if first == UInt8(ascii: "d"), error.isOfCutInput {
            self = .cutShort(bytes: bytes.count)
        } else if line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
            self = .text(String(decoding: line, as: UTF8.self))
        } else {
            self = .notBencode(error)
        }
    }
}

extension TrackerResponseError: CustomStringConvertible {
    /// Holds untrusted text in the cases of `refused` and `text`.
    public var description: String {
        switch self {
        case .refused(let failure): failure.reason.isEmpty ? "it gives no reason" : failure.reason
        case .empty: "its answer is empty"
        case .webPage: "it answers with a web page"
        case .text(let line): "it answers \"\(line)\""
        case .cutShort(let bytes): "its answer ends early, after \(bytes) bytes"
        case .notBencode(let error): "its answer is no bencode: \(error)"
        case .notDictionary: "its answer is no dictionary"
        case .missing(let field): "its answer has no \(field.rawValue)"
        case .malformed(let field): "its answer has a malformed \(field.rawValue)"
        case .tooShort(let bytes): "its answer has only \(bytes) bytes"
        case .unknownAction(let action): "its answer is of the unknown kind \(action)"
        }
    }
}

extension BencodeError {
    /// More bytes might have made it right.
    fileprivate var isOfCutInput: Bool {
        switch self {
        case .unexpectedEnd, .stringBeyondEnd: true
        default: false
        }
    }
}
