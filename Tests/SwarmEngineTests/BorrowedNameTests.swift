import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Somebody comes from elsewhere under the peer id of one who is connected.
@Suite struct BorrowedNameTests {
    private static func come(_ stage: SwarmStage, from last: UInt32) -> ConnectionID? {
        stage.knock(from: Endpoint(.v4(0xC0A8_0000 | last), port: 5_000), SwarmStage.handshake(7)).id
    }

    @Test func whoIsOfUseKeepsItsPlace() throws {
        let stage = SwarmStage(pieces: 2)
        stage.start()
        let honest = try #require(Self.come(stage, from: 1))
        stage.receive(.haveAll, from: honest)
        stage.receive(.unchoke, from: honest)
        stage.deliver(stage.block(0, 0), from: honest)
        #expect(Self.come(stage, from: 2) == nil)
        stage.pass(.seconds(30))
        #expect(Self.come(stage, from: 2) == nil)
        #expect(stage.swarm.peers.map(\.id) == [honest])
    }

    @Test func whoIsOfNoneKeepsNobodyOut() throws {
        let stage = SwarmStage(pieces: 2)
        stage.start()
        let impostor = try #require(Self.come(stage, from: 1))
        // Both may have called at once, by two ways.
        stage.pass(.seconds(10))
        #expect(Self.come(stage, from: 2) == nil)
        stage.pass(.seconds(11))
        let honest = try #require(Self.come(stage, from: 2))
        #expect(stage.swarm.peers.map(\.id) == [impostor, honest])
    }
}
