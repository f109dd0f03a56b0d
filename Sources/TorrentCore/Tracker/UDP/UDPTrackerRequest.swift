/// What a client sends to a tracker in one UDP packet (BEP 15).
public enum UDPTrackerRequest: Hashable, Sendable {
    /// Asks for a connection id, which proves that the sender receives where it says it is.
    case connect(transaction: TransactionID)
    /// An announce, with the id that a connect brought.
    case announce(connection: UDPConnectionID, transaction: TransactionID, AnnounceRequest)
    /// A scrape, with the id that a connect brought.
    case scrape(connection: UDPConnectionID, transaction: TransactionID, ScrapeRequest)

    /// The number that a connect request begins with.
    static let magic: UInt64 = 0x417_2710_1980

    @usableFromInline
    enum Action {
        static let connect: UInt32 = 0
        @inlinable static var announce: UInt32 { 1 }
        static let scrape: UInt32 = 2
        static let error: UInt32 = 3
    }

    /// Bytes of an announce without options.
    static let announceLength = 98

    /// Whether a packet looks like an announce: then `AnnounceRequest(udpPacket:)` reads it faster than all kinds.
    public static func isAnnounce(_ packet: RawSpan) -> Bool {
        packet.byteCount >= announceLength && packet.uint32(at: 8) == Action.announce
    }

    /// Which torrent a packet speaks of that looks like an announce; nothing else of it is checked.
    public static func announcedInfoHash(_ packet: RawSpan) -> InfoHash? {
        isAnnounce(packet) ? InfoHash(packet, at: 16) : nil
    }

    /// The connection id that a packet of 16 bytes or more begins with.
    @inlinable
    public static func connection(of packet: RawSpan) -> UDPConnectionID { UDPConnectionID(packet.uint64(at: 0)) }

    /// The transaction id of a packet of 16 bytes or more.
    @inlinable
    public static func transaction(of packet: RawSpan) -> TransactionID { TransactionID(packet.uint32(at: 12)) }

    /// Reads a packet, options and later extensions left aside (BEP 41).
    public init(_ packet: RawSpan) throws(TrackerRequestError) {
        guard packet.byteCount >= 16 else { throw .tooShort(bytes: packet.byteCount) }
        let (connection, transaction) = (Self.connection(of: packet), Self.transaction(of: packet))
        switch packet.uint32(at: 8) {
        case Action.connect:
            guard connection.rawValue == Self.magic else { throw .notTheProtocol }
            self = .connect(transaction: transaction)
        case Action.announce:
            self = .announce(
                connection: connection, transaction: transaction, try AnnounceRequest(udpPacket: packet))
        case Action.scrape:
            let count = min((packet.byteCount - 16) / 20, ScrapeRequest.packetLimit)
            guard count > 0 else { throw .missing(.infoHash) }
            let hashes = (0..<count).compactMap { InfoHash(packet, at: 16 + $0 * 20) }
            self = .scrape(connection: connection, transaction: transaction, ScrapeRequest(infoHashes: hashes))
        case let action: throw .unknownAction(action)
        }
    }

    /// Appends the packet. `urlData` is the path and query of the tracker's URL, where it has more to say than
    /// `/announce`: it goes along with an announce as an option (BEP 41).
    public func append(urlData: [UInt8] = [], to output: inout [UInt8]) {
        switch self {
        case .connect(let transaction):
            output.appendBigEndian(Self.magic)
            output.appendBigEndian(Action.connect)
            output.appendBigEndian(transaction.rawValue)
        case .announce(let connection, let transaction, let request):
            output.appendBigEndian(connection.rawValue)
            output.appendBigEndian(Action.announce)
            output.appendBigEndian(transaction.rawValue)
            request.appendUDP(to: &output)
            Self.appendOptions(urlData: urlData, to: &output)
        case .scrape(let connection, let transaction, let request):
            output.appendBigEndian(connection.rawValue)
            output.appendBigEndian(Action.scrape)
            output.appendBigEndian(transaction.rawValue)
            for infoHash in request.infoHashes.prefix(ScrapeRequest.packetLimit) { infoHash.bytes.append(to: &output) }
        }
    }

    /// URL data in options of at most 255 bytes each, then the end of options.
    private static func appendOptions(urlData: [UInt8], to output: inout [UInt8]) {
        guard !urlData.isEmpty else { return }
        var rest = urlData[...]
        while !rest.isEmpty {
            let part = rest.prefix(255)
            output.append(2)
            output.append(UInt8(part.count))
            output += part
            rest = rest.dropFirst(part.count)
        }
        output.append(0)
    }
}

extension AnnounceRequest {
    /// The body of an announce packet; the other fields are not looked at, nor is what follows it (BEP 41). An event
    /// that is none is as if there were none.
    public init(udpPacket packet: RawSpan) throws(TrackerRequestError) {
        guard packet.byteCount >= UDPTrackerRequest.announceLength,
            let infoHash = InfoHash(packet, at: 16), let peerID = PeerID(packet, at: 36)
        else { throw .tooShort(bytes: packet.byteCount) }
        let event = AnnounceEvent(rawValue: packet.uint32(at: 80))
        let wanted = Int32(truncatingIfNeeded: packet.uint32(at: 92))
        self.init(
            infoHash: infoHash, peerID: peerID, port: packet.uint16(at: 96),
            uploaded: Int64(clamping: packet.uint64(at: 72)), downloaded: Int64(clamping: packet.uint64(at: 56)),
            left: Int64(clamping: packet.uint64(at: 64)), event: event ?? .none,
            numberWanted: wanted < 0 ? nil : Int(wanted), key: AnnounceKey(packet.uint32(at: 88)))
        if event == nil { ignored.insert(.event) }
        let given = packet.uint32(at: 84)
        if given != 0 { address = .v4(given) }
    }

    /// Everything after the transaction id.
    fileprivate func appendUDP(to output: inout [UInt8]) {
        infoHash.bytes.append(to: &output)
        peerID.bytes.append(to: &output)
        output.appendBigEndian(downloaded)
        output.appendBigEndian(left)
        output.appendBigEndian(uploaded)
        output.appendBigEndian(event.rawValue)
        if case .v4(let given)? = address { output.appendBigEndian(given) } else { output.appendBigEndian(UInt32(0)) }
        output.appendBigEndian(key?.rawValue ?? 0)
        output.appendBigEndian(numberWanted.map { Int32(clamping: $0) } ?? -1)
        output.appendBigEndian(port)
    }
}
