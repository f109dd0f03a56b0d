import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Metadata of many torrents shares memory: what one may use it is told, in parts of sixteen blocks.
@Suite struct MetadataMemoryTests {
    /// Told that it may use nothing yet.
    private static func stage(blocks: Int = 100) -> MetadataStage {
        let stage = MetadataStage(blocks: blocks)
        #expect(stage.tell(.mayOpen(0)) == [])
        stage.start()
        return stage
    }

    /// Delivers whatever it is asked for, until nothing is.
    @discardableResult
    private func feed(_ stage: MetadataStage, _ id: ConnectionID, _ effects: SwarmEffects) -> SwarmEffects {
        var waiting = effects.asked(of: id)
        var all = effects
        while !waiting.isEmpty {
            let effects = stage.deliver(waiting.removeFirst(), from: id).effects
            waiting += effects.asked(of: id)
            all += effects
        }
        return all
    }

    private func wishes(_ effects: SwarmEffects) -> Int { effects.count { $0 == .wantMemory } }

    /// What a torrent has of its own is enough for most.
    @Test func littleNeedsNoShare() throws {
        let stage = Self.stage(blocks: MetadataRoom.ownBlocks)
        let (id, effects) = stage.join(1)
        let end = feed(stage, id, effects)
        #expect(wishes(end) == 0 && stage.memory.inUse == 0)
        #expect(end.toVerify != nil)
    }

    @Test func nothingIsAskedForWithoutRoomForIt() {
        let stage = Self.stage()
        let (id, effects) = stage.join(1)
        let first = feed(stage, id, effects)
        #expect(stage.kept[0]?.count == MetadataRoom.ownBlocks && wishes(first) == 1)
        // Not again, as long as there is no answer.
        let (other, more) = stage.join(2)
        #expect(more.asked(of: other).isEmpty && wishes(more) == 0)
        let second = stage.tell(.mayOpen(1))
        #expect(second.asked(of: id).count + second.asked(of: other).count == 16)
        #expect(stage.memory == (1, 5 + MetadataRoom.spareParts))
    }

    @Test func itComesPartByPart() throws {
        let stage = Self.stage()
        let (id, effects) = stage.join(1)
        feed(stage, id, effects)
        for parts in 1...4 {
            let effects = feed(stage, id, stage.tell(.mayOpen(Int32(parts))))
            #expect(wishes(effects) == 1)
            #expect(stage.kept[0]?.count == 32 + parts * 16 && stage.memory.inUse == parts)
        }
        let end = feed(stage, id, stage.tell(.mayOpen(5)))
        #expect(wishes(end) == 0)
        stage.verify(try #require(end.toVerify))
        #expect(stage.figures.isVerified && stage.memory.inUse == 0)
    }

    /// What moves is left alone; what was allowed and is not used is given back.
    @Test func whatMovesIsNotGivenUpForOthers() {
        let stage = Self.stage()
        stage.tell(.mayOpen(3))
        let (id, effects) = stage.join(1)
        let asked = effects.asked(of: id)
        let more = stage.deliver(asked[0], from: id).effects + stage.tell(.memoryIsWanted)
        #expect(stage.memory.inUse == 0 && stage.kept[0]?.count == 1)
        // It has asked for ten blocks, and gets no further than what it has of its own.
        let end = feed(stage, id, more) + asked[1...].flatMap { feed(stage, id, stage.deliver($0, from: id).effects) }
        #expect(stage.kept[0]?.count == MetadataRoom.ownBlocks && wishes(end) == 1)
    }

    @Test func whatDoesNotMoveIsGivenUpForOthers() {
        let stage = Self.stage()
        stage.tell(.mayOpen(5))
        let (id, effects) = stage.join(1)
        var waiting = effects.asked(of: id)
        for _ in 0..<50 { waiting += stage.deliver(waiting.removeFirst(), from: id).effects.asked(of: id) }
        #expect(stage.memory.inUse > 1)
        stage.pass(Gathering.stallTime)
        #expect(stage.tell(.memoryIsWanted).contains { if case .dropMetadata = $0 { true } else { false } })
        #expect(stage.kept.isEmpty && stage.memory.inUse == 0)
    }

    /// It stands still for want of memory, as others do: sooner or later it makes room, and not at once in any case.
    @Test func whoWaitsForMemoryMakesRoomSometimes() {
        var yielded = 0
        for seed in UInt64(1)...200 {
            let stage = MetadataStage(blocks: 100, seed: seed)
            stage.tell(.mayOpen(1))
            stage.start()
            let (id, effects) = stage.join(1)
            #expect(wishes(feed(stage, id, effects)) == 1)
            stage.pass(Gathering.stallTime)
            // Others that wait with it do not make that more likely.
            for _ in 0..<50 { stage.tell(.memoryIsWanted) }
            if stage.memory.inUse == 0 { yielded += 1 }
        }
        #expect((20...80).contains(yielded), "\(yielded)")
    }

    /// Some find room in what the torrent has of its own, and more where it has a share. Who finds none stays connected
    /// for now.
    @Test func bitfieldsCountToo() {
        let stage = Self.stage()
        let long = Array(repeating: UInt8(1), count: 200_000)
        func say(_ number: UInt64) -> (id: ConnectionID, effects: SwarmEffects) {
            let id = stage.enter(number)
            return (id, stage.tell(.bitfield(long, from: id)))
        }
        // Half of what it has of its own is left to metadata.
        let (kept, first) = say(1)
        #expect(wishes(first) == 0)
        #expect(wishes(say(2).effects) == 1 && stage.memory.inUse == 0)
        // No room, and it is connected all the same.
        #expect(say(3).effects == [] && stage.memory.inUse == 0)
        #expect(stage.tell(.mayOpen(2)) == [])
        #expect(wishes(say(4).effects + say(5).effects) == 0 && stage.memory.inUse == 1)
        #expect(wishes(say(6).effects) == 1 && say(7).effects == [] && stage.memory.inUse == 1)
        stage.tell(.linkClosed(kept, .remoteClosed))
        #expect(stage.memory.inUse == 0 && stage.figures.peers == 6)
    }

    /// However often somebody says that it has everything, after a bitfield that is kept no more then.
    @Test func whatIsKeptNoMoreCountsNoMore() {
        let stage = Self.stage()
        for number in UInt64(1)...90 {
            let id = stage.enter(number)
            stage.tell(.bitfield(Array(repeating: UInt8(1), count: 200_000), from: id))
            stage.receive(.haveAll, from: id)
            stage.tell(.linkClosed(id, .remoteClosed))
        }
        let (id, effects) = stage.join(91)
        feed(stage, id, effects)
        #expect(stage.kept[0]?.count == MetadataRoom.ownBlocks)
    }

    /// Those whose bitfields are given up stay, and metadata has room.
    @Test func bitfieldsMakeRoomForOthers() {
        let stage = Self.stage()
        stage.tell(.mayOpen(6))
        for number in UInt64(1)...4 {
            stage.tell(.bitfield(Array(repeating: UInt8(1), count: 300_000), from: stage.enter(number)))
        }
        #expect(stage.memory.inUse > 1)
        stage.tell(.memoryIsWanted)
        #expect(stage.memory.inUse == 0 && stage.figures.peers == 4)
        let (id, effects) = stage.join(5)
        feed(stage, id, effects)
        #expect(stage.kept[0]?.count ?? 0 >= MetadataRoom.ownBlocks / 2)
    }
}
