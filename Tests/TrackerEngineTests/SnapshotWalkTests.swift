import Testing
import TorrentCore

@testable import TrackerEngine

/// A snapshot is taken a stretch at a time while everything moves: what is there all the while is in it exactly once.
@Suite struct SnapshotWalkTests {
    /// A peer of a torrent.
    struct Member: Hashable {
        let torrent: UInt64
        let endpoint: Endpoint
    }

    /// What the frames of a snapshot hold, read by the letter of the format and by nothing of the engine's.
    static func members(inFrames frames: [UInt8]) -> [Member: Int] {
        func number(_ offset: Int, _ count: Int) -> Int {
            frames[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
        }
        var found: [Member: Int] = [:]
        var frame = 0
        while frame < frames.count {
            let end = frame + 12 + number(frame, 4)
            var offset = frame + 12
            while offset < end {
                let torrent = UInt64(number(offset, 8))
                let counts = (0..<4).map { number(offset + 26 + $0 * 4, 4) }
                offset += 42
                for (set, count) in counts.enumerated() {
                    for _ in 0..<count {
                        let length = set < 2 ? 6 : 18
                        let endpoint = Array(frames[offset..<offset + length]).withBytes { Endpoint(compact: $0) }
                        offset += length + 2
                        if let endpoint { found[Member(torrent: torrent, endpoint: endpoint), default: 0] += 1 }
                    }
                }
            }
            frame = end
        }
        return found
    }

    /// A tracker, and who is in it.
    final class World {
        let stage = TrackerStage()
        var generator: SplitMix64
        private(set) var present: Set<Member> = []
        /// Since the walk began.
        private var left: Set<Member> = []
        private var came: Set<Member> = []

        init(seed: UInt64) { generator = SplitMix64(seed: seed) }

        static func endpoint(_ number: Int) -> Endpoint {
            number.isMultiple(of: 3)
                ? Endpoint(.v6(0x2001 << 48, UInt64(number)), port: 7)
                : Endpoint(.v4(0x0800_0000 + UInt32(number)), port: UInt16(1 + number % 5))
        }

        func announce(_ torrent: Int, _ peer: Int, left: Int64 = 1, _ event: AnnounceEvent = .none) throws {
            let endpoint = Self.endpoint(peer)
            var request = AnnounceRequest(
                infoHash: TrackerStage.hash(torrent), peerID: PeerID(.zero), port: endpoint.port, left: left,
                event: event, numberWanted: 0)
            request.numberWanted = 0
            let origin = RequestOrigin(connection: endpoint.address)
            try stage.tracker.announce(request, from: origin, at: stage.now, answer: &stage.answer)
            let member = Member(torrent: UInt64(torrent), endpoint: endpoint)
            if event == .stopped {
                if present.remove(member) != nil { self.left.insert(member) }
            } else if present.insert(member).inserted {
                came.insert(member)
            }
        }

        /// Has expiry go round, in which these peers go, who were silent for too long.
        func expire(budget: Int = 1_000_000, _ silent: (Member) -> Bool) {
            stage.tracker.expire(at: stage.now, budget: budget)
            let gone = present.filter(silent)
            present.subtract(gone)
            left.formUnion(gone)
        }

        func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

        /// Takes a snapshot, with `between` after each frame, and holds it against what was there.
        func walk(budget: Int, _ between: (_ frame: Int) throws -> Void) throws {
            (left, came) = ([], [])
            var (frames, count) = ([UInt8](), 0)
            var cursor: SwarmCursor? = SwarmCursor()
            while let from = cursor, count < 1_000_000 {
                cursor = stage.tracker.appendFrame(from: from, budget: budget, at: stage.now, to: &frames)
                try between(count)
                count += 1
            }
            let found = members(inFrames: frames)
            let lost = present.subtracting(left).subtracting(came).filter { found[$0] == nil }
            #expect(lost.isEmpty, "\(lost.count) of \(present.count) are lost in \(count) frames")
            let twice = found.values.count { $0 > 1 }
            #expect(twice == 0, "\(twice) are in it more than once")
            let strange = found.keys.count { !present.contains($0) && !left.contains($0) }
            #expect(strange == 0, "\(strange) were never there")
        }
    }

    @Test func `a large swarm that becomes small while the walk stands in it spoils no other`() throws {
        let world = World(seed: 1)
        for torrent in 0..<5 { for peer in 0..<3_000 { try world.announce(torrent, peer) } }
        var stopped: Set<Int> = []
        try world.walk(budget: 500) { frame in
            // Each shrinks to a handful a while after the walk may have entered it.
            let torrent = frame / 4
            guard frame % 4 == 2, torrent < 5, stopped.insert(torrent).inserted else { return }
            for peer in 10..<3_000 { try world.announce(torrent, peer, .stopped) }
        }
        // All at once, in the middle of whichever it stands in.
        for torrent in 0..<5 { for peer in 0..<3_000 { try world.announce(torrent, peer) } }
        for stop in 1..<12 {
            try world.walk(budget: 700) { frame in
                guard frame == stop else { return }
                for torrent in 0..<2 { for peer in 10..<3_000 { try world.announce(torrent, peer, .stopped) } }
            }
            for torrent in 0..<5 { for peer in 0..<3_000 { try world.announce(torrent, peer) } }
        }
    }

    @Test func `expiry that moves slots between the frames loses nobody`() throws {
        let world = World(seed: 2)
        for torrent in 0..<4_000 where torrent % 3 != 0 { try world.announce(torrent, torrent) }
        world.stage.now = world.stage.now + .seconds(3_600)
        for torrent in 0..<4_000 where torrent % 3 == 0 { try world.announce(torrent, torrent) }
        try world.walk(budget: 40) { frame in
            if frame == 0 { return world.expire(budget: 1) { $0.torrent % 3 != 0 } }
            world.stage.tracker.expire(at: world.stage.now, budget: 150)
        }
        #expect(world.stage.tracker.torrentCount < 4_000)
    }

    @Test func `segments that are split and merged under the walk are gone through once`() throws {
        let world = World(seed: 3)
        var next = 3_000
        for torrent in 0..<next { try world.announce(torrent, torrent % 7) }
        try world.walk(budget: 100) { _ in
            for _ in 0..<400 where next < 20_000 {
                try world.announce(next, next % 7)
                next += 1
            }
        }
        world.stage.now = world.stage.now + .seconds(3_600)
        for torrent in 0..<next where torrent % 40 == 0 { try world.announce(torrent, torrent % 7) }
        try world.walk(budget: 100) { frame in
            if frame == 0 { return world.expire(budget: 1) { $0.torrent % 40 != 0 } }
            world.stage.tracker.expire(at: world.stage.now, budget: 600)
        }
        #expect(world.stage.tracker.torrentCount < 10_000)
    }

    @Test func `who completes while the walk is in its swarm is in the snapshot, once`() throws {
        let world = World(seed: 4)
        for peer in 0..<6_000 { try world.announce(1, peer, left: peer < 40 ? 0 : 1) }
        try world.walk(budget: 150) { frame in
            for _ in 0..<200 {
                let peer = world.number(below: 6_000)
                // Most complete, some begin anew.
                try world.announce(1, peer, left: world.number(below: 5) == 0 ? 1 : 0, .completed)
            }
        }
        #expect(world.stage.counts(1).complete > 2_000)
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `whatever is drawn between the frames`(seed: UInt64) throws {
        let world = World(seed: seed)
        let torrents = [3, 60, 900][Int(seed % 3)]
        func draw() throws {
            let torrent = min(world.number(below: torrents), world.number(below: torrents))
            let peer = world.number(below: torrent < 3 ? 4_000 : 90)
            let event: AnnounceEvent = world.number(below: 3) == 0 ? .stopped : .none
            try world.announce(torrent, peer, left: Int64(world.number(below: 2)), event)
        }
        for _ in 0..<12_000 { try draw() }
        for round in 0..<3 {
            try world.walk(budget: [1, 30, 1_000][round]) { frame in
                for _ in 0..<world.number(below: 30) { try draw() }
                guard frame % 50 == 20 else { return }
                // A crowd leaves or comes: large swarms become small, and the other way round.
                let (torrent, isStop) = (world.number(below: 3), world.number(below: 2) == 0)
                for peer in 20..<1_200 { try world.announce(torrent, peer, isStop ? .stopped : .none) }
            }
        }
    }
}
