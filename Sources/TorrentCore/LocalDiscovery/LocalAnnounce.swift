/// One datagram of local discovery: who sends it takes part in these torrents, and takes connections at this port
/// (BEP 14). Where it is says the address that it came from.
public struct LocalAnnounce: Hashable, Sendable {
    /// Never 0.
    public let port: UInt16
    /// Each once; at least one.
    public let infoHashes: [InfoHash]
    /// By which whoever sent it knows it again; empty if there is none.
    public let cookie: [UInt8]

    /// Most bytes that one is given, so that no network has to cut it in pieces (BEP 14).
    public static let longestSent = 1_400
    /// Most bytes that one is taken from: what fits into a packet of Ethernet.
    public static let longestAccepted = 1_500
    /// Most bytes of a cookie; a longer one is none.
    public static let longestCookie = 64
    /// Most torrents of one that is sent: so many fit beside a cookie of the longest kind and either group.
    public static let mostSent = 24

    /// `port` is not 0, and there are 1 to `mostSent` torrents. The cookie is of printable ASCII.
    public init(port: UInt16, infoHashes: [InfoHash], cookie: [UInt8] = []) {
        precondition(port != 0 && !infoHashes.isEmpty && infoHashes.count <= Self.mostSent)
        precondition(cookie.count <= Self.longestCookie && cookie.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        (self.port, self.infoHashes, self.cookie) = (port, infoHashes, cookie)
    }

    /// The datagram, as it goes to `group`.
    public func encoded(for group: LocalGroup) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.longestSent)
        bytes.append(ascii: "BT-SEARCH * HTTP/1.1\r\nHost: ")
        bytes.append(contentsOf: "\(group.endpoint)".utf8)
        bytes.append(ascii: "\r\nPort: ")
        bytes.append(decimal: port)
        for infoHash in infoHashes {
            bytes.append(ascii: "\r\nInfohash: ")
            bytes.append(contentsOf: "\(infoHash)".utf8)
        }
        if !cookie.isEmpty {
            bytes.append(ascii: "\r\ncookie: ")
            bytes.append(contentsOf: cookie)
        }
        bytes.append(ascii: "\r\n\r\n\r\n")
        return bytes
    }
}

// Reading. What is needed is taken strictly, what is not is passed over, whatever it says.
extension LocalAnnounce {
    /// From a datagram. What stands behind the empty line is not looked at: one line end, as the BEP has it, or none.
    public init(parsing datagram: RawSpan) throws(LocalAnnounceError) {
        guard datagram.byteCount <= Self.longestAccepted else { throw .tooLong(bytes: datagram.byteCount) }
        guard let length = HeaderReader.length(of: datagram) else { throw .cutShort }
        var reader = HeaderReader(end: length)
        guard datagram.matches(reader.nextLine(in: datagram), "BT-SEARCH * HTTP/1.1") else { throw .notASearch }
        var port: UInt16?
        var infoHashes: [InfoHash] = []
        var cookie: [UInt8] = []
        while let field = reader.nextReadableField(in: datagram) {
            if datagram.matchesLowercased(field.name, "infohash") {
                let infoHash = try Self.infoHash(datagram, field.value)
                if !infoHashes.contains(infoHash) { infoHashes.append(infoHash) }
            } else if datagram.matchesLowercased(field.name, "port") {
                guard port == nil else { throw .repeatedPort }
                port = try Self.port(datagram, field.value)
            } else if datagram.matchesLowercased(field.name, "cookie"), field.value.count <= Self.longestCookie {
                cookie = datagram.array(field.value)
            }
        }
        guard let port else { throw .noPort }
        guard !infoHashes.isEmpty else { throw .noInfoHash }
        (self.port, self.infoHashes, self.cookie) = (port, infoHashes, cookie)
    }

    private static func port(_ datagram: RawSpan, _ range: Range<Int>) throws(LocalAnnounceError) -> UInt16 {
        guard let number = datagram.decimal(range), let port = UInt16(exactly: number), port != 0 else {
            throw .malformedPort
        }
        return port
    }

    private static func infoHash(_ datagram: RawSpan, _ range: Range<Int>) throws(LocalAnnounceError) -> InfoHash {
        guard range.count == 40 else { throw .malformedInfoHash }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20)
        for position in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
            guard let high = UInt8(hexDigit: datagram.uint8(at: position)),
                let low = UInt8(hexDigit: datagram.uint8(at: position + 1))
            else { throw .malformedInfoHash }
            bytes.append(high << 4 | low)
        }
        guard let value = Bytes20(bytes) else { throw .malformedInfoHash }
        return InfoHash(value)
    }
}
