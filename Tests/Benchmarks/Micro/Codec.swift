import TorrentCore

/// Messages between peers, as many of each as a transfer has.
func measureCodec(_ bench: Bench) {
    let count = 4_096
    let messages = (0..<count).map { number -> PeerMessage in
        let piece = UInt32(number)
        return number % 4 == 0 ? .have(piece) : .request(WireBlock(piece: piece, begin: 16_384, length: 16_384))
    }
    var bytes: [UInt8] = []
    let writing = bench.time {
        bytes.removeAll(keepingCapacity: true)
        for message in messages { message.append(to: &bytes) }
    }
    bench.say("codec/write", Double(count) / writing * 1e3, "million messages/s")
    let reader = MessageReader(pieceCount: 5_000)
    let reading = bench.time {
        bytes.withBytes { all in
            var at = 0
            while at < all.byteCount {
                guard case .message(_, let size)? = try? reader.next(in: all.extracting(at..<all.byteCount)) else {
                    preconditionFailure("our own messages are read")
                }
                at += size
            }
        }
    }
    bench.say("codec/read", Double(count) / reading * 1e3, "million messages/s")
}
