import Foundation
import Testing
import TorrentCore

@testable import TrackerEngine

/// Operations that are drawn, held against dictionaries.
@Suite struct TrackerModelTests {
    /// One run: how many operations, and how many peers there are at its height.
    struct Size {
        let operations: Int
        let peers: Int
    }

    /// With P2P_BIG_TABLES, a million operations in a release build.
    static let isBig = ProcessInfo.processInfo.environment["P2P_BIG_TABLES"] != nil

    /// Draws what happens next.
    struct Script {
        var chance: SplitMix64
        let model = TrackerModel()
        let size: Size
        /// Whether peers come or go at the moment.
        var isGrowing = true
        private(set) var most = 0

        init(seed: UInt64, _ size: Size) {
            chance = SplitMix64(seed: seed)
            self.size = size
        }

        private mutating func happens(_ one: Int, in many: Int) -> Bool { chance.next(below: many) < one }

        /// Half of all peers are in three large swarms, the others in many small ones.
        private mutating func draw() -> (torrent: Int, endpoint: Endpoint) {
            let isLarge = happens(1, in: 2)
            let torrent = isLarge ? chance.next(below: 3) : 3 + chance.next(below: size.peers / 20)
            let number = isLarge ? chance.next(below: size.peers / 3) : chance.next(below: 22)
            let endpoint =
                happens(1, in: 3) == number.isMultiple(of: 2)
                ? Endpoint(.v6(0x2001 << 48, UInt64(number)), port: 7)
                : Endpoint(.v4(0x0800_0000 + UInt32(number)), port: UInt16(1 + number % 5))
            return (torrent, endpoint)
        }

        mutating func announce() throws {
            let (torrent, endpoint) = draw()
            let event: AnnounceEvent =
                happens(isGrowing ? 1 : 8, in: 10)
                ? .stopped : happens(1, in: 6) ? .completed : happens(1, in: 4) ? .started : .none
            try model.announce(
                torrent, endpoint, left: happens(1, in: 3) ? 0 : 1, event,
                checks: happens(1, in: torrent < 3 ? 4_000 : 8))
            most = max(most, model.peerCount)
            if happens(1, in: torrent < 3 ? 4_000 : 40) { model.checkScrape(torrent) }
        }

        /// What comes every few thousand announces.
        mutating func disturb() throws {
            switch chance.next(below: 8) {
            case 0: model.jump(.seconds(chance.next(below: 120)))
            // A lane that is behind.
            case 1: model.jump(.seconds(-chance.next(below: 70)))
            case 2: model.jump(.seconds(60 * chance.next(below: 20)))
            case 3: for _ in 0..<20 { model.expire(budget: 1 + chance.next(below: size.peers / 20)) }
            case 4: model.settle()
            case 5: try model.restart(after: Int64(chance.next(below: 3)))
            default: try snapshot()
            }
            if model.limbo > 0, happens(1, in: 3) { model.settle() }
        }

        private mutating func snapshot() throws {
            let budget = 1 + chance.next(below: size.peers / 10)
            // Short steps would take for ever to get through a large table.
            let pace = max(1, budget / 50)
            var script = self
            try model.snapshot(budget: max(budget, size.peers / 200)) {
                for _ in 0..<pace { try script.announce() }
                if script.happens(1, in: 4) { script.model.expire(budget: 100) }
            }
            self = script
        }

        /// Much later: everybody has gone silent, for longer than minutes can tell.
        mutating func rest() throws {
            let days = [0, 1, 19, 20, 21, 22, 23, 45][chance.next(below: 8)]
            model.jump(.seconds(86_400 * days + 60 * (35 + chance.next(below: 3_000))))
            model.settle()
        }
    }

    @Test(arguments: isBig ? [1] : [1, 2, 3] as [UInt64])
    func `a tracker knows what dictionaries know, whatever is drawn`(seed: UInt64) throws {
        let size = Self.isBig ? Size(operations: 1_000_000, peers: 200_000) : Size(operations: 12_000, peers: 2_000)
        var script = Script(seed: seed, size)
        let stretch = size.operations / 200
        for step in 0..<size.operations {
            // Up and down again, twice; between them, all fall silent at once.
            script.isGrowing = step % (size.operations / 2) < size.operations * 2 / 5
            try script.announce()
            if step % stretch == stretch - 1 { try script.disturb() }
            if step % (size.operations / 2) == size.operations / 2 - 1 { try script.rest() }
        }
        #expect(script.most > size.peers / 2, "at its height there are to be so many peers")
        script.model.settle()
        try script.model.restart(after: 0)
    }
}
