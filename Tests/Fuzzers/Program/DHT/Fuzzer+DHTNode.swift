import SwarmTestSupport
import TorrentCore

extension Fuzzer {
    /// A whole node of the DHT, with events and datagrams drawn from the bytes. The first byte is its settings.
    static let dhtNode = Fuzzer(
        "dht-node", "the same bytes have the same effects, what is kept and sent is bounded, and the node sleeps",
        inputLimit: 4_096
    ) {
        (0..<24).map { seed in
            var generator = SplitMix64(seed: UInt64(seed) + 1)
            let events = (0..<(64 << (seed % 5))).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            // It begins with a start.
            return [UInt8(seed % 2 == 0 ? seed : seed + 64), 0, 0] + events
        }
    } run: { bytes in
        guard bytes.count > 1 else { return }
        var shell = DrawnDHTShell(settings: Int(bytes[0]), .bytes(bytes, used: 1))
        for _ in 0..<bytes.count where !shell.isOutOfChance { shell.step() }
        hold(shell.faults.isEmpty, shell.faults.first ?? "")
    }
}
