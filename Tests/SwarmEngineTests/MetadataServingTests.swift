import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// The info dictionary is given to whoever asks for it (BEP 9).
@Suite struct MetadataServingTests {
    /// A swarm with a dictionary of three blocks, the last of a byte.
    private static func stage(bytes: Int = 32_769, isPrivate: Bool = false) -> SwarmStage {
        let stage = SwarmStage(have: [0], isPrivate: isPrivate, configure: { $0.metadataBytes = bytes })
        stage.start()
        return stage
    }

    private static func peer(_ stage: SwarmStage) -> ConnectionID {
        let id = stage.join(1, .ours, has: [])
        stage.introduce(id, speaking: [.metadata])
        return id
    }

    private func ask(_ stage: SwarmStage, _ piece: UInt32, from id: ConnectionID) -> SwarmEffects {
        stage.tell(.extended(.metadata(.request(piece: piece)), from: id))
    }

    @Test func theNextLeaveWhenThoseBeforeHaveLeft() {
        let stage = Self.stage()
        let id = Self.peer(stage)
        #expect(ask(stage, 2, from: id) == [.sendExtension(id, .metadataData(2))])
        #expect(stage.sent(.metadataData(2), to: id) == .metadata(.data(piece: 2, totalSize: 32_769, length: 1)))
        #expect(ask(stage, 0, from: id) == [])
        #expect(ask(stage, 1, from: id) == [])
        stage.now = stage.now + BlocksUnderWay.slow
        #expect(stage.tell(.metadataSent(to: id)) == [.sendExtension(id, .metadataData(0))])
        #expect(stage.sent(.metadataData(0), to: id) == .metadata(.data(piece: 0, totalSize: 32_769, length: 16_384)))
        #expect(stage.tell(.metadataSent(to: id)) == [.sendExtension(id, .metadataData(1))])
        #expect(stage.tell(.metadataSent(to: id)) == [])
        #expect(ask(stage, 1, from: id) == [.sendExtension(id, .metadataData(1))])
    }

    /// Twice as many each time that its line takes them quickly, half as many where it does not.
    @Test func asManyAreUnderWayAsTheLineTakes() {
        let stage = Self.stage(bytes: 1_000 * 16_384)
        let id = Self.peer(stage)
        var asked: UInt32 = 0
        var given = 0
        func answer(after time: Duration) -> Int {
            while asked < 1_000, stage.swarm.isRunning, Int(asked) - given < 200 {
                given += ask(stage, asked, from: id).count
                asked += 1
            }
            stage.now = stage.now + time
            let blocks = stage.tell(.metadataSent(to: id)).count
            given += blocks
            return blocks
        }
        #expect((0..<6).map { _ in answer(after: BlocksUnderWay.quick) } == [2, 4, 8, 16, 32, 32])
        #expect((0..<2).map { _ in answer(after: .milliseconds(50)) } == [32, 32])
        #expect((0..<6).map { _ in answer(after: BlocksUnderWay.slow) } == [16, 8, 4, 2, 1, 1])
        #expect(answer(after: .zero) == 2)
    }

    /// Who asks for little does not have more under way than it asked for.
    @Test func onlyWhoFillsTheLineIsGivenMore() {
        let stage = Self.stage(bytes: 100 * 16_384)
        let id = Self.peer(stage)
        for piece in UInt32(0)..<3 {
            #expect(ask(stage, piece, from: id).count == 1)
            #expect(stage.tell(.metadataSent(to: id)) == [])
        }
        let depth = (UInt32(3)..<20).reduce(0) { $0 + ask(stage, $1, from: id).count }
        #expect(depth == 2)
    }

    @Test func ourHandshakeSaysHowMuchThereIs() {
        let handshake = Self.stage().swarm.extensionHandshake(listenPort: nil)
        #expect(handshake.metadataSize == 32_769)
        #expect(handshake.ids.id(for: .metadata) == PeerExtension.metadata.rawValue)
    }

    @Test func whatThereIsNotIsRejected() {
        let stage = Self.stage()
        let id = Self.peer(stage)
        for piece in [3, UInt32.max] {
            #expect(ask(stage, piece, from: id) == [.sendExtension(id, .metadataReject(piece))])
            #expect(stage.sent(.metadataReject(piece), to: id) == .metadata(.reject(piece: piece)))
        }
        // What it says beyond that is nothing to us, who have it all.
        let others: [MetadataMessage] = [.reject(piece: 0), .unknown, .data(piece: 0, totalSize: 9, length: 9)]
        for message in others { #expect(stage.tell(.extended(.metadata(message), from: id)) == []) }
    }

    /// Neither who has not said how it wants to be answered, nor who has taken that back, nor in a private torrent.
    @Test func whoDoesNotSpeakItGetsNothing() {
        let stage = Self.stage()
        let silent = stage.join(2, .ours, has: [])
        #expect(ask(stage, 0, from: silent) == [])
        stage.introduce(silent, speaking: [.exchange])
        #expect(ask(stage, 0, from: silent) == [])
        let id = Self.peer(stage)
        var later = ExtensionHandshake()
        later.ids[.metadata] = 0
        stage.tell(.extensionHandshake(later, from: id))
        #expect(ask(stage, 0, from: id) == [])
        let plain = stage.join(3, .fast, has: [])
        stage.introduce(plain, speaking: [.metadata])
        #expect(ask(stage, 0, from: plain) == [])
        let hidden = Self.stage(isPrivate: true)
        #expect(ask(hidden, 0, from: Self.peer(hidden)) == [])
        let handshake = hidden.swarm.extensionHandshake(listenPort: nil)
        #expect(handshake.metadataSize == nil && !handshake.ids.speaks(.metadata))
    }

    @Test func noMoreWaitThanTheLimit() {
        let stage = Self.stage(bytes: 200 * 16_384)
        let id = Self.peer(stage)
        #expect(ask(stage, 0, from: id).count == 1)
        for number in 0..<MetadataServing.mostWaiting { #expect(ask(stage, UInt32(number % 200), from: id) == []) }
        #expect(ask(stage, 7, from: id) == [.sendExtension(id, .metadataReject(7))])
        let next = stage.tell(.metadataSent(to: id))
        #expect(next == [.sendExtension(id, .metadataData(0)), .sendExtension(id, .metadataData(1))])
        #expect(ask(stage, 7, from: id) == [])
    }

    /// The dictionary several times over is enough for anybody; who goes on asking is closed in the end.
    @Test func aFloodIsRejectedAndThenEnded() {
        let stage = Self.stage()
        let id = Self.peer(stage)
        let most = 3 * MetadataServing.timesServed
        for number in 0..<most {
            #expect(ask(stage, UInt32(number % 3), from: id).count == 1)
            stage.tell(.metadataSent(to: id))
        }
        for _ in 0..<MetadataServing.mostRefused {
            #expect(ask(stage, 0, from: id) == [.sendExtension(id, .metadataReject(0))])
        }
        #expect(ask(stage, 0, from: id).contains(.close(id, .protocolViolation(.requestFlood))))
    }
}
