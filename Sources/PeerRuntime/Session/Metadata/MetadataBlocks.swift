import SwarmEngine
import TorrentCore

/// The bytes of metadata that have come, by the assembly for which the brain wants them. There is memory for what came
/// and none for what was claimed.
struct MetadataBlocks {
    private var assemblies: [MetadataAssembly.ID: [Int: [UInt8]]] = [:]

    /// Keeps the bytes of one block where the brain wants them.
    mutating func keep(_ bytes: [UInt8], at place: MetadataPlace) {
        assemblies[place.assembly, default: [:]][place.offset] = bytes
    }

    /// All bytes of an assembly, each block behind the one before it.
    func bytes(of assembly: MetadataAssembly.ID) -> [UInt8] {
        let blocks = (assemblies[assembly] ?? [:]).sorted { $0.key < $1.key }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(blocks.reduce(0) { $0 + $1.value.count })
        for (_, block) in blocks { bytes += block }
        return bytes
    }

    mutating func drop(_ assembly: MetadataAssembly.ID) { assemblies[assembly] = nil }

    mutating func dropAll() { assemblies = [:] }
}
