import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Any mixture of peers in which one has the metadata and stays: it always comes, only liars are banned, and nothing
/// grows without bound.
@Suite struct MetadataWorldTests {
    @Test(arguments: UInt64(1)...150)
    func itAlwaysComes(seed: UInt64) {
        var dice = Dice(seed: seed)
        let blocks = [1, 2, 5, 20, 70, 200][dice.draw(0...5)]
        var peers = [dice.peer(.honest)]
        for _ in 0..<dice.draw(0...14) { peers.append(dice.peer(dice.habit(blocks: blocks))) }
        // The honest one is anywhere among them.
        peers.swapAt(0, dice.draw(0...peers.count - 1))
        let world = MetadataWorld(peers, blocks: blocks, connections: dice.draw(2...12), seed: seed)
        let report = world.run(until: .seconds(1_200))
        #expect(report.faults == [])
        #expect(report.verifiedAt != nil)
        let liars = peers.indices.filter { peers[$0].habit.isLiar }.map { SwarmStage.endpoint(UInt64($0)).address }
        #expect(report.banned.isSubset(of: liars))
        if report.drops < MetadataBlame.mostRecords { #expect(report.caught.isSubset(of: report.banned)) }
        // Three assemblies, of which none is larger than what was sent for it.
        #expect(report.mostKept <= 3 * 16_384 * max(400, blocks))
        #expect(report.mostKept <= report.blocks * 16_384)
    }

    /// Forty that stall, and one that has it and is the last to come.
    @Test(arguments: [false, true])
    func oneAmongMany(isCrowded: Bool) {
        let slow = (0..<40).map { _ in
            MetadataWorld.Peer(.silent, latency: .milliseconds(20), blockTime: .milliseconds(1))
        }
        let honest = MetadataWorld.Peer(.honest, latency: .milliseconds(90), blockTime: .milliseconds(10))
        let world = MetadataWorld(slow + [honest], blocks: 3, connections: isCrowded ? 10 : 80, seed: 1)
        let report = world.run(until: .seconds(3_600))
        #expect(report.verifiedAt ?? .distantFuture < Moment.zero + .seconds(isCrowded ? 1_200 : 120))
        #expect(report.banned.isEmpty)
    }

    /// A long dictionary from three quick peers: hardly a block comes twice.
    @Test func littleComesTwice() {
        let quick = (0..<3).map { number in
            MetadataWorld.Peer(
                .honest, latency: .microseconds(50), blockTime: .microseconds(200 * (number + 1)))
        }
        let world = MetadataWorld(quick, blocks: 640, connections: 80, seed: 1)
        let report = world.run(until: .seconds(60))
        let time = (report.verifiedAt ?? .distantFuture) - Moment.zero
        // 640 blocks at 9,166 a second.
        #expect(time < .milliseconds(110), "\(time)")
        #expect(report.blocks < 660)
        #expect(report.mostOwed <= MetadataWindow.deepest)
    }
}

/// Draws peers.
private struct Dice {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    mutating func peer(_ habit: MetadataWorld.Habit) -> MetadataWorld.Peer {
        MetadataWorld.Peer(
            habit, latency: .milliseconds(draw(1...150)), blockTime: .microseconds(draw(100...60_000)),
            knocksAt: draw(0...3) == 0 ? .seconds(draw(0...90)) : nil)
    }

    mutating func habit(blocks: Int) -> MetadataWorld.Habit {
        switch draw(0...11) {
        case 0: .honest
        case 1: .drops(beyond: draw(1...10))
        case 2: .rejects(oneIn: draw(1...5))
        case 3: .leaves(after: .milliseconds(draw(10...20_000)))
        case 4...5: .wrongSize(draw(1...5_000_000), blocks: draw(0...400))
        case 6: .wrongSize((blocks - 1) * 16_384 + draw(1...16_384), blocks: 1_000)
        case 7...8: .wrongBlocks(oneIn: draw(1...blocks + 1))
        case 9: .silent
        case 10: .empty
        default: .unreachable
        }
    }
}
