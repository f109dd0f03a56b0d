import TestSupport
import Testing
import TorrentCore

@testable import PeerRuntime
@testable import TorrentIO

/// Peers ask a session for the info dictionary (BEP 9).
@Suite struct SessionMetadataTests {
    /// A dictionary of more than three blocks.
    private static func stage() throws -> SessionStage { try SessionStage(length: 2_600_000, pieceLength: 1_024) }

    private static func seeding(_ stage: SessionStage) -> StagedSession {
        StagedSession(stage, have: Bitfield(count: stage.geometry.pieceCount, filled: true))
    }

    /// Says that it wants metadata under 7, and asks for blocks.
    private static func ask(_ far: FarPeer, for pieces: [UInt32]) {
        var handshake = ExtensionHandshake()
        handshake.ids[.metadata] = 7
        far.say(.haveNone)
        far.sayExtended(ExtendedMessage.handshakeID, handshake.encoded)
        for piece in pieces {
            var body: [UInt8] = []
            MetadataMessage.request(piece: piece).append(to: &body)
            far.sayExtended(PeerExtension.metadata.rawValue, body)
        }
    }

    @Test func theDictionaryIsGivenBlockByBlock() throws {
        let stage = try Self.stage()
        let staged = Self.seeding(stage)
        defer { staged.stop() }
        let metadata = stage.content.metainfo.infoBytes
        let count = UInt32(MetadataMessage.blockCount(of: metadata.count))
        #expect(count > 3)
        let far = try staged.join(.ours)
        Self.ask(far, for: Array(0...count))
        for _ in 0..<20 { try far.burst() }
        let handshake = try #require(far.extended.first { $0.id == 0 })
        let ours = try handshake.body.withBytes { span throws(WireError) in try ExtensionHandshake(parsing: span) }
        #expect(ours.metadataSize == metadata.count)
        var received: [UInt8] = []
        var rejected: [UInt32] = []
        for (id, body) in far.extended where id == 7 {
            let (message, payload) = try body.withBytes { span throws(WireError) in try MetadataMessage.parse(span) }
            switch message {
            case .data(_, let totalSize, _):
                #expect(totalSize == metadata.count)
                received += body[payload]
            case .reject(let piece): rejected.append(piece)
            default: Issue.record("\(message)")
            }
        }
        #expect(received == metadata)
        #expect(rejected == [count])
    }

    /// Whoever asks for everything and reads nothing has one block waiting for it.
    @Test func nothingPilesUpForWhoDoesNotRead() throws {
        let stage = try Self.stage()
        let staged = Self.seeding(stage)
        defer { staged.stop() }
        let far = try staged.join(.ours, sendBuffer: 4_096)
        Self.ask(far, for: (0..<12).map { $0 % 4 })
        while try far.push() { stage.runIteration() }
        for _ in 0..<20 { stage.runIteration() }
        let link = try #require(staged.session.links.established.values.first)
        #expect(link.messages.count > 0 && link.messages.count < 17_000)
        // It reads after all, and gets the rest.
        for _ in 0..<400 { try far.burst() }
        #expect(far.extended.count { $0.id == 7 } == 12)
    }
}
