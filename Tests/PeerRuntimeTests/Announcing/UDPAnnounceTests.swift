import Dispatch
import PeerRuntime
import TestSupport
import Testing
import TorrentCore
import TorrentIO

/// UDP trackers, and whatever else comes from where they are (BEP 15).
@Suite struct UDPAnnounceTests {
    private static func announce(
        before: @escaping @Sendable (_ transaction: [UInt8]) -> [[UInt8]]
    ) async throws -> Result<AnnounceResponse, AnnounceFailure> {
        let tracker = try LoopbackDatagrams { FakeTracker.datagram($0, peer: 7, before: before) }
        return try await AnnounceStage().announce("udp://t.test:\(tracker.port)/announce")
    }

    @Test func packetsThatAnswerNothingAreLetPass() async throws {
        let answer = try await Self.announce { transaction in
            let wrong = transaction.map { ~$0 }
            return [
                [1], [], Array("hello, is anybody there?".utf8), [UInt8](repeating: 0xFF, count: 900),
                // Of another transaction: a refusal, an answer with peers, a connection id.
                [0, 0, 0, 3] + wrong + Array("go away".utf8),
                [0, 0, 0, 1] + wrong + [0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1],
                [0, 0, 0, 0] + wrong + [9, 9, 9, 9, 9, 9, 9, 9],
                // Of ours: cut short, of a kind nobody knows.
                [0, 0, 0, 1] + transaction, [0, 0, 0, 0] + transaction + [1], [0, 0, 0, 7] + transaction + [1],
            ]
        }.get()
        #expect(answer.peers.map(\.port) == [7] && answer.interval == .seconds(60))
    }

    @Test func anAnswerBeforeTheQuestionIsNoAnswer() async throws {
        // Peers in the name of the tracker while the connection id is still on its way.
        let early: [UInt8] = [0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 1, 6, 6, 6, 6, 6, 6]
        let tracker = try LoopbackDatagrams { packet in
            FakeTracker.datagram(packet, peer: 7) { packet[11] == 0 ? [[0, 0, 0, 1] + $0 + early] : [] }
        }
        #expect(try await AnnounceStage().peers("udp://t.test:\(tracker.port)/announce") == [7])
    }

    @Test func aRefusalIsTold() async throws {
        let answer = try await Self.announce { [[0, 0, 0, 3] + $0 + Array("not \u{E9} here\0".utf8)] }
        #expect(answer.failureReason == "it refuses: not \u{E9} here")
    }

    @Test func whereNobodyListensItIsToldAtOnce() async throws {
        let gone = try LoopbackServer.freePort()
        let reason = try await AnnounceStage().failure("udp://t.test:\(gone)/announce")
        #expect(reason == "nobody listens there (connection refused)")
    }

    @Test func thatIsToldToWhoAskedThereAndToNobodyElse() async throws {
        let answers = DispatchSemaphore(value: 0)
        let tracker = try LoopbackDatagrams { packet in
            // Once open, the gate stays open.
            answers.wait()
            answers.signal()
            return FakeTracker.datagram(packet, peer: 7)
        }
        let stage = try AnnounceStage()
        let gone = try LoopbackServer.freePort()
        // Both through the same socket: while one waits for its answer, the other finds nobody, several times.
        async let peers = stage.peers("udp://t.test:\(tracker.port)/announce", within: .seconds(300))
        #expect(try await eventually(within: .seconds(120)) { !tracker.senders.isEmpty })
        for _ in 0..<3 {
            let reason = try await stage.failure("udp://t.test:\(gone)/announce")
            #expect(reason == "nobody listens there (connection refused)")
        }
        answers.signal()
        #expect(try await peers == [7])
    }

    @Test func overIPv6Too() async throws {
        let gone = try LoopbackServer.freePort()
        let reason = try await AnnounceStage(["::1"]).failure("udp://t.test:\(gone)/announce")
        #expect(reason == "nobody listens there (connection refused)")
        let alone = try AnnounceStage(["::1"], source: "127.0.0.1")
        let other = try await alone.failure("udp://t.test:\(gone)/announce")
        #expect(other == "it has IPv6 only, and --listen names an IPv4 address")
    }

    @Test func anAnswerFromElsewhereIsNoAnswer() async throws {
        let stage = try AnnounceStage()
        let asker = try #require(stage.datagramEndpoints.first)
        let stranger = try UDPSocket(Endpoint(.loopbackV4, port: 0))
        // With the right transaction id, from the tracker's machine, and before the tracker itself says anything.
        let tracker = try LoopbackDatagrams { packet in
            let peers: [UInt8] = [0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 1, 6, 6, 6, 6, 6, 6]
            let transaction = packet[12..<16]
            for forged in [[0, 0, 0, 1] + transaction + peers, [0, 0, 0, 3] + transaction + [65]] {
                _ = try? stranger.send(forged, to: Endpoint(.loopbackV4, port: asker.port))
            }
            return FakeTracker.datagram(packet, peer: 7)
        }
        #expect(try await stage.peers("udp://t.test:\(tracker.port)/announce") == [7])
    }

    @Test func manyAtOnceAreToldApart() async throws {
        let tracker = try LoopbackDatagrams { FakeTracker.datagram($0, peer: $0.last.map(UInt16.init) ?? 0) }
        let stage = try AnnounceStage()
        let url = "udp://t.test:\(tracker.port)/announce"
        try await withThrowingTaskGroup(of: [UInt16].self) { group in
            for _ in 0..<30 { group.addTask { try await stage.peers(url) } }
            // The last byte of an announce is that of the port.
            for try await ports in group { #expect(ports == [6_881 & 0xFF]) }
        }
    }

    @Test func whatCameAndWasOfNoUseIsToldWhenTimeIsUp() async throws {
        let tracker = try LoopbackDatagrams { packet in [[0, 0, 0, 0] + packet[12..<16]] }
        let url = "udp://t.test:\(tracker.port)/announce"
        #expect(try await AnnounceStage().failure(url, within: .milliseconds(300)) == "its answer has only 8 bytes")
    }
}

extension Result<AnnounceResponse, AnnounceFailure> {
    fileprivate var failureReason: String? {
        if case .failure(let failure) = self { failure.reason } else { nil }
    }
}
