/// How much two peers ought to be connected to each other (BEP 40): both sides come to the same number, and nobody can
/// choose it. Where there are more peers than places, those with the highest are kept, so that a newcomer gets as far
/// as anybody else, and who floods a swarm no further.
public enum PeerPriority {
    /// Between peers at these places, each as the other side sees it. Nil where one is IPv4 and the other IPv6.
    public static func between(_ one: Endpoint, _ other: Endpoint) -> UInt32? {
        guard one.address.isV4 == other.address.isV4 else { return nil }
        if one.address == other.address {
            var ports: [UInt8] = []
            ports.appendBigEndian(min(one.port, other.port))
            ports.appendBigEndian(max(one.port, other.port))
            return CRC32C.checksum(ports)
        }
        let left = bytes(of: one.address)
        let right = bytes(of: other.address)
        let kept = wholeBytes(shared: zip(left, right).prefix { $0 == $1 }.count, isV4: one.address.isV4)
        let (first, second) = (masked(left, kept), masked(right, kept))
        let isInOrder = first.lexicographicallyPrecedes(second)
        return CRC32C.checksum(isInOrder ? first + second : second + first)
    }

    /// Of a network only every second bit of each byte counts, so that whoever has a small one gets few numbers: those
    /// behind the /16 of IPv4 or the /48 of IPv6, or, among neighbours, behind the first byte in which they differ.
    private static func wholeBytes(shared: Int, isV4: Bool) -> Int {
        let usual = isV4 ? 2 : 6
        return shared < usual ? usual : shared + 1
    }

    private static func masked(_ bytes: [UInt8], _ whole: Int) -> [UInt8] {
        bytes.enumerated().map { $0 < whole ? $1 : $1 & 0x55 }
    }

    private static func bytes(of address: IPAddress) -> [UInt8] {
        var bytes: [UInt8] = []
        address.append(to: &bytes)
        return bytes
    }
}
