import SwarmEngine
import SwarmTestSupport
import TorrentCore

extension Fuzzer {
    /// A whole brain without metadata, with events drawn from the bytes. The first byte is its settings.
    static let metadataSwarm = Fuzzer(
        "metadata-swarm",
        "effects are consistent, what is kept is bounded, a recording of it can be replayed",
        inputLimit: 4_096
    ) {
        (0..<24).map { seed in
            var generator = SplitMix64(seed: UInt64(seed) + 1)
            let events = (0..<(64 << (seed % 5))).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            return [UInt8(seed)] + events
        }
    } run: { bytes in
        guard bytes.count > 1 else { return }
        var shell = DrawnMetadataShell(settings: Int(bytes[0]), .bytes(bytes, used: 1))
        shell.begin()
        // Each step takes a byte at least, where it does not pass.
        for _ in 0..<bytes.count where !shell.isOutOfChance { shell.step() }
        if bytes[0] & 0x80 == 0 { shell.end() } else { shell.promote() }
        hold(shell.faults.isEmpty, shell.faults.first ?? "")
        do {
            var replay = try Replay(shell.recorded)
            let difference = try replay.firstDifference()
            hold(difference == nil, "a replay differs: \(String(describing: difference))")
        } catch {
            hold(false, "the recording cannot be read: \(error)")
        }
    }
}
