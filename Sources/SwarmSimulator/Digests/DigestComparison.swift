/// Worlds of one kind that are to be run, and the digests that a table has for them.
package struct DigestComparison: Sendable {
    package let kind: WorldKind
    /// The seed of the first digest; the others follow it.
    package let first: Int
    /// In the order of the seeds.
    package let known: [UInt64]

    /// Positions of the digests that are others now.
    package func differences(from digests: [UInt64]) -> [Int] {
        precondition(digests.count == known.count, "a digest for each world")
        return known.indices.filter { digests[$0] != known[$0] }
    }
}

extension DigestTable {
    /// What is to be run: all of the table, which must then have each kind, with as many seeds as the others; or the
    /// `kinds`, each of which it must have. `seeds` says how many of each, all without it.
    package func comparisons(of kinds: [WorldKind]? = nil, seeds: Int? = nil) throws(Fault) -> [DigestComparison] {
        if kinds == nil { try expectAllAlike() }
        var comparisons: [DigestComparison] = []
        for kind in kinds ?? WorldKind.all {
            guard let entry = entries.first(where: { $0.kind == kind.name }) else {
                throw Fault("\(kind.name) is not in it")
            }
            let count = seeds ?? entry.digests.count
            guard count <= entry.digests.count else {
                throw Fault("\(kind.name) has \(entry.digests.count) seeds in it, not \(count)")
            }
            comparisons.append(
                DigestComparison(kind: kind, first: entry.first, known: Array(entry.digests.prefix(count))))
        }
        return comparisons
    }

    /// A table that has been cut, or that is of another version of the program, would prove less than it seems to.
    private func expectAllAlike() throws(Fault) {
        for entry in entries {
            guard WorldKind.all.contains(where: { $0.name == entry.kind }) else {
                throw Fault("\(entry.kind): there is no such kind of world")
            }
            guard entry.digests.count == entries[0].digests.count else {
                throw Fault(
                    "\(entry.kind) has \(entry.digests.count) seeds in it, "
                        + "\(entries[0].kind) has \(entries[0].digests.count)")
            }
        }
    }
}

extension WorldKind {
    /// Those whose names begin with one of `beginnings`, all without any; nil if one of these begins no name.
    package static func beginning(with beginnings: [String]) -> [WorldKind]? {
        guard !beginnings.isEmpty else { return all }
        guard beginnings.allSatisfy({ beginning in all.contains { $0.name.hasPrefix(beginning) } }) else { return nil }
        return all.filter { kind in beginnings.contains { kind.name.hasPrefix($0) } }
    }
}
