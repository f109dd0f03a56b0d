/// The picture of the targets in Architecture.md, one line a target, sorted from the ground up.
struct LayerPicture: Equatable {
    /// A target and what it depends on, as its line says: "SwarmEngine <- TorrentCore".
    struct Line: Equatable {
        let target: String
        let dependencies: Set<String>
    }

    private(set) var lines: [Line] = []

    static let path = "Sources/TorrentCore/TorrentCore.docc/Architecture.md"

    /// Reads the first block of indented lines with arrows. A line without one goes on with the list above it.
    init(in article: String) {
        let all = article.split(separator: "\n", omittingEmptySubsequences: false)
        let block = all.drop { !$0.hasPrefix("    ") || !$0.contains("<-") }.prefix { $0.hasPrefix("    ") }
        for line in block {
            let sides = line.split(separator: "<-", maxSplits: 1).map {
                $0.split { " ,".contains($0) }.map(String.init)
            }
            if sides.count == 2, let target = sides[0].first {
                lines.append(Line(target: target, dependencies: Set(sides[1])))
            } else if let last = lines.popLast() {
                lines.append(Line(target: last.target, dependencies: last.dependencies.union(sides.last ?? [])))
            }
        }
    }

    /// What differs between the picture and the manifest, a sentence each. A target without dependencies that stands
    /// in nobody's line counts as missing too.
    func differences(from manifest: [String: Set<String>]) -> [String] {
        var found: [String] = []
        let drawn = Dictionary(lines.map { ($0.target, $0.dependencies) }) { first, _ in first }
        for (target, dependencies) in manifest.sorted(by: { $0.key < $1.key }) {
            guard let picture = drawn[target] else {
                if !dependencies.isEmpty || !drawn.values.contains(where: { $0.contains(target) }) {
                    found.append("\(target) has no line: \(target) <- \(dependencies.sorted().joined(separator: ", "))")
                }
                continue
            }
            for name in dependencies.subtracting(picture).sorted() {
                found.append("\(target) depends on \(name), and its line does not say so")
            }
            for name in picture.subtracting(dependencies).sorted() {
                found.append("\(target) <- \(name) is drawn, and Package.swift has no such dependency")
            }
        }
        for line in lines where manifest[line.target] == nil {
            found.append("\(line.target) has a line, and is no target")
        }
        // From the ground up: whatever a line names has its own line above it, if it has one.
        var above: Set<String> = []
        for line in lines {
            for name in line.dependencies.sorted() where drawn[name] != nil && !above.contains(name) {
                found.append("\(name) stands below \(line.target), which is built on it")
            }
            if !above.insert(line.target).inserted { found.append("\(line.target) has two lines") }
        }
        return found
    }
}
