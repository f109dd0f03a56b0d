import TorrentCore

/// Who sent which blocks of metadata that came out wrong or was given up, until the right one is there: there are no
/// hashes of blocks (BEP 9), so only the whole says whether they were right.
struct MetadataBlame {
    // Oldest first. When there are too many, the oldest are forgotten.
    private var records: [MetadataAssembly] = []

    static let mostRecords = 16
    /// Blocks of all records together: some five megabytes.
    static let mostBlocks = 1 << 17

    mutating func add(_ assembly: MetadataAssembly) {
        guard !assembly.contributors.isEmpty else { return }
        records.append(assembly)
        while records.count > Self.mostRecords || blockCount > Self.mostBlocks, records.count > 1 {
            records.removeFirst()
        }
    }

    private var blockCount: Int { records.reduce(0) { $0 + $1.blocks.count } }

    /// Forgets all, and says who sent a block that is another than that of `good`, each once.
    mutating func settle(_ good: MetadataAssembly) -> [Contributor] {
        var liars: [Contributor] = []
        for record in records {
            for (number, block) in record.blocks.enumerated() {
                guard let source = block.source else { continue }
                let isRight = number < good.blocks.count && good.blocks[number].digest == block.digest
                let sender = record.contributors[Int(source)]
                if !isRight, !liars.contains(where: { $0.connection == sender.connection }) { liars.append(sender) }
            }
        }
        records = []
        return liars
    }
}
