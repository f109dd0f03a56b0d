import SwarmEngine
import Testing
import TorrentCore

@Suite struct RarityTests {
    /// Against counting anew each time: whatever comes and goes, the pick is one of the rarest.
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func thePickIsAlwaysOneOfTheRarest(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let count = 50
        var order = RarityOrder(have: Bitfield(count: count), using: &generator)
        var counts = [Int](repeating: 0, count: count)
        var fields: [Bitfield] = []
        var taken: [Int] = []
        for _ in 0..<1_500 {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0:
                var field = Bitfield(count: count)
                let density = Int.random(in: 1...12, using: &generator)
                for piece in 0..<count where Int.random(in: 0..<density, using: &generator) == 0 { field[piece] = true }
                fields.append(field)
                field.forEachSet { counts[$0] += 1 }
                order.add(field, using: &generator)
            case 1 where !fields.isEmpty:
                let field = fields.remove(at: Int.random(in: 0..<fields.count, using: &generator))
                field.forEachSet { counts[$0] -= 1 }
                order.remove(field, using: &generator)
            case 2...4 where !fields.isEmpty:
                let place = Int.random(in: 0..<fields.count, using: &generator)
                let piece = Int.random(in: 0..<count, using: &generator)
                guard !fields[place][piece] else { continue }
                fields[place][piece] = true
                counts[piece] += 1
                order.add(piece, using: &generator)
            case 5 where !taken.isEmpty:
                order.putBack(taken.remove(at: Int.random(in: 0..<taken.count, using: &generator)))
            case 6:
                guard let piece = order.random(of: Bitfield(count: count, filled: true), using: &generator) else {
                    continue
                }
                order.take(piece)
                taken.append(piece)
            default: break
            }
            #expect(order.lowestAvailability == counts.min())
            guard let field = fields.last else { continue }
            let candidates = (0..<count).filter { field[$0] && !taken.contains($0) }
            let pick = order.rarest(of: field, isSeed: false, using: &generator)
            #expect((pick == nil) == candidates.isEmpty)
            if let pick {
                #expect(candidates.contains(pick))
                #expect(counts[pick] == candidates.map { counts[$0] }.min())
            }
        }
    }

    @Test func tiesAreBrokenDifferentlyBySeed() {
        var first: Set<Int> = []
        for seed in UInt64(0)..<40 {
            var generator = SplitMix64(seed: seed)
            var order = RarityOrder(have: Bitfield(count: 100), using: &generator)
            order.addSeed()
            first.insert(order.rarest(of: Bitfield(count: 100, filled: true), isSeed: true, using: &generator) ?? -1)
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
