/// Room in an answer for IPv4 peers, written eight bytes at a time, of which six count. Lent by `appendPeers` alone.
@safe struct PackedPeers {
    private let room: UnsafeMutableRawBufferPointer
    fileprivate var end = 0

    @unsafe fileprivate init(_ room: UnsafeMutableRawBufferPointer) { unsafe self.room = room }

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
        append(addingCapacity: count * 6 + 2) { output in
            unsafe output.withUnsafeMutableBufferPointer { bytes, initialized in
                var peers = unsafe PackedPeers(UnsafeMutableRawBufferPointer(bytes))
                body(&peers)
                initialized = peers.end
            }
        }
    }
}
