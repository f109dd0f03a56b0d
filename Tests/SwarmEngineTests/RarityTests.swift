import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

@Suite struct RarityTests {
    /// The waiting pieces, and what the connected peers have.
    private struct Stock: ~Copyable {
        var generator: SplitMix64
        var availability: Availability
        var waiting: WaitingPieces
        private var nextPeer: UInt64 = 1

        init(pieces: Int, seed: UInt64) throws {
            generator = SplitMix64(seed: seed)
            let geometry = try #require(TorrentGeometry(totalLength: Int64(pieces), pieceLength: 1))
            availability = Availability(
                SwarmConfiguration(
                    geometry: geometry, infoHash: SwarmStage.infoHash, ourID: SwarmStage.ourID,
                    have: Bitfield(count: pieces),
                    seed: seed))
            waiting = WaitingPieces(availability, using: &generator)
        }

        mutating func join(_ pieces: Bitfield) -> PeerConnection {
            nextPeer += 1
            let peer = PeerConnection(
                id: ConnectionID(slot: UInt32(nextPeer), generation: 0), endpoint: SwarmStage.endpoint(1),
                handshake: SwarmStage.handshake(nextPeer), isOutgoing: true, at: .zero)
            availability.joined(peer)
            availability.told(pieces, by: peer)
            if !pieces.isFull { waiting.copiesCame(pieces, availability, using: &generator) }
            return peer
        }

        mutating func leave(_ peer: PeerConnection) {
            availability.left(peer)
            guard !peer.pieces.isCountedAsSeed else { return }
            waiting.copiesWent(peer.pieces.have, availability, using: &generator)
        }

        mutating func give(_ piece: Int, to peer: PeerConnection) -> Bool {
            guard availability.told(availability.geometry.piece(piece), by: peer) else { return false }
            waiting.copyCame(piece, availability, using: &generator)
            return true
        }

        mutating func draw(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }
        mutating func rarest(of pieces: Bitfield, isSeed: Bool) -> Int? {
            waiting.rarest(of: pieces, isSeed: isSeed, availability, using: &generator)
        }
    }

    /// Whatever comes and goes, the pick is one of the rarest pieces, as counted anew each time.
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func thePickIsAlwaysOneOfTheRarest(seed: UInt64) throws {
        let count = 50
        var stock = try Stock(pieces: count, seed: seed)
        var peers: [PeerConnection] = []
        var taken: [Int] = []
        for _ in 0..<1_500 {
            switch stock.draw(0..<8) {
            case 0:
                var field = Bitfield(count: count)
                let density = stock.draw(1..<13)
                for piece in 0..<count where stock.draw(0..<density) == 0 { field[piece] = true }
                peers.append(stock.join(field))
            case 1 where !peers.isEmpty: stock.leave(peers.remove(at: stock.draw(0..<peers.count)))
            case 2...4 where !peers.isEmpty:
                guard stock.give(stock.draw(0..<count), to: peers[stock.draw(0..<peers.count)]) else { continue }
            case 5 where !taken.isEmpty:
                stock.waiting.putBack(taken.remove(at: stock.draw(0..<taken.count)), stock.availability)
            case 6:
                let all = Bitfield(count: count, filled: true)
                guard let piece = stock.waiting.random(of: all, stock.availability, using: &stock.generator) else {
                    continue
                }
                stock.waiting.take(piece, stock.availability)
                taken.append(piece)
            default: break
            }
            let counts = (0..<count).map { piece in peers.count { $0.pieces.have[piece] } }
            #expect(stock.availability.fewestCopies == counts.min())
            guard let field = peers.last?.pieces.have else { continue }
            let candidates = (0..<count).filter { field[$0] && !taken.contains($0) }
            let pick = stock.rarest(of: field, isSeed: peers.last?.pieces.isCountedAsSeed == true)
            #expect((pick == nil) == candidates.isEmpty)
            if let pick {
                #expect(candidates.contains(pick))
                #expect(counts[pick] == candidates.map { counts[$0] }.min())
            }
        }
    }

    @Test func tiesAreBrokenDifferentlyBySeed() throws {
        var first: Set<Int> = []
        for seed in UInt64(0)..<40 {
            var stock = try Stock(pieces: 100, seed: seed)
            let all = Bitfield(count: 100, filled: true)
            _ = stock.join(all)
            first.insert(stock.rarest(of: all, isSeed: true) ?? -1)
        }
        #expect(first.count > 20)
    }

    /// The results that BEP 6 gives for its algorithm.
    @Test func theAllowedFastSetIsThatOfTheStandard() throws {
        let geometry = try #require(TorrentGeometry(totalLength: 1_313, pieceLength: 1))
        let infoHash = try #require(InfoHash(hex: String(repeating: "a", count: 40)))
        let address = try #require(IPAddress("80.4.4.200"))
        func pieces(_ count: Int) -> [UInt32] {
            AllowedFastSet.pieces(for: address, infoHash: infoHash, geometry: geometry, count: count).map(\.number)
        }
        #expect(pieces(7) == [1059, 431, 808, 1217, 287, 376, 1188])
        #expect(pieces(9) == [1059, 431, 808, 1217, 287, 376, 1188, 353, 508])
    }
}
