/// What is wrong with a datagram that should be a message of the DHT (BEP 5).
public struct KRPCError: Error, Hashable, Sendable {
    /// What a message has to say.
    public enum Field: Hashable, Sendable, CaseIterable {
        /// `t`, `y`, `q`, `a` and `r`.
        case transaction, kind, method, arguments, results
        /// The name of who sends it.
        case sender
        case target, infoHash, port, token
        /// Of an item (BEP 44): `v`, `k`, `sig`, `seq` and `cas`.
        case value, key, signature, sequence, replacedSequence
    }

    /// Why it was not read.
    public enum Fault: Error, Hashable, Sendable {
        /// Longer than any message that is read.
        case tooLong(bytes: Int)
        /// Not bencode from this byte on, or not all of it.
        case malformed(at: Int)
        /// Lists and dictionaries within each other, beyond what is read.
        case tooDeep
        /// More values than are read.
        case tooManyValues
        /// The outermost value is no dictionary.
        case notDictionary
        case missing(Field)
        /// Of another type, length or range than it has to be.
        case wrong(Field)
    }

    public let fault: Fault
    /// What an answer has to repeat; nil if it could not be read, so that there can be no answer.
    public let transaction: [UInt8]?
    /// A question. Nothing else is answered: two nodes could go on for ever.
    public let isQuery: Bool

    public init(_ fault: Fault, transaction: [UInt8]? = nil, isQuery: Bool = false) {
        self.fault = fault
        self.transaction = transaction
        self.isQuery = isQuery
    }

    /// What is to be answered; nil for nothing.
    public var failure: KRPCFailure? {
        guard isQuery, let transaction else { return nil }
        return KRPCFailure(.protocolError, transaction: transaction, String(describing: fault))
    }
}

extension KRPCError.Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLong(let bytes): "too long: \(bytes) bytes"
        case .malformed(let position): "malformed at byte \(position)"
        case .tooDeep: "nested too deep"
        case .tooManyValues: "too many values"
        case .notDictionary: "no dictionary"
        case .missing(let field): "no \(field)"
        case .wrong(let field): "wrong \(field)"
        }
    }
}

extension KRPCError.Field: CustomStringConvertible {
    public var description: String {
        switch self {
        case .transaction: "transaction id"
        case .kind: "kind of message"
        case .method: "method"
        case .arguments: "arguments"
        case .results: "results"
        case .sender: "id"
        case .target: "target"
        case .infoHash: "info_hash"
        case .port: "port"
        case .token: "token"
        case .value: "value"
        case .key: "key"
        case .signature: "signature"
        case .sequence: "sequence number"
        case .replacedSequence: "cas"
        }
    }
}

/// The numbers of refusals that BEP 5 and BEP 44 name.
public enum KRPCErrorCode: Int, Hashable, Sendable, CaseIterable {
    /// Something else.
    case generic = 201
    /// What was asked for is right, but cannot be done here or now.
    case serverError = 202
    /// Malformed, a wrong argument, or a bad token.
    case protocolError = 203
    /// Nothing that can be asked here.
    case methodUnknown = 204
    /// `v` of an item is longer than what is taken.
    case valueTooBig = 205
    /// `sig` of an item is not right.
    case invalidSignature = 206
    /// `salt` of an item is longer than 64 bytes.
    case saltTooBig = 207
    /// What is kept has another sequence number than was to be replaced.
    case replacedMismatch = 301
    /// What is kept is newer.
    case sequenceTooLow = 302
}

extension KRPCFailure {
    /// A refusal of ours, in words of ours.
    public init(_ code: KRPCErrorCode, transaction: [UInt8], _ message: String) {
        self.init(transaction: transaction, code: code.rawValue, message: Array(message.utf8))
    }
}
