// Messages as they are sent, their keys in the order that bencode asks for (BEP 3).

extension KRPCMessage {
    /// Bytes of the longest datagram that a node may send (BEP 32).
    public static let longest = 1_024

    /// The datagram.
    public func encoded() -> [UInt8] {
        switch self {
        case .query(let query): query.encoded()
        case .response(let response): response.encoded()
        case .failure(let failure): failure.encoded()
        }
    }
}

extension KRPCQuery {
    /// The datagram. It is as long as what is to be kept makes it.
    public func encoded() -> [UInt8] {
        var output = KRPCOutput(capacity: 192)
        output.write("d1:ad")
        if case .put(_, let replaced?, _) = method { output.write("3:cas", integer: replaced) }
        output.write("2:id", sender.bytes)
        method.write(into: &output)
        if !wants.isEmpty {
            output.write("4:wantl")
            if wants.contains(.v4) { output.write("2:n4") }
            if wants.contains(.v6) { output.write("2:n6") }
            output.write("e")
        }
        output.write("e1:q")
        output.write(method.name)
        // BEP 43.
        if isReadOnly { output.write("2:roi1e") }
        output.write(ending: "1:y1:q", transaction)
        return output.bytes
    }
}

extension KRPCQuery.Method {
    /// With its length, as bencode has it.
    fileprivate var name: StaticString {
        switch self {
        case .ping: "4:ping"
        case .findNode: "9:find_node"
        case .getPeers: "9:get_peers"
        case .announcePeer: "13:announce_peer"
        case .get: "3:get"
        case .put: "3:put"
        case .sampleInfohashes: "17:sample_infohashes"
        case .unknown: "7:unknown"
        }
    }

    /// The arguments, but for those that every question has.
    fileprivate func write(into output: inout KRPCOutput) {
        switch self {
        case .ping, .unknown(target: nil): break
        case .findNode(let target), .sampleInfohashes(let target), .unknown(let target?):
            output.write("6:target", target.bytes)
        case .getPeers(let infoHash): output.write("9:info_hash", infoHash.bytes)
        case .announcePeer(let infoHash, let port, let impliesPort, let token):
            if impliesPort { output.write("12:implied_porti1e") }
            output.write("9:info_hash", infoHash.bytes)
            output.write("4:port", integer: Int64(port))
            output.write("5:token", string: token)
        case .get(let target, let newerThan):
            if let newerThan { output.write("3:seq", integer: newerThan) }
            output.write("6:target", target.bytes)
        case .put(let item, _, let token):
            if let signature = item.signature {
                output.write("1:k", string: signature.key)
                if !signature.salt.isEmpty { output.write("4:salt", string: signature.salt) }
                output.write("3:seq", integer: signature.sequence)
                output.write("3:sig", string: signature.signature)
            }
            output.write("5:token", string: token)
            output.write("1:v", encoded: item.value)
        }
    }
}

extension KRPCResponse {
    /// The datagram, of `limit` bytes at the most (BEP 32). What is kept goes before nodes, nodes before samples of
    /// torrents, and those before peers; of a list that does not fit there are the first ones.
    public func encoded(limit: Int = KRPCMessage.longest) -> [UInt8] {
        var output = KRPCOutput(capacity: limit)
        output.write("d")
        // Where the question came from (BEP 42).
        if let seenAt {
            output.write("2:ip", length: seenAt.address.isV4 ? 6 : 18)
            seenAt.appendCompact(to: &output.bytes)
        }
        output.write("1:rd2:id", sender.bytes)
        var room = Room(left: limit - output.bytes.count - 1 - KRPCOutput.lengthOfEnding(transaction))
        let token = room.take(token) { 7 + KRPCOutput.length(ofString: $0.count) }
        let item = room.take(item) { $0.longestLength }
        let sequence = item?.signature?.sequence ?? room.take(sequence) { _ in 5 + KRPCOutput.longestInteger }
        let interval = room.take(sampleInterval) { _ in 10 + KRPCOutput.longestInteger }
        let sampleCount = room.take(sampleCount) { _ in 5 + KRPCOutput.longestInteger }
        let nodes = room.take(nodes, of: 26)
        let nodes6 = room.take(nodes6, of: 38)
        let samples = room.take(samples, of: 20)

        if let interval { output.write("8:interval", integer: Int64(interval)) }
        if let signature = item?.signature { output.write("1:k", string: signature.key) }
        if let nodes { output.write("5:nodes", nodes, of: 26) }
        if let nodes6 { output.write("6:nodes6", nodes6, of: 38) }
        if let sampleCount { output.write("3:num", integer: Int64(sampleCount)) }
        // Torrents of which there are peers (BEP 51).
        if let samples {
            output.write("7:samples", length: samples.count * 20)
            for sample in samples { sample.bytes.append(to: &output.bytes) }
        }
        if let sequence { output.write("3:seq", integer: sequence) }
        if let signature = item?.signature { output.write("3:sig", string: signature.signature) }
        if let token { output.write("5:token", string: token) }
        if let item { output.write("1:v", encoded: item.value) }
        if !values.isEmpty { write(values, into: &output, &room) }
        output.write("e")
        output.write(ending: "1:y1:r", transaction)
        return output.bytes
    }

    private func write(_ values: [Endpoint], into output: inout KRPCOutput, _ room: inout Room) {
        func size(_ peer: Endpoint) -> Int { peer.address.isV4 ? 8 : 21 }
        guard room.left >= 10 + size(values[0]), room.take(10) else { return }
        output.write("6:valuesl")
        for peer in values {
            guard room.take(size(peer)) else { break }
            output.write(peer.address.isV4 ? "6:" : "18:")
            peer.appendCompact(to: &output.bytes)
        }
        output.write("e")
    }

    /// What of a datagram is not written yet.
    private struct Room {
        var left: Int

        mutating func take(_ length: Int) -> Bool {
            guard length <= left else { return false }
            left -= length
            return true
        }

        /// The value, if it is there and fits.
        mutating func take<Value>(_ value: Value?, length: (Value) -> Int) -> Value? {
            guard let value, take(length(value)) else { return nil }
            return value
        }

        /// As many of a list as fit, `size` bytes each, with a key of up to seven letters.
        mutating func take<Value>(_ list: [Value]?, of size: Int) -> ArraySlice<Value>? {
            guard let list, take(9 + 4) else { return nil }
            let count = min(list.count, left / size)
            left -= count * size
            return list.prefix(count)
        }
    }
}

extension KRPCItem {
    /// Bytes that it takes in an answer, with keys.
    fileprivate var longestLength: Int {
        guard signature != nil else { return 3 + value.count }
        return 3 + value.count + 3 + 35 + 5 + 67 + 5 + KRPCOutput.longestInteger
    }
}

extension KRPCFailure {
    /// The datagram.
    public func encoded() -> [UInt8] {
        let reason = message.prefix(KRPCMessage.longestReason)
        var output = KRPCOutput(capacity: 128 + reason.count + transaction.count)
        output.write("d1:el", integer: Int64(code))
        output.write("", string: reason)
        output.write("e")
        output.write(ending: "1:y1:e", transaction)
        return output.bytes
    }
}

// MARK: Bytes

/// A datagram that is being written.
struct KRPCOutput {
    var bytes: [UInt8] = []

    /// Characters of the longest number, with what is around it.
    static let longestInteger = 22

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// As it stands there.
    @inline(__always)
    mutating func write(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func write(_ key: StaticString, integer: Int64) {
        write(key)
        bytes.append(UInt8(ascii: "i"))
        bytes.append(decimal: integer)
        bytes.append(UInt8(ascii: "e"))
    }

    /// The head of a string of so many bytes.
    mutating func write(_ key: StaticString, length: Int) {
        write(key)
        bytes.append(decimal: Int64(length))
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func write(_ key: StaticString, string: some Collection<UInt8>) {
        write(key, length: string.count)
        bytes.append(contentsOf: string)
    }

    /// A value that is bencode already.
    mutating func write(_ key: StaticString, encoded: [UInt8]) {
        write(key)
        bytes.append(contentsOf: encoded)
    }

    mutating func write(_ key: StaticString, _ value: Bytes20) {
        write(key)
        write("20:")
        value.append(to: &bytes)
    }

    /// Nodes in the compact form, `size` bytes each.
    mutating func write(_ key: StaticString, _ contacts: ArraySlice<DHTContact>, of size: Int) {
        write(key, length: contacts.count * size)
        for contact in contacts {
            unsafe bytes.append(count: 20 + contact.endpoint.compactSize) { output in
                unsafe contact.id.bytes.store(in: output, at: 0)
                unsafe contact.endpoint.store(in: output, at: 20)
            }
        }
    }

    /// What ends every message: its transaction, our version, and its kind.
    mutating func write(ending kind: StaticString, _ transaction: [UInt8]) {
        write("1:t", string: transaction)
        write("1:v", string: Self.version)
        write(kind)
        bytes.append(UInt8(ascii: "e"))
    }

    static func lengthOfEnding(_ transaction: [UInt8]) -> Int {
        3 + length(ofString: transaction.count) + 3 + length(ofString: version.count) + 6 + 1
    }

    static func length(ofString count: Int) -> Int {
        (count < 10 ? 2 : count < 100 ? 3 : count < 1_000 ? 4 : 5) + count
    }

    /// Two letters for the program and two bytes for its version, as the field has it (BEP 5).
    private static let version = Array("PS".utf8) + SuiteVersion.twoBytes
}
