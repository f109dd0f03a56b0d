/// What a tracker answers in one UDP packet (BEP 15), as a client reads it.
public enum UDPTrackerResponse: Hashable, Sendable {
    /// The connection id for what is asked next.
    case connect(transaction: TransactionID, connection: UDPConnectionID)
    /// Peers of the family that the packet came over.
    case announce(transaction: TransactionID, AnnounceResponse)
    /// In the order of the request.
    case scrape(transaction: TransactionID, [ScrapeCounts])
    /// A refusal, in the tracker's own words.
    case error(transaction: TransactionID, TrackerFailure)

    /// The number that its request had: what has another one is no answer to it.
    public var transaction: TransactionID {
        switch self {
        case .connect(let transaction, _), .announce(let transaction, _), .scrape(let transaction, _),
            .error(let transaction, _):
            transaction
        }
    }

    /// Which request a packet answers; nil if it is too short to say.
    public static func transaction(of packet: RawSpan) -> TransactionID? {
        packet.byteCount >= 8 ? TransactionID(packet.uint32(at: 4)) : nil
    }

    /// Reads a packet that came over IPv4 or IPv6, which decides how long a peer is.
    public init(_ packet: RawSpan, overIPv4: Bool) throws(TrackerResponseError) {
        guard let transaction = Self.transaction(of: packet) else { throw .tooShort(bytes: packet.byteCount) }
        switch packet.uint32(at: 0) {
        case UDPTrackerRequest.Action.connect:
            guard packet.byteCount >= 16 else { throw .tooShort(bytes: packet.byteCount) }
            self = .connect(transaction: transaction, connection: UDPConnectionID(packet.uint64(at: 8)))
        case UDPTrackerRequest.Action.announce:
            guard packet.byteCount >= 20 else { throw .tooShort(bytes: packet.byteCount) }
            let seconds = Duration.seconds(Int32(bitPattern: packet.uint32(at: 8)))
            let interval = min(max(seconds, .seconds(1)), AnnounceResponse.longestInterval)
            var response = AnnounceResponse(interval: interval)
            if interval != seconds { response.oddities.append(.clamped(.interval)) }
            response.incomplete = Int(packet.uint32(at: 12))
            response.complete = Int(packet.uint32(at: 16))
            let stride = overIPv4 ? 6 : 18
            response.appendPeers(packed: packet.extracting(20..<packet.byteCount), stride: stride)
            if !(packet.byteCount - 20).isMultiple(of: stride) { response.oddities.append(.badPeers(count: 1)) }
            self = .announce(transaction: transaction, response)
        case UDPTrackerRequest.Action.scrape:
            let count = (packet.byteCount - 8) / 12
            self = .scrape(
                transaction: transaction,
                (0..<count).map { index in
                    let offset = 8 + index * 12
                    return ScrapeCounts(
                        complete: Int(packet.uint32(at: offset)), incomplete: Int(packet.uint32(at: offset + 8)),
                        downloaded: Int(packet.uint32(at: offset + 4)))
                })
        case UDPTrackerRequest.Action.error:
            let reason = packet.array(8..<min(packet.byteCount, 8 + TrackerFailure.reasonLimit))
            // Some trackers end it with a zero byte, as C does.
            let text = String(decoding: reason.prefix { $0 != 0 }, as: UTF8.self)
            self = .error(transaction: transaction, TrackerFailure(reason: text))
        case let action: throw .unknownAction(action)
        }
    }
}

/// A tracker's UDP answers, appended to a packet (BEP 15).
public enum UDPTrackerAnswer {
    /// Sixteen bytes: action 0, transaction, connection id.
    public static func appendConnect(
        transaction: TransactionID, connection: UDPConnectionID, to output: inout [UInt8]
    ) {
        output.appendBigEndian(UDPTrackerRequest.Action.connect)
        output.appendBigEndian(transaction.rawValue)
        output.appendBigEndian(connection.rawValue)
    }

    /// The peers of one family alone: that of the packet that asked. Nothing if they do not fit.
    @inlinable
    public static func appendAnnounce(
        transaction: TransactionID, _ response: PackedAnnounceResponse, overIPv4: Bool,
        to output: inout OutputSpan<UInt8>
    ) {
        // All at once: this is written some hundred thousand times a second.
        let first = UInt64(UDPTrackerRequest.Action.announce) << 32 | UInt64(transaction.rawValue)
        let second = UInt64(response.interval) << 32 | UInt64(response.incomplete)
        let peers = overIPv4 ? response.peers : response.peers6
        let length = 20 + peers.count
        guard length <= output.freeCapacity else { return }
        unsafe output.withUnsafeMutableBufferPointer { room, count in
            let rest = unsafe UnsafeMutableRawBufferPointer(room)[count...]
            let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: rest)
            unsafe bytes.storeBytes(of: first.bigEndian, as: UInt64.self)
            unsafe bytes.storeBytes(of: second.bigEndian, toByteOffset: 8, as: UInt64.self)
            unsafe bytes.storeBytes(of: response.complete.bigEndian, toByteOffset: 16, as: UInt32.self)
            unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[20...]).copyBytes(from: peers)
            count += length
        }
    }

    /// Eight bytes, then twelve a torrent, in the order of the request.
    public static func appendScrape(transaction: TransactionID, _ counts: [ScrapeCounts], to output: inout [UInt8]) {
        output.appendBigEndian(UDPTrackerRequest.Action.scrape)
        output.appendBigEndian(transaction.rawValue)
        for count in counts {
            output.appendBigEndian(UInt32(clamping: count.complete))
            output.appendBigEndian(UInt32(clamping: count.downloaded))
            output.appendBigEndian(UInt32(clamping: count.incomplete))
        }
    }

    /// Eight bytes, then the reason without an end mark.
    public static func appendError(transaction: TransactionID, reason: StaticString, to output: inout [UInt8]) {
        output.appendBigEndian(UDPTrackerRequest.Action.error)
        output.appendBigEndian(transaction.rawValue)
        output.append(ascii: reason)
    }
}
