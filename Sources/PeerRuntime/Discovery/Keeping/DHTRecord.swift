import DHTEngine
import TorrentCore

/// What the nodes of a process keep between runs (BEP 5), as it stands in a file.
struct DHTRecord: Equatable, Sendable {
    var v4 = DHTMemory()
    var v6 = DHTMemory()

    private static let version: Int64 = 1
    /// Most nodes of a family that are kept.
    static let mostContacts = 500
    /// Bytes of the longest file.
    static let longest = 64 << 10
    /// The SHA-1 of all that is before it, at the end: a record with a flipped bit is none.
    private static let checksumLength = 20

    subscript(isV4 isV4: Bool) -> DHTMemory {
        get { isV4 ? v4 : v6 }
        set { if isV4 { v4 = newValue } else { v6 = newValue } }
    }

    init() {}

    /// A bencoded dictionary, and its checksum.
    var encoded: [UInt8] {
        var root = BencodeDictionary()
        root["version"] = .integer(Self.version)
        if let id = v4.id { root["id"] = .string(id.bytes.array) }
        if let id = v6.id { root["id6"] = .string(id.bytes.array) }
        root["nodes"] = .string(Self.compact(v4.contacts, isV4: true))
        root["nodes6"] = .string(Self.compact(v6.contacts, isV4: false))
        let body = BencodeValue.dictionary(root).encoded
        return body + Self.checksum(of: body)
    }

    /// Nil if it is none, or of another version.
    init?(_ bytes: [UInt8]) {
        let body = Array(bytes.dropLast(Self.checksumLength))
        let limits = BencodeLimits(byteCount: Self.longest, depth: 2, items: 16)
        guard bytes.suffix(Self.checksumLength).elementsEqual(Self.checksum(of: body)),
            let value = try? BencodeValue(decoding: body, limits: limits),
            value["version"]?.integer == Self.version,
            let nodes = Self.contacts(value["nodes"]?.string, isV4: true),
            let nodes6 = Self.contacts(value["nodes6"]?.string, isV4: false)
        else { return nil }
        v4 = DHTMemory(id: Self.id(value["id"]?.string), contacts: nodes)
        v6 = DHTMemory(id: Self.id(value["id6"]?.string), contacts: nodes6)
    }

    private static func compact(_ contacts: [DHTContact], isV4: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        for contact in contacts.prefix(mostContacts) where contact.endpoint.address.isV4 == isV4 {
            bytes += contact.id.bytes.array
            contact.endpoint.appendCompact(to: &bytes)
        }
        return bytes
    }

    private static func contacts(_ bytes: [UInt8]?, isV4: Bool) -> [DHTContact]? {
        let length = isV4 ? 26 : 38
        guard let bytes, bytes.count.isMultiple(of: length), bytes.count <= mostContacts * length else { return nil }
        return stride(from: 0, to: bytes.count, by: length).compactMap { start in
            Array(bytes[start..<start + length]).withBytes { bytes in
                guard let id = Bytes20(bytes.extracting(0..<20)),
                    let endpoint = Endpoint(compact: bytes.extracting(20..<length)), endpoint.port != 0
                else { return nil }
                return DHTContact(NodeID(id), endpoint)
            }
        }
    }

    private static func id(_ bytes: [UInt8]?) -> NodeID? {
        bytes.flatMap { $0.withBytes { Bytes20($0) } }.map { NodeID($0) }
    }

    private static func checksum(of body: [UInt8]) -> [UInt8] {
        body.withBytes { SHA1.digest(of: $0) }.bytes.array
    }
}
