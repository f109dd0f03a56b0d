import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// A recording gives another brain the inputs of the first.
@Suite struct ReplayTests {
    /// A short download, recorded.
    private static func recording() -> [UInt8] {
        let stage = SwarmStage(pieces: 2, tiers: [1])
        stage.start()
        let peer = stage.join(1)
        stage.receive(.unchoke, from: peer)
        for piece in 0..<2 {
            for block in 0..<2 { stage.deliver(stage.block(piece, block), from: peer) }
            stage.store(stage.geometry.piece(piece))
        }
        stage.pass(.seconds(200))
        stage.tell(.stop)
        return stage.recorded
    }

    private static func lines(_ text: [UInt8]) -> [String] {
        String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func text(_ lines: [String]) -> [UInt8] { Array((lines.map { $0 + "\n" }).joined().utf8) }

    /// The first line of this kind, counted from 1.
    private static func number(of kind: String, in lines: [String]) throws -> Int {
        try #require(lines.firstIndex { $0.contains(" \(kind)") }) + 1
    }

    @Test func theSameComesOut() throws {
        let text = Self.recording()
        var replay = try Replay(text)
        #expect(try replay.firstDifference() == nil)
        #expect(replay.inputsAlike == Self.lines(text).count - (try Self.number(of: "start", in: Self.lines(text))) + 1)
    }

    @Test(arguments: [
        ("message 0.0 unchoke", "message 0.0 unchoke", "message 0.0 choke"),
        ("block-arrived 0:0+16384", "> 0", "> 1"), ("admit", "= accept 0:0+16384", "= refuse"),
        ("link-accepted", "= 0.0", "= -"), ("stop >", "stop >", "deadline-reached >"),
    ])
    func aChangedLineIsFound(kind: String, old: String, new: String) throws {
        var lines = Self.lines(Self.recording())
        let number = try Self.number(of: kind, in: lines)
        let changed = lines[number - 1].replacing(old, with: new)
        #expect(changed != lines[number - 1])
        lines[number - 1] = changed
        var replay = try Replay(Self.text(lines))
        let difference = try #require(try replay.firstDifference())
        #expect(difference.line == number)
        #expect(difference.recorded == changed)
        #expect(difference.now != changed)
    }

    @Test func whatTheBrainWantsInsteadIsSaid() throws {
        var lines = Self.lines(Self.recording())
        let number = try Self.number(of: "message 0.0 unchoke", in: lines)
        let digest = try #require(lines[number - 1].split(separator: " ").dropLast().last)
        lines[number - 1] = lines[number - 1].replacing(digest, with: "0000000000000000")
        var replay = try Replay(Self.text(lines))
        let difference = try #require(try replay.firstDifference())
        #expect(difference.line == number && difference.now.contains(digest))
        #expect(difference.effects.contains("send 0.0 request 0:0+16384"), "\(difference)")
    }

    @Test func aDamagedFileIsRefusedWithTheNumberOfTheLine() throws {
        let lines = Self.lines(Self.recording())
        let first = try Self.number(of: "start", in: lines)
        func error(_ change: (inout [String]) -> Void) -> RecordingError? {
            var changed = lines
            change(&changed)
            do {
                var replay = try Replay(Self.text(changed))
                _ = try replay.firstDifference()
                return nil
            } catch {
                return error
            }
        }
        #expect(error { $0[0] = "swarm-recording 1" }?.line == 1)
        #expect(error { $0 = [] }?.line == 1)
        #expect(error { $0.removeSubrange(5...) }?.line == 6)
        #expect(error { $0.remove(at: 3) }?.line == 4)
        #expect(error { $0[first] += " more" }?.line == first + 1)
        #expect(error { $0.insert("", at: first) }?.line == first + 1)
        // Time does not go back.
        #expect(error { $0.append("1 start > 0 0000000000000000 never") }?.line == lines.count + 1)
        // The last line has been cut.
        #expect(throws: RecordingError.self) {
            var replay = try Replay(Self.text(lines).dropLast())
            _ = try replay.firstDifference()
        }
    }

    /// Nothing in a header has a brain take more memory than the file does, or numbers that overflow.
    @Test(arguments: [
        ("tracker-tiers", "1 9223372036854775807"), ("tracker-tiers", "1 10001"), ("tracker-tiers", "2 9999 2"),
        ("tracker-tiers", "3 1 9223372036854775807 9223372036854775807"), ("connections", "9223372036854775807"),
        ("connecting", "1000001"), ("known-peers", "9223372036854775807"), ("queued-requests", "9223372036854775807"),
        ("released-bytes", "9223372036854775807"), ("block-bytes", "9223372036854775807"),
        ("open-bytes", "9223372036854775807"), ("pipeline-blocks", "9223372036854775807"),
        ("upload-slots", "9223372036854775807"), ("slots", "9223372036854775807"),
    ])
    func aCountThatNoBrainCanBearIsRefused(fact: String, value: String) throws {
        var lines = Self.lines(Self.recording())
        let position = try #require(lines.firstIndex { $0.hasPrefix("\(fact) ") })
        lines[position] = "\(fact) \(value)"
        do {
            _ = try Replay(Self.text(lines))
            Issue.record("\(lines[position]) was read")
        } catch {
            #expect(error.line == position + 1)
        }
    }

    @Test func theMostTrackersAreRead() throws {
        var lines = Self.lines(Self.recording())
        let position = try #require(lines.firstIndex { $0.hasPrefix("tracker-tiers ") })
        lines[position] = "tracker-tiers 2 9999 1"
        _ = try Replay(Self.text(lines))
    }

    @Test func aFileThatIsCutTellsHowFarItWasGood() throws {
        let lines = Self.lines(Self.recording())
        let first = try Self.number(of: "start", in: lines)
        for count in [first - 1, first, first + 4] {
            var text = Self.text(Array(lines[..<count]))
            // Behind the header, or within the last line.
            if count >= first { text.removeLast() }
            var replay = try Replay(text)
            let error = #expect(throws: RecordingError.self) { _ = try replay.firstDifference() }
            #expect(error?.line == max(first, count))
            #expect(replay.inputsAlike == max(0, count - first))
        }
    }

    /// Whatever is in a file, it is read, refused or found to differ.
    @Test(arguments: Array(UInt64(1)...40))
    func bytesChangedAnywhereNeverTrap(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let text = Self.recording()
        for _ in 0..<40 {
            var changed = text
            for _ in 0...Int.random(in: 0...2, using: &generator) {
                let position = Int.random(in: changed.indices, using: &generator)
                changed[position] = UInt8.random(in: 0x20...0x7E, using: &generator)
            }
            guard var replay = try? Replay(changed) else { continue }
            _ = try? replay.firstDifference()
        }
    }
}
