import TorrentCore

extension Fuzzer {
    /// A stream of messages between peers. The first byte says how many pieces the torrent has.
    static let messages = Fuzzer(
        "messages", "frames are the same whatever is there of them; each is written as it was read"
    ) {
        let block = WireBlock(piece: 1, begin: 16_384, length: 16_384)
        let messages: [PeerMessage] = [
            .keepAlive, .choke, .unchoke, .interested, .notInterested, .have(3), .request(block), .cancel(block),
            .haveAll, .haveNone, .reject(block), .allowedFast(2), .suggest(1), .port(6_881),
        ]
        var all: [UInt8] = [9]
        for message in messages { message.append(to: &all) }
        var others: [UInt8] = [9]
        Bitfield(count: 9).appendMessage(to: &others)
        ExtendedMessage.append(id: 0, body: Array("de".utf8), to: &others)
        others += [0, 0, 0, 3, 99, 1, 2]
        PieceHeader(WireBlock(piece: 1, begin: 0, length: 4)).append(to: &others)
        others += [1, 2, 3, 4]
        return [all, others, Array(all.prefix(20)), [0, 0xFF, 0xFF, 0xFF, 0xFF, 7], [9, 0, 0, 0, 2, 5, 0]]
    } run: { bytes in
        guard let first = bytes.first else { return }
        let reader = MessageReader(pieceCount: Int(first) + 1)
        var rest = Array(bytes.dropFirst())
        while let frame = try? next(reader, rest) {
            let size = check(frame, reader, rest)
            // Of a piece the header alone: the block follows, and is not read here.
            guard let size, size > 0 else { return }
            rest = Array(rest.dropFirst(size))
        }
    }

    private static func next(_ reader: MessageReader, _ bytes: [UInt8]) throws(WireError) -> FrameStart {
        try bytes.withBytes { span throws(WireError) in try reader.next(in: span) }
    }

    /// The size of a frame; nil if it is not whole.
    private static func check(_ frame: FrameStart, _ reader: MessageReader, _ bytes: [UInt8]) -> Int? {
        var written: [UInt8] = []
        let size: Int
        switch frame {
        case .incomplete(let need):
            let longest =
                5 + max(reader.bitfieldBytes.upperBound, MessageReader.longestExtended, MessageReader.longestUnknown)
            hold(need > bytes.count && need <= longest, "\(need) bytes wanted where there are \(bytes.count)")
            return nil
        case .message(let message, let length):
            message.append(to: &written)
            size = length
        case .bitfield(let body, let length):
            hold(
                reader.bitfieldBytes.contains(body.count) && body.upperBound == length,
                "a bitfield of \(body.count) bytes")
            written = Array(bytes[..<length])
            size = length
        case .extended(let id, let body, let length):
            ExtendedMessage.append(id: id, body: Array(bytes[body]), to: &written)
            size = length
        case .piece(let block, let length):
            hold(block.length <= MessageReader.longestBlock, "a block of \(block.length) bytes")
            PieceHeader(block).append(to: &written)
            size = length
        case .unknown(let length):
            written = Array(bytes[..<length])
            size = length
        }
        hold(written == Array(bytes.prefix(size)), "\(frame) is written otherwise")
        hold((try? next(reader, Array(bytes.prefix(size)))) == frame, "another frame where nothing follows it")
        for cut in cuts(of: bytes) where cut < size {
            guard case .incomplete(let need)? = try? next(reader, Array(bytes.prefix(cut))) else {
                hold(false, "a whole frame after \(cut) of \(size) bytes")
                return nil
            }
            hold(need > cut && need <= size, "\(need) bytes wanted of \(size)")
        }
        return size
    }
}
