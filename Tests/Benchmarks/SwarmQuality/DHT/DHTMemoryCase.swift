import DHTEngine
import Glibc
import SwarmSimulator

/// What a busy node keeps resident: a full table, sixteen lookups on their way, and announces of two thousand sources.
enum DHTMemoryCase {
    private static let nodes = 40

    static func line() -> String {
        let crowd = DHTBusyNodes(seed: 1)
        let before = residentBytes()
        let figures = crowd.fill(nodes)
        let each = (residentBytes() - before) / nodes
        return "memory: \(each >> 10) KiB a node with \(figures.nodes) nodes and \(figures.spareNodes) spare, "
            + "\(figures.kept.peers) peers of \(figures.kept.torrents) torrents, \(figures.lookups) lookups"
    }

    private static func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 128)
        guard fgets(&text, Int32(text.count), file) != nil else { return 0 }
        let fields = text.prefix { $0 != 0 }.split(separator: 32)
        let pages = String(decoding: fields[1].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return (Int(pages) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }
}
