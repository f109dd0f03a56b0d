/// Bytes that look random and are the same on every run for the same seed.
package struct PayloadBytes {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    package mutating func next(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var index = 0
            while index < count {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                var word = state
                let end = min(index + 8, count)
                while index < end {
                    buffer[index] = UInt8(truncatingIfNeeded: word)
                    word >>= 8
                    index += 1
                }
            }
            filled = count
        }
    }
}

/// A folder or a file to share: names with their sizes, filled from a seed.
package struct Payload: Sendable {
    package let name: String
    /// Paths relative to the payload's folder; a single empty path makes the payload one file.
    package let files: [(path: String, size: Int)]
    package let seed: UInt64

    package init(name: String, files: [(path: String, size: Int)], seed: UInt64 = 1) {
        self.name = name
        self.files = files
        self.seed = seed
    }

    package init(file name: String, size: Int, seed: UInt64 = 1) {
        self.init(name: name, files: [("", size)], seed: seed)
    }

    package var length: Int { files.reduce(0) { $0 + $1.size } }

    /// Sizes that are no multiple of a piece or a block, an empty file, one byte, names outside ASCII.
    package static func mixed(name: String = "mixed", bytes: Int, seed: UInt64 = 7) -> Payload {
        let large = bytes * 5 / 8 + 1
        let middle = bytes / 4 + 13
        return Payload(
            name: name,
            files: [
                ("a/large.bin", large), ("a/none", 0), ("b/c/middle.dat", middle), ("b/one", 1),
                ("z rest – ü.txt", max(bytes - large - middle - 1, 0)),
            ], seed: seed)
    }

    /// Writes the payload below `folder` and returns its path.
    @discardableResult
    package func write(below folder: String) throws -> String {
        var source = PayloadBytes(seed: seed)
        for file in files {
            let path = file.path.isEmpty ? "\(folder)/\(name)" : "\(folder)/\(name)/\(file.path)"
            try FileTree.write(source.next(file.size), to: path)
        }
        return "\(folder)/\(name)"
    }
}
