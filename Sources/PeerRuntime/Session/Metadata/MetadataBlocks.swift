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

    /// All blocks of an assembly, which are not kept here any more.
    mutating func take(_ assembly: MetadataAssembly.ID) -> Whole {
        Whole(blocks: assemblies.removeValue(forKey: assembly) ?? [:])
    }

    /// Blocks that are all there, for whichever thread puts them together.
    struct Whole: Sendable {
        fileprivate let blocks: [Int: [UInt8]]

        var byteCount: Int { blocks.values.reduce(0) { $0 + $1.count } }

        /// Each block behind the one before it.
        consuming func joined() -> [UInt8] {
            let inOrder = blocks.sorted { $0.key < $1.key }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(inOrder.reduce(0) { $0 + $1.value.count })
            for (_, block) in inOrder { bytes += block }
            return bytes
        }
    }

    mutating func drop(_ assembly: MetadataAssembly.ID) { assemblies[assembly] = nil }

    mutating func dropAll() { assemblies = [:] }
}
