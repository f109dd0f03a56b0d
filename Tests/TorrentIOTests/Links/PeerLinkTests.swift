import Glibc
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@Suite struct PeerLinkTests {
    private static let geometry = TorrentGeometry(totalLength: 300_001, pieceLength: 65_536)

    /// Whatever the order of blocks, the words between them and the borders of the reads: all is heard in order, and
    /// every block lies in its place.
    @Test(arguments: PollerKind.allCases, [1, 40, 5_000, 400_000])
    func everythingSaidIsHeardInOrder(poller: PollerKind, longest: Int) async throws {
        let geometry = try #require(Self.geometry)
        for seed in UInt64(1)...(longest == 1 ? 1 : 12) {
            var script = LinkScript(seed: seed, geometry: geometry)
            let stage = try LinkStage(geometry, poller: poller)
            defer { stage.stop() }
            stage.reactor.start()
            let asked = script.asked
            stage.ask(asked)
            #expect(try receive(asked.count * 17, from: stage.far).count == asked.count * 17)
            let isSent = script.send(to: stage.far.number, longest: longest)
            #expect(isSent)
            let said = script.said
            let isDone = try await eventually(within: .seconds(20)) { stage.heard.all.count >= said.count }
            #expect(isDone && stage.heard.all == said, "seed \(seed)")
            #expect(stage.memory.elementsEqual(LinkScript.payload), "seed \(seed)")
            #expect(stage.ended.all.isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func servedBlocksLeaveInOrderBehindMessages(readsLate: Bool) async throws {
        let geometry = try #require(Self.geometry)
        let stage = try LinkStage(geometry, poller: .preferred)
        defer { stage.stop() }
        stage.readsLate = readsLate
        stage.reactor.start()
        let script = LinkScript(seed: 5, geometry: geometry)
        let blocks = script.asked.compactMap { geometry.block($0) }
        stage.onLink { link in
            for block in blocks { link.serve(block) }
            link.send(.have(3))
        }
        var expected: [UInt8] = []
        PeerMessage.have(3).append(to: &expected)
        for block in blocks {
            PieceHeader(block.onWire).append(to: &expected)
            let start = Int(geometry.offset(of: block.piece)) + Int(block.begin)
            expected += LinkScript.payload[start..<start + Int(block.length)]
        }
        #expect(try receive(expected.count, from: stage.far) == expected)
        #expect(try await eventually(within: .seconds(60)) { stage.sent.all == blocks })
    }

    /// Whoever has more to say hears when the last has left, and not before the other side reads.
    @Test func whatIsAwaitedIsReportedOnceWhenItHasLeft() async throws {
        let geometry = try #require(Self.geometry)
        let stage = try LinkStage(geometry, poller: .preferred)
        defer { stage.stop() }
        stage.reactor.start()
        let long = [UInt8](repeating: 7, count: 1_000_000)
        stage.onLink { link in link.send(awaited: long) }
        #expect(try await !eventually(within: .milliseconds(200)) { !stage.awaited.all.isEmpty })
        #expect(try receive(long.count, from: stage.far).count == long.count)
        #expect(try await eventually(within: .seconds(60)) { stage.awaited.all.count == 1 })
        stage.onLink { link in link.send(.have(3)) }
        #expect(try receive(9, from: stage.far).count == 9)
        #expect(stage.awaited.all.count == 1)
    }

    /// Another owner takes over in the middle of a message, with a reader that knows another number of pieces: nothing
    /// is heard twice, and nothing is lost.
    @Test func anotherOwnerTakesOverBetweenTwoBytes() async throws {
        let geometry = try #require(Self.geometry)
        let stage = try LinkStage(geometry, poller: .preferred)
        let next = try LinkStage(geometry, poller: .preferred)
        defer {
            stage.stop()
            next.stop()
        }
        stage.reactor.start()
        var said: [UInt8] = []
        PeerMessage.have(1).append(to: &said)
        PeerMessage.have(2).append(to: &said)
        Bitfield(count: 1_000).appendMessage(to: &said)
        let first = said.prefix(14)
        #expect(first.withUnsafeBytes { write(stage.far.number, $0.baseAddress, $0.count) } == first.count)
        #expect(try await eventually(within: .seconds(60)) { stage.heard.all == [.message(.have(1))] })
        let hasMoved = Recorder<Bool>()
        stage.onLink { link in
            link.move(to: next, reader: MessageReader(pieceCount: 1_000))
            hasMoved.add(true)
        }
        #expect(try await eventually(within: .seconds(60)) { !hasMoved.all.isEmpty })
        let rest = said.dropFirst(14)
        #expect(rest.withUnsafeBytes { write(stage.far.number, $0.baseAddress, $0.count) } == rest.count)
        let isHeard = try await eventually(within: .seconds(60)) {
            next.heard.all == [.message(.have(2)), .bitfield(125)]
        }
        #expect(isHeard, "\(next.heard.all)")
        #expect(stage.heard.all == [.message(.have(1))] && stage.ended.all.isEmpty && next.ended.all.isEmpty)
    }

    /// The other side reads slowly: a block counts as sent when it has left the machine, not when the kernel has it.
    @Test func onASlowLineTheKernelGetsLittleAhead() async throws {
        let geometry = try #require(Self.geometry)
        let stage = try LinkStage(geometry, poller: .preferred, ends: LinkStage.connectedEnds(receiveBuffer: 4_096))
        defer { stage.stop() }
        stage.reactor.start()
        let blocks = LinkScript(seed: 5, geometry: geometry).asked.compactMap { geometry.block($0) }
        let total = blocks.reduce(0) { $0 + PieceHeader.byteCount + Int($1.length) }
        stage.onLink { link in
            for block in blocks { link.serve(block) }
        }
        // The first offer waits in the kernel; nothing of it counts before it is read.
        #expect(try await !eventually(within: .milliseconds(200)) { !stage.sent.all.isEmpty })
        var read = 0
        while read < total {
            let count = min(8_192, total - read)
            #expect(try receive(count, from: stage.far).count == count)
            read += count
            // The buffer of the other side, and what may be unsent.
            #expect(stage.sent.all.reduce(0) { $0 + Int($1.length) } <= read + 32_768)
        }
        #expect(try await eventually(within: .seconds(60)) { stage.sent.all == blocks })
    }

    @Test func aRateLimitHoldsBothWaysAndLosesNothing() async throws {
        let geometry = try #require(Self.geometry)
        let limiter = SharedRateLimiter(rate: 3_000_000, at: MonotonicClock.now())
        let stage = try LinkStage(
            geometry, poller: .preferred, limiters: LinkLimiters(download: limiter, upload: limiter))
        defer { stage.stop() }
        stage.reactor.start()
        var script = LinkScript(seed: 4, geometry: geometry)
        let asked = script.asked
        let blocks = asked.compactMap { geometry.block($0) }
        stage.ask(asked)
        _ = try receive(asked.count * 17, from: stage.far)
        let isSent = script.send(to: stage.far.number, longest: 100_000)
        #expect(isSent)
        let said = script.said
        #expect(try await eventually(within: .seconds(20)) { stage.heard.all == said })
        stage.onLink { link in
            for block in blocks { link.serve(block) }
        }
        let length = blocks.reduce(0) { $0 + Int($1.length) + PieceHeader.byteCount }
        #expect(try receive(length, from: stage.far).count == length)
        #expect(try await eventually(within: .seconds(60)) { stage.sent.all == blocks })
    }

    /// At 20 kB a second a block takes most of a second, and 18 of them wait: what is said goes behind the first.
    @Test func wordsDoNotWaitForTheRateLimit() async throws {
        let geometry = try #require(Self.geometry)
        let limiter = SharedRateLimiter(rate: 20_000, at: MonotonicClock.now())
        let stage = try LinkStage(geometry, poller: .preferred, limiters: LinkLimiters(upload: limiter))
        defer { stage.stop() }
        stage.reactor.start()
        let blocks = LinkScript(seed: 5, geometry: geometry).asked.compactMap { geometry.block($0) }
        stage.onLink { link in
            for block in blocks { link.serve(block) }
        }
        // The first block leaves at once, and whole.
        let first = PieceHeader.byteCount + Int(blocks[0].length)
        #expect(try receive(first, from: stage.far).count == first)
        let began = MonotonicClock.now()
        for piece in UInt32(0)..<3 {
            stage.onLink { $0.send(.have(piece)) }
            var expected: [UInt8] = []
            PeerMessage.have(piece).append(to: &expected)
            #expect(try receive(expected.count, from: stage.far) == expected)
        }
        #expect(MonotonicClock.now() - began < .milliseconds(600))
        #expect(stage.sent.all == [blocks[0]])
    }

    /// A limit that begins while a block is on its way, with others before this link: the rest of that block is not
    /// held up, since nothing may be said in the middle of it.
    @Test(arguments: [nil, 10_000_000])
    func aNewLimitHoldsNoBlockUpThatHasBegun(rate: Int?) async throws {
        let geometry = try #require(Self.geometry)
        let limiter = SharedRateLimiter(rate: rate, at: MonotonicClock.now())
        let stage = try LinkStage(geometry, poller: .preferred, limiters: LinkLimiters(upload: limiter))
        defer { stage.stop() }
        stage.reactor.start()
        let blocks = geometry.pieces.prefix(2).map { geometry.block(0, of: $0) }
        var expected: [UInt8] = []
        for block in blocks {
            PieceHeader(block.onWire).append(to: &expected)
            let start = Int(geometry.offset(of: block.piece)) + Int(block.begin)
            expected += LinkScript.payload[start..<start + Int(block.length)]
        }
        PeerMessage.have(3).append(to: &expected)
        stage.onLink { [reactor = stage.reactor] link in
            for block in blocks { link.serve(block) }
            // A slow line takes 32 KiB at one go, which is nearly all of two blocks.
            link.flush()
            limiter.setRate(1_000, at: reactor.now)
            _ = limiter.reserve(1_000_000, at: reactor.now)
            link.limitsChanged()
            link.send(.have(3))
        }
        #expect(try receive(expected.count, from: stage.far) == expected)
        #expect(try await eventually(within: .seconds(60)) { stage.sent.all == blocks })
    }

    /// What a link was allowed to read and never did is for others.
    @Test func whoHangsUpTakesNothingOfTheLimit() async throws {
        let geometry = try #require(Self.geometry)
        let start = MonotonicClock.now()
        let limiter = SharedRateLimiter(rate: 1_000_000, at: start)
        let stage = try LinkStage(geometry, poller: .preferred, limiters: LinkLimiters(download: limiter))
        defer { stage.stop() }
        stage.reactor.start()
        stage.far.close()
        #expect(try await eventually(within: .seconds(60)) { stage.ended.all == [.closedByPeer] })
        // All that a quarter of a second brings, as at the start.
        #expect(limiter.take(upTo: 1_000_000, at: start) == 250_000)
    }

    /// The other side takes in nothing: a message said then goes behind the block that has begun, before all others.
    @Test func wordsPassBetweenBlocks() async throws {
        let geometry = try #require(Self.geometry)
        let stage = try LinkStage(geometry, poller: .preferred, ends: LinkStage.connectedEnds(receiveBuffer: 4_096))
        defer { stage.stop() }
        stage.reactor.start()
        let blocks = (0..<18).compactMap {
            geometry.block(WireBlock(piece: UInt32($0 / 4), begin: UInt32($0 % 4) * 16_384, length: 16_384))
        }
        stage.onLink { link in
            for block in blocks { link.serve(block) }
        }
        #expect(try await !eventually(within: .milliseconds(200)) { !stage.sent.all.isEmpty })
        stage.onLink { $0.send(.have(3)) }
        let reader = MessageReader(pieceCount: geometry.pieceCount)
        var (bytes, before) = ([UInt8](), 0)
        while before < blocks.count {
            bytes += try receive(1, from: stage.far)
            let start = try bytes.withBytes { try reader.next(in: $0) }
            if case .message(let message, _) = start {
                #expect(message == .have(3))
                break
            }
            guard case .piece(let block, _) = start else { continue }
            before += 1
            #expect(try receive(Int(block.length), from: stage.far).count == Int(block.length))
            bytes = []
        }
        // The kernel and the other side hold a few blocks between them at most.
        #expect(before > 0 && before <= 4, "\(before) blocks came first")
    }

    @Test func aFrameThatIsTooLongEndsTheLink() async throws {
        let stage = try LinkStage(try #require(Self.geometry), poller: .preferred)
        defer { stage.stop() }
        stage.reactor.start()
        let frame: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 7]
        #expect(frame.withUnsafeBytes { write(stage.far.number, $0.baseAddress, $0.count) } == 5)
        #expect(try await eventually(within: .seconds(60)) { !stage.ended.all.isEmpty })
        guard case .malformed = stage.ended.all.first else {
            Issue.record("ended as \(stage.ended.all)")
            return
        }
    }

    @Test func theOtherSideMayCloseWithinABlock() async throws {
        let geometry = try #require(Self.geometry)
        let stage = try LinkStage(geometry, poller: .preferred)
        defer { stage.stop() }
        stage.reactor.start()
        var bytes: [UInt8] = []
        PieceHeader(WireBlock(piece: 0, begin: 0, length: 16_384)).append(to: &bytes)
        bytes += [1, 2, 3]
        #expect(bytes.withUnsafeBytes { write(stage.far.number, $0.baseAddress, $0.count) } == bytes.count)
        shutdown(stage.far.number, Int32(SHUT_RDWR))
        #expect(try await eventually(within: .seconds(60)) { stage.ended.all == [.closedByPeer] })
        #expect(stage.heard.all.isEmpty)
    }

    /// The file shrinks while its pages wait to be sent: the bytes that are still there leave, nothing crashes, and the
    /// block that cannot leave is named.
    @Test func aMappedFileThatShrinksEndsTheLink() async throws {
        let geometry = try #require(Self.geometry)
        let fixture = try StorageFixture([("payload", geometry.totalLength)], in: "/dev/shm")
        try fixture.write(LinkScript.payload, at: 0)
        let stage = try LinkStage(geometry, poller: .preferred)
        defer { stage.stop() }
        stage.storage = fixture.storage
        let path = fixture.folder.path("payload")
        stage.reactor.start()
        let blocks = (0..<18).compactMap {
            geometry.block(WireBlock(piece: UInt32($0 / 4), begin: UInt32($0 % 4) * 16_384, length: 16_384))
        }
        // A socket pair takes about 200 KiB; the rest waits in the mapping.
        stage.onLink { link in
            for block in blocks { link.serve(block) }
        }
        var received = try receive(PieceHeader.byteCount, from: stage.far).count
        truncate(path, 16_384)
        var part = [UInt8](repeating: 0, count: 65_536)
        while let read = try stage.far.read(into: &part), read > 0 { received += read }
        #expect(received >= stage.sent.all.count * (16_384 + 13) && received < blocks.count * (16_384 + 13))
        let lost = try #require(blocks.dropFirst(stage.sent.all.count).first)
        #expect(try await eventually(within: .seconds(60)) { stage.ended.all == [.contentShrank(lost)] })
    }

    #if DEBUG
        /// An owner that names one place twice is a fault of ours, and is not waited for to show as a wrong hash.
        @Test func aReadIsNeverAimedAtOnePlaceTwice() async {
            await #expect(processExitsWith: .failure) {
                guard let geometry = PeerLinkTests.geometry, let stage = try? LinkStage(geometry, poller: .preferred)
                else {
                    exit(0)
                }
                stage.reactor.start()
                let block = geometry.block(0, of: geometry.piece(0)).onWire
                stage.ask([block, block])
                var requests = [UInt8](repeating: 0, count: 34)
                _ = try? stage.far.read(into: &requests)
                // A keep-alive: enough for a read.
                _ = try? stage.far.send([0, 0, 0, 0])
                _ = try? await eventually(within: .seconds(10)) { !stage.ended.all.isEmpty }
                exit(0)
            }
        }
    #endif

    private func receive(_ count: Int, from descriptor: Descriptor) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var part = [UInt8](repeating: 0, count: min(65_536, count - bytes.count))
            guard let read = try descriptor.read(into: &part), read > 0 else { break }
            bytes += part[..<read]
        }
        return bytes
    }
}
