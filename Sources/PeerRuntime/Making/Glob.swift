package import ByteStrings

/// A pattern for paths of files: `*` any characters but `/`, `?` one of them, `[a-z]` and `[!a-z]` one of some, `**`
/// any number of folders, `\` takes the next character as it is.
///
/// A pattern without `/` is held against each name of a path, so `*.tmp` and `node_modules` match at any depth; one
/// with `/` is held against the whole path and against each folder above, counted from the folder that is shared. Names
/// are compared byte for byte, whatever their encoding; `*`, `?` and sets take whole UTF-8 characters, and a byte that
/// belongs to none counts as one.
package struct Glob: Hashable, Sendable {
    private let parts: [[UInt8]]
    private let isAnchored: Bool

    /// Nil if it is empty, or a set is not closed.
    package init?(_ pattern: ByteString) {
        let bytes = pattern.bytes
        let parts = bytes.split(separator: UInt8(ascii: "/")).map { Array($0) }
        guard !parts.isEmpty, parts.allSatisfy({ GlobMatcher.isWellFormed($0) }) else { return nil }
        self.parts = parts
        isAnchored = bytes.contains(UInt8(ascii: "/"))
    }

    /// Whether the file at `path`, or a folder above it, matches; names of folders and, last, of the file.
    package func matches(_ path: [[UInt8]]) -> Bool {
        if !isAnchored { return path.contains { GlobMatcher.name($0, matches: parts[0]) } }
        return (1...max(1, path.count)).contains { matchesWhole(path.prefix($0), parts[...]) }
    }

    private func matchesWhole(_ path: ArraySlice<[UInt8]>, _ parts: ArraySlice<[UInt8]>) -> Bool {
        // reached[n]: the parts so far can match the first n names.
        var reached = Array(repeating: false, count: path.count + 1)
        reached[0] = true
        for part in parts {
            var next = Array(repeating: false, count: path.count + 1)
            if part == Array("**".utf8) {
                var isReached = false
                for count in reached.indices {
                    isReached = isReached || reached[count]
                    next[count] = isReached
                }
            } else {
                for (count, name) in path.enumerated() where reached[count] {
                    next[count + 1] = GlobMatcher.name(name, matches: part)
                }
            }
            reached = next
        }
        return reached[path.count]
    }
}
