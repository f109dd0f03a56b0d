import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// A seed leaves whoever has everything at once: the shell has to know before.
@Suite("Who has everything now")
struct CompletionTests {
    private func peer(_ stage: SwarmStage, has pieces: [Int], fast: Bool = true) throws -> ConnectionID {
        stage.tell(.start)
        let id = try #require(stage.knock(1, fast ? .fast : []).id)
        var field = Bitfield(count: 4)
        for piece in pieces { field[piece] = true }
        stage.tell(.bitfield(field.wire, from: id))
        return id
    }

    @Test("The last piece, and no other, makes one that has everything")
    func have() throws {
        let stage = SwarmStage(pieces: 4, seeder: true)
        let id = try peer(stage, has: [0, 2])
        #expect(stage.swarm.completes(id, by: .have(1)) == nil)
        stage.tell(.message(.have(1), from: id))
        for message in [PeerMessage.have(1), .have(9), .interested, .haveNone] {
            #expect(stage.swarm.completes(id, by: message) == nil)
        }
        #expect(stage.swarm.completes(id, by: .have(3)) == SwarmStage.id(1))
        #expect(stage.tell(.message(.have(3), from: id)).contains(.close(id, .notUseful)))
        #expect(stage.swarm.completes(id, by: .have(3)) == nil)
    }

    @Test("A bitfield, or one word of the fast extension, that says all")
    func atOnce() throws {
        let stage = SwarmStage(pieces: 4, seeder: true)
        stage.tell(.start)
        let id = try #require(stage.knock(1).id)
        let slow = try #require(stage.knock(2, []).id)
        func completes(_ bytes: [UInt8]) -> PeerID? {
            bytes.withBytes { stage.swarm.completes(id, byBitfield: $0) }
        }
        #expect(completes([0xF0]) == SwarmStage.id(1))
        #expect(completes([0xE0]) == nil && completes([0xF0, 0]) == nil)
        #expect(stage.swarm.completes(id, by: .haveAll) == SwarmStage.id(1))
        #expect(stage.swarm.completes(slow, by: .haveAll) == nil)
    }

    @Test("One that had everything before is no news")
    func before() throws {
        let stage = SwarmStage(pieces: 4, have: [0])
        let id = try peer(stage, has: [0, 1, 2, 3])
        #expect(stage.swarm.completes(id, by: .have(3)) == nil)
        let same = Bitfield(count: 4, filled: true).wire.withBytes { stage.swarm.completes(id, byBitfield: $0) }
        #expect(same == nil)
    }
}
