import Testing
import TorrentCore

@Suite struct HandshakeMachineTests {
    static let ours = Handshake(infoHash: hash(1), peerID: PeerID(Bytes20(high: 2, middle: 2, low: 2)))
    static let theirs = Handshake(
        infoHash: hash(1), peerID: PeerID(Bytes20(high: 3, middle: 3, low: 3)), reserved: .fast)

    static func hash(_ low: UInt32) -> InfoHash { InfoHash(Bytes20(high: 0, middle: 0, low: low)) }

    static func bytes(_ handshake: Handshake) -> [UInt8] {
        var bytes: [UInt8] = []
        handshake.append(to: &bytes)
        return bytes
    }

    /// One that has said all that it has to say first.
    static func machine(isOutgoing: Bool) -> HandshakeMachine {
        guard isOutgoing else { return .incoming() }
        var machine = HandshakeMachine.outgoing(saying: ours)
        machine.said(Handshake.byteCount)
        return machine
    }

    @Test func whoConnectedSpeaksAtOnceAndWhoDidNotListens() {
        #expect(HandshakeMachine.outgoing(saying: Self.ours).outbox == Self.bytes(Self.ours))
        #expect(HandshakeMachine.incoming().outbox == [])
    }

    @Test func whatWasSentIsNotSentAgain() {
        var machine = HandshakeMachine.outgoing(saying: Self.ours)
        machine.said(0)
        machine.said(5)
        #expect(machine.outbox == Array(Self.bytes(Self.ours)[5...]))
        machine.said(63)
        #expect(machine.outbox == [])
    }

    /// What arrives, in which parts, and what becomes of the last of them; all before it must leave it incomplete.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let parts: [[UInt8]]
        let end: HandshakeMachine.Progress
    }

    static let table: [Row] = {
        let whole = bytes(theirs)
        func wrong(at position: Int) -> [UInt8] {
            var bytes = whole
            bytes[position] ^= 1
            return Array(bytes[...position])
        }
        return [
            Row(testDescription: "whole", parts: [whole], end: .established(theirs, consumed: 68)),
            Row(
                testDescription: "byte by byte", parts: whole.map { [$0] }, end: .established(theirs, consumed: 1)),
            Row(
                testDescription: "with bytes past it", parts: [whole + [0, 0, 0, 1, 2]],
                end: .established(theirs, consumed: 68)),
            Row(
                testDescription: "with bytes past its second part",
                parts: [Array(whole[..<40]), Array(whole[40...]) + whole], end: .established(theirs, consumed: 28)),
            Row(testDescription: "nothing at all", parts: [[]], end: .incomplete),
            Row(testDescription: "cut within the opening", parts: [Array(whole[..<7])], end: .incomplete),
            Row(testDescription: "cut before its last byte", parts: [Array(whole[..<67]), []], end: .incomplete),
            Row(testDescription: "another protocol", parts: [[0x47]], end: .failed(.notBitTorrent)),
            Row(testDescription: "a name of another length", parts: [[18]], end: .failed(.notBitTorrent)),
            Row(testDescription: "another name", parts: [wrong(at: 1)], end: .failed(.notBitTorrent)),
            Row(
                testDescription: "another name in its last byte", parts: wrong(at: 19).map { [$0] },
                end: .failed(.notBitTorrent)),
        ]
    }()

    @Test(arguments: table, [false, true])
    func everyBeginningHasItsEnd(_ row: Row, isOutgoing: Bool) {
        var machine = Self.machine(isOutgoing: isOutgoing)
        for part in row.parts.dropLast() { #expect(machine.take(part[...]) == .incomplete) }
        #expect(machine.take((row.parts.last ?? [])[...]) == row.end)
    }

    @Test func bothRolesShakeHandsInPartsOfAnyLength() {
        for seed in UInt64(1)...50 {
            var generator = SplitMix64(seed: seed)
            var (near, far) = (HandshakeMachine.outgoing(saying: Self.ours), HandshakeMachine.incoming())
            // Who listened answers as soon as it knows the torrent, and goes on talking.
            var (toFar, toNear): ([UInt8], [UInt8]) = ([], [])
            var (heardByFar, heardByNear): (Handshake?, Handshake?) = (nil, nil)
            for _ in 0..<1_000 where heardByNear == nil {
                let sent = Int.random(in: 0...near.outbox.count, using: &generator)
                toFar += near.outbox[..<sent]
                near.said(sent)
                let arrived = toFar.prefix(Int.random(in: 0...20, using: &generator))
                toFar.removeFirst(arrived.count)
                if case .established(let handshake, let consumed) = far.take(arrived), heardByFar == nil {
                    #expect(consumed == arrived.count)
                    heardByFar = handshake
                    toNear = Self.bytes(Self.theirs) + [1, 2, 3]
                }
                let answer = toNear.prefix(Int.random(in: 0...20, using: &generator))
                guard near.outbox.isEmpty else { continue }
                toNear.removeFirst(answer.count)
                if case .established(let handshake, let consumed) = near.take(answer) {
                    heardByNear = handshake
                    #expect(Array(answer[(answer.startIndex + consumed)...]) + toNear == [1, 2, 3], "seed \(seed)")
                }
            }
            #expect(heardByFar == Self.ours && heardByNear == Self.theirs, "seed \(seed)")
        }
    }

    /// Whatever comes, in whatever parts: the end is that of all bytes at once, and is known with the byte that
    /// decides it.
    @Test func anyBytesInAnyPartsComeToTheSameEnd() {
        var ends: [Bool: Int] = [:]
        for seed in UInt64(1)...2_000 {
            var generator = SplitMix64(seed: seed)
            var bytes = Self.bytes(Self.theirs) + [UInt8].random(upTo: 40, using: &generator)
            if seed % 3 == 0 { bytes = bytes.mutated(using: &generator) }
            if seed % 5 == 0 { bytes = [UInt8].random(upTo: 100, using: &generator) }
            let deciding = (0...bytes.count).first { Self.end(of: bytes[..<$0]) != .incomplete }
            var machine = HandshakeMachine.incoming()
            var (at, progress) = (0, HandshakeMachine.Progress.incomplete)
            while at < bytes.count, progress == .incomplete {
                let part = bytes[at...].prefix(Int.random(in: 1...30, using: &generator))
                progress = machine.take(part)
                at += part.count
                #expect((progress == .incomplete) == (at < deciding ?? .max), "seed \(seed)")
                if case .established(_, let consumed) = progress {
                    #expect(part.startIndex + consumed == Handshake.byteCount, "seed \(seed)")
                }
            }
            ends[deciding == Handshake.byteCount, default: 0] += 1
            guard case .established(let heard, _) = progress else { continue }
            #expect(Self.bytes(heard) == Array(bytes[..<Handshake.byteCount]), "seed \(seed)")
        }
        // Both ends were tried often enough to mean something.
        #expect(ends[true, default: 0] > 500 && ends[false, default: 0] > 300, "\(ends)")
    }

    private static func end(of bytes: ArraySlice<UInt8>) -> HandshakeMachine.Progress {
        var machine = HandshakeMachine.incoming()
        return machine.take(bytes)
    }
}
