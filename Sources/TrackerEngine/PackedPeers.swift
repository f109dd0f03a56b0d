/// Room in an answer for IPv4 peers, written eight bytes at a time, of which six count. Lent by `appendPeers` alone.
@safe struct PackedPeers {
    private let room: UnsafeMutableRawBufferPointer
    fileprivate var end: Int

    @unsafe fileprivate init(_ room: UnsafeMutableRawBufferPointer, from end: Int) {
        unsafe self.room = room
        self.end = end
    }

    /// Adds one; there must be room.
    @inline(__always)
    mutating func append(_ peer: PeerEntryV4) {
        precondition(unsafe end + 8 <= room.count)
        unsafe room.storeBytes(of: peer.compact, toByteOffset: end, as: UInt64.self)
        end += 6
    }
}

extension [UInt8] {
    /// Lets `body` add up to `count` peers.
    @inline(__always)
    mutating func appendPeers(upTo count: Int, _ body: (inout PackedPeers) -> Void) {
        let start = self.count
        append(contentsOf: repeatElement(0, count: count * 6 + 2))
        let end = unsafe withUnsafeMutableBytes { bytes in
            var peers = unsafe PackedPeers(bytes, from: start)
            body(&peers)
            return peers.end
        }
        removeLast(self.count - end)
    }
}
