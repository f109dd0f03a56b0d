// Messages as they come (BEP 5). What has to be there is required; what need not be there and is malformed counts as
// absent.

extension KRPCMessage {
    /// Bytes of the longest transaction id that is repeated to anybody; usual are 2 to 8.
    static let longestTransaction = 64
    /// Bytes that are kept of the words of a refusal.
    static let longestReason = 200

    /// Reads one datagram; bytes after the message are of no interest.
    public init(_ datagram: RawSpan) throws(KRPCError) {
        let envelope: Envelope
        do throws(KRPCError.Fault) { envelope = try Envelope(datagram) } catch { throw KRPCError(error) }
        do throws(KRPCError.Fault) {
            switch envelope.kind {
            case .query: self = .query(try KRPCQuery(envelope, datagram))
            case .response: self = .response(try KRPCResponse(envelope, datagram))
            case .failure: self = .failure(KRPCFailure(envelope, datagram))
            case nil: throw .wrong(.kind)
            }
        } catch { throw KRPCError(error, transaction: envelope.transaction, isQuery: envelope.kind == .query) }
    }

    enum Kind { case query, response, failure }

    /// The outermost dictionary.
    struct Envelope {
        private(set) var kind: Kind?
        private(set) var transaction: [UInt8] = []
        /// `a`, `r` and `e`.
        private(set) var arguments: KRPCValue?
        private(set) var results: KRPCValue?
        private(set) var error: KRPCValue?
        private(set) var method: KRPCValue?
        private(set) var seenAt: Endpoint?
        private(set) var isReadOnly = false

        init(_ bytes: RawSpan) throws(KRPCError.Fault) {
            guard bytes.byteCount <= KRPCScanner.longest else { throw .tooLong(bytes: bytes.byteCount) }
            var (transaction, kind, address, readOnly): (KRPCValue?, KRPCValue?, KRPCValue?, KRPCValue?)
            var (arguments, results, error, method): (KRPCValue?, KRPCValue?, KRPCValue?, KRPCValue?)
            try KRPCScanner.forEachPair(of: bytes) { key, value in
                switch key.count {
                case 1:
                    switch bytes.uint8(at: key.lowerBound) {
                    case UInt8(ascii: "a"): arguments = arguments ?? value
                    case UInt8(ascii: "r"): results = results ?? value
                    case UInt8(ascii: "e"): error = error ?? value
                    case UInt8(ascii: "q"): method = method ?? value
                    case UInt8(ascii: "t"): transaction = transaction ?? value
                    case UInt8(ascii: "y"): kind = kind ?? value
                    default: break
                    }
                case 2 where bytes.holds("ip", at: key): address = address ?? value
                case 2 where bytes.holds("ro", at: key): readOnly = readOnly ?? value
                default: break
                }
            }
            guard let transaction else { throw .missing(.transaction) }
            guard transaction.kind == .string, transaction.string.count <= longestTransaction else {
                throw .wrong(.transaction)
            }
            guard let kind else { throw .missing(.kind) }
            self.transaction = bytes.array(transaction.string)
            self.kind = Self.kind(kind, bytes)
            (self.arguments, self.results, self.error, self.method) = (arguments, results, error, method)
            if let address, address.kind == .string {
                seenAt = Endpoint(compact: bytes.extracting(address.string))
            }
            // BEP 43.
            isReadOnly = readOnly.flatMap { bytes.integer($0) } == 1
        }

        private static func kind(_ value: KRPCValue, _ bytes: RawSpan) -> Kind? {
            guard value.kind == .string, value.string.count == 1 else { return nil }
            return switch bytes.uint8(at: value.string.lowerBound) {
            case UInt8(ascii: "q"): .query
            case UInt8(ascii: "r"): .response
            case UInt8(ascii: "e"): .failure
            default: nil
            }
        }
    }
}

// MARK: Questions

extension KRPCQuery {
    fileprivate init(_ envelope: KRPCMessage.Envelope, _ bytes: RawSpan) throws(KRPCError.Fault) {
        guard let method = envelope.method else { throw .missing(.method) }
        guard method.kind == .string else { throw .wrong(.method) }
        guard let arguments = envelope.arguments else { throw .missing(.arguments) }
        guard arguments.kind == .dictionary else { throw .wrong(.arguments) }
        let fields = try KRPCFields(of: arguments, bytes)
        self.init(
            try Method(named: method.string, fields, bytes), transaction: envelope.transaction,
            sender: try NodeID(fields, .id, .sender, bytes))
        isReadOnly = envelope.isReadOnly
        guard let want = fields[.want], want.kind == .list else { return }
        var wants: Families = []
        try KRPCScanner.forEach(in: want, bytes) { value throws(KRPCError.Fault) in
            guard value.kind == .string else { return }
            if bytes.holds("n4", at: value.string) { wants.insert(.v4) }
            if bytes.holds("n6", at: value.string) { wants.insert(.v6) }
        }
        self.wants = wants
    }
}

extension KRPCQuery.Method {
    fileprivate init(named name: Range<Int>, _ fields: KRPCFields, _ bytes: RawSpan) throws(KRPCError.Fault) {
        if bytes.holds("find_node", at: name) {
            self = .findNode(try NodeID(fields, .target, .target, bytes))
        } else if bytes.holds("get_peers", at: name) {
            self = .getPeers(InfoHash(try NodeID(fields, .infoHash, .infoHash, bytes).bytes))
        } else if bytes.holds("ping", at: name) {
            self = .ping
        } else if bytes.holds("announce_peer", at: name) {
            self = try .announcePeer(fields, bytes)
        } else if bytes.holds("get", at: name) {
            self = .get(
                try NodeID(fields, .target, .target, bytes), newerThan: fields.integer(.sequence, bytes))
        } else if bytes.holds("put", at: name) {
            self = try .put(fields, bytes)
        } else if bytes.holds("sample_infohashes", at: name) {
            self = .sampleInfohashes(try NodeID(fields, .target, .target, bytes))
        } else {
            let target = fields.bytes20(.target, bytes) ?? fields.bytes20(.infoHash, bytes)
            self = .unknown(target: target.map { NodeID($0) })
        }
    }

    private static func announcePeer(_ fields: KRPCFields, _ bytes: RawSpan) throws(KRPCError.Fault) -> Self {
        let infoHash = InfoHash(try NodeID(fields, .infoHash, .infoHash, bytes).bytes)
        let impliesPort = fields.integer(.impliedPort, bytes).map { $0 != 0 } ?? false
        let port = fields.integer(.port, bytes).flatMap { UInt16(exactly: $0) } ?? 0
        // A port that is implied need not be said.
        guard impliesPort || port != 0 else { throw fields[.port] == nil ? .missing(.port) : .wrong(.port) }
        return .announcePeer(infoHash, port: port, impliesPort: impliesPort, token: try token(fields, bytes))
    }

    /// An item to be kept (BEP 44).
    private static func put(_ fields: KRPCFields, _ bytes: RawSpan) throws(KRPCError.Fault) -> Self {
        guard let value = fields[.value] else { throw .missing(.value) }
        var item = KRPCItem(value: bytes.array(value.encoding))
        var replaced: Int64?
        if fields[.key] != nil {
            guard let key = fields.string(.key, bytes), key.count == 32 else { throw .wrong(.key) }
            guard fields[.signature] != nil else { throw .missing(.signature) }
            guard let signature = fields.string(.signature, bytes), signature.count == 64 else {
                throw .wrong(.signature)
            }
            guard fields[.sequence] != nil else { throw .missing(.sequence) }
            guard let sequence = fields.integer(.sequence, bytes) else { throw .wrong(.sequence) }
            item.signature = KRPCItem.Signature(
                key: key, signature: signature, sequence: sequence, salt: fields.string(.salt, bytes) ?? [])
            // Who names what is to be replaced must not replace another thing because that could not be read.
            replaced = fields.integer(.replaced, bytes)
            guard replaced != nil || fields[.replaced] == nil else { throw .wrong(.replacedSequence) }
        }
        return .put(item, replacing: replaced, token: try token(fields, bytes))
    }

    private static func token(_ fields: KRPCFields, _ bytes: RawSpan) throws(KRPCError.Fault) -> [UInt8] {
        guard let token = fields.string(.token, bytes) else {
            throw fields[.token] == nil ? .missing(.token) : .wrong(.token)
        }
        return token
    }
}

extension NodeID {
    fileprivate init(
        _ fields: KRPCFields, _ name: KRPCFields.Name, _ field: KRPCError.Field, _ bytes: RawSpan
    ) throws(KRPCError.Fault) {
        guard let id = fields.bytes20(name, bytes) else {
            throw fields[name] == nil ? .missing(field) : .wrong(field)
        }
        self.init(id)
    }
}

// MARK: Answers

extension KRPCResponse {
    fileprivate init(_ envelope: KRPCMessage.Envelope, _ bytes: RawSpan) throws(KRPCError.Fault) {
        guard let results = envelope.results else { throw .missing(.results) }
        guard results.kind == .dictionary else { throw .wrong(.results) }
        let fields = try KRPCFields(of: results, bytes)
        self.init(transaction: envelope.transaction, sender: try NodeID(fields, .id, .sender, bytes))
        seenAt = envelope.seenAt
        nodes = fields.range(.nodes).flatMap { DHTContact.list(bytes.extracting($0), addressBytes: 4) }
        nodes6 = fields.range(.nodes6).flatMap { DHTContact.list(bytes.extracting($0), addressBytes: 16) }
        token = fields.string(.token, bytes)
        if let list = fields[.values], list.kind == .list { values = try Self.values(list, bytes) }
        sequence = fields.integer(.sequence, bytes)
        item = fields[.value].map { KRPCItem(value: bytes.array($0.encoding), signature: signature(fields, bytes)) }
        samples = fields.range(.samples).flatMap { Self.samples(bytes.extracting($0)) }
        sampleCount = fields.integer(.sampleCount, bytes).flatMap { $0 < 0 ? nil : Int($0) }
        sampleInterval = fields.integer(.sampleInterval, bytes).flatMap { $0 < 0 ? nil : Int($0) }
    }

    private static func values(_ list: KRPCValue, _ bytes: RawSpan) throws(KRPCError.Fault) -> [Endpoint] {
        var values: [Endpoint] = []
        try KRPCScanner.forEach(in: list, bytes) { value throws(KRPCError.Fault) in
            guard value.kind == .string, let peer = Endpoint(listed: bytes.extracting(value.string)) else { return }
            values.append(peer)
        }
        return values
    }

    private func signature(_ fields: KRPCFields, _ bytes: RawSpan) -> KRPCItem.Signature? {
        guard let sequence, let key = fields.string(.key, bytes), key.count == 32,
            let signature = fields.string(.signature, bytes), signature.count == 64
        else { return nil }
        return KRPCItem.Signature(key: key, signature: signature, sequence: sequence)
    }

    private static func samples(_ bytes: RawSpan) -> [InfoHash]? {
        guard bytes.byteCount.isMultiple(of: 20) else { return nil }
        return stride(from: 0, to: bytes.byteCount, by: 20).compactMap { InfoHash(bytes, at: $0) }
    }
}

extension DHTContact {
    /// Nodes of a compact list, but for those where nobody can be; nil if it is not of whole nodes.
    fileprivate static func list(_ bytes: RawSpan, addressBytes: Int) -> [DHTContact]? {
        let size = 20 + addressBytes + 2
        guard bytes.byteCount.isMultiple(of: size) else { return nil }
        return stride(from: 0, to: bytes.byteCount, by: size).compactMap { start in
            guard let id = NodeID(bytes, at: start),
                let endpoint = Endpoint(listed: bytes.extracting(start + 20..<start + size))
            else { return nil }
            return DHTContact(id, endpoint)
        }
    }
}

extension Endpoint {
    /// From the compact form. Nil for other counts of bytes, for port 0, and for an IPv4 address in the guise of IPv6:
    /// the two networks name none of each other's (BEP 32).
    fileprivate init?(listed bytes: RawSpan) {
        self.init(compact: bytes)
        guard port != 0, address.isV4 == (bytes.byteCount == 6) else { return nil }
    }
}

// MARK: Refusals

extension KRPCFailure {
    /// Whatever it says, it is a refusal.
    fileprivate init(_ envelope: KRPCMessage.Envelope, _ bytes: RawSpan) {
        self.init(transaction: envelope.transaction, code: KRPCErrorCode.generic.rawValue, message: [])
        guard let error = envelope.error, error.kind == .list else { return }
        var isFirst = true
        // What has been read as a list cannot fail to be one.
        try? KRPCScanner.forEach(in: error, bytes) { value throws(KRPCError.Fault) in
            if isFirst, let code = bytes.integer(value) { self.code = Int(code) }
            if !isFirst, message.isEmpty, value.kind == .string {
                message = bytes.array(value.string.prefix(KRPCMessage.longestReason))
            }
            isFirst = false
        }
    }
}
