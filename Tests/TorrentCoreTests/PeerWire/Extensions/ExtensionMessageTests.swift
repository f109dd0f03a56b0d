import Testing
import TorrentCore

@Suite struct ExtensionMessageTests {
    static func parse(_ row: PeerExtension, _ body: [UInt8]) throws(WireError) -> ExtensionMessage? {
        try body.withBytes { span throws(WireError) in try ExtensionMessage(row, parsing: span) }
    }

    /// The frame of a message, and what is read of it.
    static func roundTrip(_ message: ExtensionMessage, as id: UInt8) throws -> ExtensionMessage? {
        var frame: [UInt8] = []
        message.append(as: id, to: &frame)
        if case .metadata(.data(_, _, let length)) = message { frame += [UInt8](repeating: 9, count: length) }
        let read = try frame.withBytes { bytes throws(WireError) in
            try MessageReader(pieceCount: 1).next(in: bytes)
        }
        guard case .extended(id, let body, frame.count) = read else { return nil }
        return try parse(message.row, Array(frame[body]))
    }

    @Test(arguments: [
        ExtensionMessage.metadata(.request(piece: 0)), .metadata(.reject(piece: .max)),
        .metadata(.data(piece: 2, totalSize: 40_000, length: 7_232)), .lacks(0), .lacks(.max),
        .exchange(PeerExchange()),
        .exchange(
            PeerExchange(
                added: [ExchangedPeer(Endpoint(.loopbackV4, port: 1), .reachable)],
                dropped: [Endpoint(.loopbackV6, port: 2)])),
    ])
    func aWholeFrameIsReadAsItWasWritten(_ message: ExtensionMessage) throws {
        #expect(try Self.roundTrip(message, as: 77) == message)
    }

    /// After `lt_donthave` of BEP 54: a piece by its number, as in a `have`.
    @Test func aPieceThatIsThereNoMore() throws {
        var frame: [UInt8] = []
        ExtensionMessage.lacks(0x0102_0304).append(as: 7, to: &frame)
        #expect(frame.hex == "00000006140701020304")
        for wrong in [[], [0, 0, 1], [0, 0, 0, 0, 1]] as [[UInt8]] {
            #expect(throws: WireError.badExtensionMessage(.lacks)) { try Self.parse(.lacks, wrong) }
        }
    }

    @Test func nothingIsSentUnderTurns() throws {
        #expect(try Self.parse(.turns, []) == nil)
    }
}

@Suite struct MetadataMessageTests {
    static func parse(_ text: String, _ payload: [UInt8] = []) throws(WireError) -> (MetadataMessage, [UInt8]) {
        let body = Array(text.utf8) + payload
        let (message, range) = try body.withBytes { span throws(WireError) in try MetadataMessage.parse(span) }
        return (message, Array(body[range]))
    }

    /// The examples of BEP 9.
    static let vectors: [(MetadataMessage, String)] = [
        (.request(piece: 0), "d8:msg_typei0e5:piecei0ee"), (.reject(piece: 0), "d8:msg_typei2e5:piecei0ee"),
        (.data(piece: 0, totalSize: 3_425, length: 4), "d8:msg_typei1e5:piecei0e10:total_sizei3425ee"),
        (.request(piece: .max), "d8:msg_typei0e5:piecei4294967295ee"),
    ]

    @Test func everyMessageHasItsBytes() throws {
        for (message, text) in Self.vectors {
            var bytes: [UInt8] = []
            message.append(to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == text)
            var payload: [UInt8] = []
            if case .data(_, _, let length) = message { payload = [UInt8](repeating: 101, count: length) }
            let (read, rest) = try Self.parse(text, payload)
            #expect(read == message && rest == payload)
        }
    }

    /// Whatever else stands there, and in whatever order.
    @Test func oddOnesAreUnderstood() throws {
        #expect(try Self.parse("d5:piecei3e8:msg_typei0e1:xli1eee").0 == .request(piece: 3))
        #expect(try Self.parse("d8:msg_typei3e5:piecei0ee").0 == .unknown)
        #expect(try Self.parse("d8:msg_typei-1ee").0 == .unknown)
        #expect(try Self.parse("d8:msg_typei2e5:piecei1ee", [1, 2]).0 == .reject(piece: 1))
    }

    @Test(arguments: [
        "", "de", "le", "i0e", "d8:msg_typei0ee", "d8:msg_type1:05:piecei0ee", "d8:msg_typei0e5:piecei-1ee",
        "d8:msg_typei0e5:piecei4294967296ee", "d8:msg_typei1e5:piecei0ee", "d8:msg_typei0e5:piecei0e",
        "d8:msg_typei1e5:piecei0e10:total_sizei0ee", "d8:msg_typei0e5:piecei0e1:z2000:",
    ])
    func whatIsNoneIsRefused(_ text: String) {
        #expect(throws: WireError.badExtensionMessage(.metadata)) { try Self.parse(text) }
    }

    @Test func blocksLieEndToEnd() {
        for byteCount in [1, 16_383, 16_384, 16_385, 40_000] {
            let count = MetadataMessage.blockCount(of: byteCount)
            let ranges = (0..<UInt32(count)).compactMap { MetadataMessage.range(of: $0, in: byteCount) }
            #expect(ranges.flatMap { [$0.lowerBound, $0.upperBound] }.first == 0)
            #expect(ranges.last?.upperBound == byteCount)
            #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            #expect(ranges.dropLast().allSatisfy { $0.count == 16_384 })
            #expect(MetadataMessage.range(of: UInt32(count), in: byteCount) == nil)
        }
        #expect(MetadataMessage.range(of: 0, in: 0) == nil)
        #expect(MetadataMessage.range(of: .max, in: .max)?.count == 16_384)
    }

    @Test func tamperedMessagesAreReadOrRefused() {
        var generator = SplitMix64(seed: 41)
        for round in 0..<3_000 {
            let (_, text) = Self.vectors[round % Self.vectors.count]
            let bytes = (Array(text.utf8) + [1, 2, 3]).mutated(using: &generator)
            guard let (message, payload) = try? bytes.withBytes({ try MetadataMessage.parse($0) }) else { continue }
            #expect(payload.upperBound == bytes.count, "round \(round)")
            if case .data(_, let size, let length) = message {
                #expect(size > 0 && length == payload.count, "round \(round)")
            }
        }
    }
}
