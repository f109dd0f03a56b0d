import SwarmEngine
import SwarmTestSupport
import TorrentCore

extension Fuzzer {
    /// A whole brain, with events drawn from the bytes. The first two bytes are its settings.
    static let swarm = Fuzzer(
        "swarm", "effects are consistent, nothing is left after the end, a recording of it can be replayed",
        inputLimit: 4_096
    ) {
        (0..<24).map { seed in
            var generator = SplitMix64(seed: UInt64(seed) + 1)
            let events = (0..<(64 << (seed % 5))).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            return [UInt8(seed), UInt8(seed / 2)] + events
        }
    } run: { bytes in
        guard bytes.count > 2 else { return }
        var shell = DrawnShell(settings: Int(bytes[0]) | Int(bytes[1]) << 8, .bytes(bytes, used: 2))
        shell.begin()
        // Each step takes a byte at least, where it does not pass.
        for _ in 0..<bytes.count where !shell.isOutOfChance { shell.step() }
        shell.end()
        hold(shell.faults.isEmpty, shell.faults.first ?? "")
        do {
            var replay = try Replay(shell.stage.recorded)
            let difference = try replay.firstDifference()
            hold(difference == nil, "a replay differs: \(String(describing: difference))")
        } catch {
            hold(false, "the recording cannot be read: \(error)")
        }
    }
}
