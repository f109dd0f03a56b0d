import PeerRuntime
import TestSupport
import Testing
import TorrentCore

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
        let gone = try LoopbackDatagrams { _ in [] }.port
        let reason = try await AnnounceStage().failure("udp://t.test:\(gone)/announce")
        #expect(reason == "nobody listens there (connection refused)")
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
