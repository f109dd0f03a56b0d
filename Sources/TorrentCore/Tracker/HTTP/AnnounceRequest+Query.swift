// An announce as the query of a URL (BEP 3, 7, 23), both ways.

extension AnnounceRequest {
    /// Reads the query in `range` of `bytes`, in place: no allocation but for a `trackerid` and a `name`.
    ///
    /// `info_hash`, `peer_id` and `port` must be present and valid. All else is optional: what cannot be read is
    /// ignored, and noted in `ignored`. If a key occurs twice, the last value that can be read counts; unknown keys are
    /// skipped.
    ///
    /// Without `left`, the peer is taken to not know it, which makes it a leecher. A seeder that is counted as a
    /// leecher gets a few peers too many; a leecher that is counted as a seeder would never be given a seeder.
    public init(query range: Range<Int>, of bytes: RawSpan) throws(TrackerRequestError) {
        self.init(
            infoHash: InfoHash(.zero), peerID: PeerID(.zero), port: 0, left: AnnounceRequest.unknownLeft)
        var seen = (infoHash: false, peerID: false, port: false)
        var reader = QueryReader(range)
        while let pair = reader.next(in: bytes) {
            // The length tells most keys apart before a byte is compared.
            switch pair.key.count {
            case 9 where bytes.matches(pair.key, "info_hash"):
                guard let value = PercentCoding.bytes20(in: bytes, pair.value) else { throw .malformed(.infoHash) }
                infoHash = InfoHash(value)
                seen.infoHash = true
            case 7 where bytes.matches(pair.key, "peer_id"):
                guard let value = PercentCoding.bytes20(in: bytes, pair.value) else { throw .malformed(.peerID) }
                peerID = PeerID(value)
                seen.peerID = true
            case 4 where bytes.matches(pair.key, "port"):
                guard let value = bytes.decimal(pair.value), value <= UInt16.max else { throw .malformed(.port) }
                port = UInt16(truncatingIfNeeded: value)
                seen.port = true
            default:
                readOptional(pair, of: bytes)
            }
        }
        guard seen.infoHash else { throw .missing(.infoHash) }
        guard seen.peerID else { throw .missing(.peerID) }
        guard seen.port else { throw .missing(.port) }
    }

    private mutating func readOptional(_ pair: QueryReader.Pair, of bytes: RawSpan) {
        let (key, value) = (pair.key, pair.value)
        switch key.count {
        case 8 where bytes.matches(key, "uploaded"): uploaded = count(value, of: bytes, .uploaded) ?? uploaded
        case 10 where bytes.matches(key, "downloaded"): downloaded = count(value, of: bytes, .downloaded) ?? downloaded
        case 4 where bytes.matches(key, "left"): left = count(value, of: bytes, .left) ?? left
        case 7 where bytes.matches(key, "numwant"):
            numberWanted = count(value, of: bytes, .numwant).map { Int(clamping: $0) } ?? numberWanted
        case 5 where bytes.matches(key, "event"): readEvent(value, of: bytes)
        case 7 where bytes.matches(key, "compact"): wantsCompact = !bytes.matches(value, "0")
        case 10 where bytes.matches(key, "no_peer_id"): omitsPeerIDs = !bytes.matches(value, "0")
        case 3 where bytes.matches(key, "key"): self.key = AnnounceKey(Self.key(value, of: bytes))
        // Addresses are rare and optional, so they may cost a String; one that is none (a name) is as good as absent.
        case 2 where bytes.matches(key, "ip"):
            address = Self.text(value, of: bytes).flatMap { IPAddress($0) ?? Endpoint($0)?.address }
        case 4 where bytes.matches(key, "ipv4"): otherIPv4 = endpoint(value, of: bytes, isV4: true)
        case 4 where bytes.matches(key, "ipv6"): otherIPv6 = endpoint(value, of: bytes, isV4: false)
        case 9 where bytes.matches(key, "trackerid"): trackerID = PercentCoding.decoded(bytes, value) ?? []
        case 4 where bytes.matches(key, "name"): name = Self.name(value, of: bytes) ?? name
        default: break
        }
    }

    /// Nil for an empty name, one that is too long, and one that is no UTF-8.
    private static func name(_ range: Range<Int>, of bytes: RawSpan) -> String? {
        guard !range.isEmpty, range.count <= 3 * longestName, let decoded = PercentCoding.decoded(bytes, range),
            decoded.count <= longestName
        else { return nil }
        return String(validating: decoded, as: UTF8.self)
    }

    /// Nil for what is no whole number, and for an empty or negative one, which some clients send for "unknown".
    private mutating func count(_ range: Range<Int>, of bytes: RawSpan, _ field: OptionalFields) -> Int64? {
        guard !range.isEmpty else { return nil }
        let isNegative = bytes.uint8(at: range.lowerBound) == UInt8(ascii: "-")
        guard let number = bytes.decimal(isNegative ? range.dropFirst() : range) else {
            ignored.insert(field)
            return nil
        }
        return isNegative ? nil : number
    }

    private mutating func readEvent(_ range: Range<Int>, of bytes: RawSpan) {
        if range.isEmpty || bytes.matches(range, "empty") {
            event = .none
        } else if bytes.matches(range, "started") {
            event = .started
        } else if bytes.matches(range, "completed") {
            event = .completed
        } else if bytes.matches(range, "stopped") {
            event = .stopped
        } else if bytes.matches(range, "paused") {
            // Sent by a partial seed that has all it wants (BEP 21); it is counted as a leecher.
            event = .none
        } else {
            ignored.insert(.event)
        }
    }

    /// Eight hexadecimal digits as most clients send; any other key is folded into 32 bits.
    private static func key(_ range: Range<Int>, of bytes: RawSpan) -> UInt32 {
        var (number, folded, isHex) = (UInt32(0), UInt32(0x811C_9DC5), !range.isEmpty && range.count <= 8)
        for position in range {
            let byte = bytes.uint8(at: position)
            if let digit = UInt8(hexDigit: byte) { number = number << 4 | UInt32(digit) } else { isHex = false }
            folded = (folded ^ UInt32(byte)) &* 0x0100_0193
        }
        return isHex ? number : folded
    }

    private static func text(_ range: Range<Int>, of bytes: RawSpan) -> String? {
        guard range.count <= 256, let decoded = PercentCoding.decoded(bytes, range) else { return nil }
        return String(decoding: decoded, as: UTF8.self)
    }

    private func endpoint(_ range: Range<Int>, of bytes: RawSpan, isV4: Bool) -> Endpoint? {
        guard let text = Self.text(range, of: bytes) else { return nil }
        let found = IPAddress(text).map { Endpoint($0, port: port) } ?? Endpoint(text)
        return found?.address.isV4 == isV4 ? found : nil
    }
}

extension AnnounceRequest {
    /// Appends the query of this announce, without a leading `?` or `&`.
    public func appendQuery(to output: inout [UInt8]) {
        output.append(ascii: "info_hash=")
        PercentCoding.append(infoHash.bytes.array, to: &output)
        output.append(ascii: "&peer_id=")
        PercentCoding.append(peerID.bytes.array, to: &output)
        Self.append("&port=", port, to: &output)
        Self.append("&uploaded=", uploaded, to: &output)
        Self.append("&downloaded=", downloaded, to: &output)
        // Trackers that count in doubles or in 32 bits handle an unknown amount best as a small number.
        Self.append("&left=", left == AnnounceRequest.unknownLeft ? 16_384 : left, to: &output)
        output.append(ascii: wantsCompact ? "&compact=1" : "&compact=0")
        if omitsPeerIDs { output.append(ascii: "&no_peer_id=1") }
        if let numberWanted { Self.append("&numwant=", numberWanted, to: &output) }
        if let key {
            output.append(ascii: "&key=")
            output += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: key.rawValue >> $0) }.hex.utf8
        }
        switch event {
        case .none: break
        case .started: output.append(ascii: "&event=started")
        case .completed: output.append(ascii: "&event=completed")
        case .stopped: output.append(ascii: "&event=stopped")
        }
        Self.append("&ip=", text: address?.description, to: &output)
        Self.append("&ipv4=", text: otherIPv4?.description, to: &output)
        Self.append("&ipv6=", text: otherIPv6?.description, to: &output)
        if !trackerID.isEmpty {
            output.append(ascii: "&trackerid=")
            PercentCoding.append(trackerID, to: &output)
        }
        if let name, !name.isEmpty, name.utf8.count <= Self.longestName {
            Self.append("&name=", text: name, to: &output)
        }
    }

    private static func append(_ key: StaticString, _ number: some FixedWidthInteger, to output: inout [UInt8]) {
        output.append(ascii: key)
        output.append(decimal: number)
    }

    private static func append(_ key: StaticString, text: String?, to output: inout [UInt8]) {
        guard let text else { return }
        output.append(ascii: key)
        PercentCoding.append(Array(text.utf8), to: &output)
    }
}
