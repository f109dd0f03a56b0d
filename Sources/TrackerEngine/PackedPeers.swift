import TorrentCore

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

    /// Adds those of `entries`, as they lie in a table, up to `limit` of them: none that is `own`, and, to the world,
    /// none of a private network. How many.
    mutating func append(_ entries: RawSpan, upTo limit: Int, except own: PeerEntryV4, toWorld: Bool) -> Int {
        precondition(unsafe end + limit * 6 + 2 <= room.count)
        let start = end
        var offset = 0
        let stop = end + limit * 6
        while offset + PeerEntryV4.byteCount <= entries.byteCount, end < stop {
            // A word in the machine's order, read as if in the network's, is as it goes over the wire.
            let peer = PeerEntryV4(compact: entries.uint64(at: offset))
            offset += PeerEntryV4.byteCount
            // Written in any case, and left standing if it counts.
            unsafe room.storeBytes(of: peer.compact, toByteOffset: end, as: UInt64.self)
            let counts = !peer.isSame(as: own) && !(toWorld && IPAddress.v4(peer.address).isPrivate)
            end += counts ? 6 : 0
        }
        return (end - start) / 6
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
