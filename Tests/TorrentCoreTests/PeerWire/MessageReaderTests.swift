import Testing
import TorrentCore

@Suite struct MessageReaderTests {
    static let block = WireBlock(piece: 0x0102_0304, begin: 0x4000, length: 0x4000)

    /// Each message beside the bytes that BEP 3, 5 and 6 give it.
    static let vectors: [(PeerMessage, String)] = [
        (.keepAlive, "00000000"), (.choke, "0000000100"), (.unchoke, "0000000101"), (.interested, "0000000102"),
        (.notInterested, "0000000103"), (.have(7), "000000050400000007"),
        (.request(block), "0000000d06010203040000400000004000"),
        (.cancel(block), "0000000d08010203040000400000004000"), (.port(6881), "00000003091ae1"),
        (.suggest(9), "000000050d00000009"), (.haveAll, "000000010e"), (.haveNone, "000000010f"),
        (.reject(block), "0000000d10010203040000400000004000"), (.allowedFast(1), "000000051100000001"),
    ]

    /// What `next` answers for `bytes`, in a torrent of `pieceCount` pieces.
    static func next(_ bytes: [UInt8], pieceCount: Int = 10) throws(WireError) -> FrameStart {
        try bytes.withBytes { span throws(WireError) in try MessageReader(pieceCount: pieceCount).next(in: span) }
    }

    @Test func everyMessageHasItsBytes() throws {
        for (message, hex) in Self.vectors {
            var bytes: [UInt8] = []
            message.append(to: &bytes)
            #expect(bytes.hex == hex)
            #expect(try Self.next(bytes) == .message(message, size: bytes.count))
            #expect(try Self.next(bytes + [0, 0]) == .message(message, size: bytes.count))
        }
    }

    @Test func messagesOfAnyLengthAreFramed() throws {
        var bytes: [UInt8] = []
        var field = Bitfield(count: 10)
        field[0] = true
        field[9] = true
        field.appendMessage(to: &bytes)
        #expect(bytes.hex == "00000003058040")
        #expect(try Self.next(bytes) == .bitfield(body: 5..<7, size: 7))

        bytes = []
        ExtendedMessage.append(id: 3, body: [1, 2, 3], to: &bytes)
        #expect(bytes.hex == "000000051403010203")
        #expect(try Self.next(bytes) == .extended(id: 3, body: 6..<9, size: 9))

        bytes = []
        PieceHeader(Self.block).append(to: &bytes)
        #expect(bytes.hex == "00004009070102030400004000")
        #expect(try Self.next(bytes) == .piece(Self.block, headerSize: 13))
        #expect(try Self.next([0, 0, 0, 3, 99, 1, 2]) == .unknown(size: 7))
    }

    /// Before anybody has said how many pieces there are, a bitfield may be of any length up to a limit.
    @Test func aBitfieldOfUnknownLengthIsFramed() throws {
        let reader = MessageReader(longestBitfield: 3)
        func next(_ bytes: [UInt8]) throws(WireError) -> FrameStart {
            try bytes.withBytes { span throws(WireError) in try reader.next(in: span) }
        }
        #expect(try next([0, 0, 0, 4, 5, 1, 2, 3]) == .bitfield(body: 5..<8, size: 8))
        #expect(try next([0, 0, 0, 1, 5, 9]) == .bitfield(body: 5..<5, size: 5))
        #expect(throws: WireError.wrongLength(id: 5, length: 5)) { try next([0, 0, 0, 5, 5]) }
        #expect(try next([0, 0, 0, 1, 0]) == .message(.choke, size: 5))
    }

    @Test func wrongLengthsAreNamed() {
        #expect(throws: WireError.wrongLength(id: 0, length: 2)) { try Self.next([0, 0, 0, 2, 0]) }
        #expect(throws: WireError.wrongLength(id: 4, length: 4)) { try Self.next([0, 0, 0, 4, 4]) }
        #expect(throws: WireError.wrongLength(id: 5, length: 4)) { try Self.next([0, 0, 0, 4, 5]) }
        #expect(throws: WireError.wrongLength(id: 6, length: 12)) { try Self.next([0, 0, 0, 12, 6]) }
        #expect(throws: WireError.wrongLength(id: 7, length: 8)) { try Self.next([0, 0, 0, 8, 7]) }
        #expect(throws: WireError.wrongLength(id: 20, length: 1)) { try Self.next([0, 0, 0, 1, 20]) }
    }

    @Test func framesAboveTheLimitsAreRefusedBeforeTheyAreRead() {
        let block = MessageReader.longestBlock + 10
        #expect(throws: WireError.frameTooLong(id: 7, length: block)) { try Self.next([0, 2, 0, 10, 7]) }
        #expect(throws: WireError.frameTooLong(id: 20, length: 0x20001)) { try Self.next([0, 2, 0, 1, 20]) }
        #expect(throws: WireError.frameTooLong(id: 47, length: 0xFFFF_FFFF)) {
            try Self.next([0xFF, 0xFF, 0xFF, 0xFF, 47])
        }
    }

    /// A stream read whole, and the same stream of which one byte more is shown at a time, give the same frames, and
    /// `need` never lies: with a byte less there is no answer.
    @Test func byteByByteEqualsWhole() throws {
        var stream: [UInt8] = []
        for (message, _) in Self.vectors { message.append(to: &stream) }
        Bitfield(count: 10, filled: true).appendMessage(to: &stream)
        ExtendedMessage.append(id: 0, body: Array("de".utf8), to: &stream)
        stream += [0, 0, 0, 2, 200, 1]

        func frames(step: Int) throws -> [FrameStart] {
            var found: [FrameStart] = []
            var start = 0
            var shown = 0
            var need = 0
            while start < stream.count {
                shown = min(stream.count, max(shown + step, start))
                let answer = try Self.next(Array(stream[start..<shown]))
                if case .incomplete(let wanted) = answer {
                    #expect(wanted > shown - start)
                    need = wanted
                    continue
                }
                if step == 1 { #expect(shown - start >= need) }
                found.append(answer)
                start += answer.size
                need = 0
            }
            return found
        }
        let whole = try frames(step: stream.count)
        #expect(whole.count == Self.vectors.count + 3)
        #expect(try frames(step: 1) == whole)
        #expect(try frames(step: 7) == whole)
    }

    /// Bytes that somebody has tampered with are framed or refused, never read past their end, and every step moves on.
    @Test func tamperedStreamsEndInFramesOrErrors() {
        var generator = SplitMix64(seed: 6)
        var base: [UInt8] = []
        for (message, _) in Self.vectors { message.append(to: &base) }
        Bitfield(count: 10).appendMessage(to: &base)
        for _ in 0..<3_000 {
            var bytes = base
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
            var start = 0
            while start < bytes.count {
                guard let frame = try? Self.next(Array(bytes[start...])) else { break }
                if case .incomplete(let need) = frame {
                    #expect(need > bytes.count - start)
                    break
                }
                #expect(frame.size > 0)
                start += frame.size
                if case .piece = frame { continue }
                #expect(start <= bytes.count)
            }
        }
    }
}

extension FrameStart {
    /// Bytes to drop before the next frame; of a piece its header alone.
    fileprivate var size: Int {
        switch self {
        case .incomplete: 0
        case .message(_, let size), .bitfield(_, let size), .extended(_, _, let size), .unknown(let size),
            .piece(_, let size):
            size
        }
    }
}
