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

    /// Adds those of `entries`, as they lie in a table, that are not `own`, up to `limit` of them. How many.
    mutating func append(_ entries: RawSpan, upTo limit: Int, except own: PeerEntryV4) -> Int {
        precondition(unsafe limit >= 0 && end + limit * 6 + 2 <= room.count)
        var written = 0
        unsafe entries.withUnsafeBytes { source in
            guard let target = unsafe room.baseAddress else { return }
            var offset = 0
            while offset &+ PeerEntryV4.byteCount <= source.count, written < limit &* 6 {
                let peer = PeerEntryV4(word: unsafe source.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                // Always written, and overwritten by the next one if it does not count.
                unsafe target.storeBytes(of: peer.compact, toByteOffset: end &+ written, as: UInt64.self)
                written &+= peer.isSame(as: own) ? 0 : 6
                offset &+= PeerEntryV4.byteCount
            }
        }
        end += written
        return written / 6
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
