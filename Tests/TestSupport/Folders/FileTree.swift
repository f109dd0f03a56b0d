import Foundation

/// Small file operations that tests read like sentences.
package enum FileTree {
    package static func write(_ bytes: [UInt8], to path: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    package static func read(_ path: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    }

    package static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }

    /// Bytes of the file at `path`, or nil where there is none.
    package static func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Who may do what with the file at `path`, or nil where there is none.
    package static func mode(_ path: String) -> UInt32? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
    }

    package static func copy(_ source: String, to target: String) throws {
        try FileManager.default.copyItem(atPath: source, toPath: target)
    }

    /// Every regular file below `root`, by path relative to it, sorted.
    package static func files(below root: String) -> [String] {
        guard let walker = FileManager.default.enumerator(atPath: root) else { return [] }
        return walker.compactMap { $0 as? String }.filter {
            var status = stat()
            return lstat("\(root)/\($0)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }.sorted()
    }

    /// What makes `copy` differ from `original`: missing or differing files of the original, one line each. Files
    /// that only `copy` has count when `exactly` is set.
    package static func differences(
        _ copy: String, from original: String, exactly: Bool = false
    ) throws -> [String] {
        let expected = files(below: original)
        var found: [String] = []
        for file in expected {
            guard FileManager.default.fileExists(atPath: "\(copy)/\(file)") else {
                found.append("\(file): missing")
                continue
            }
            let left = try read("\(original)/\(file)")
            let right = try read("\(copy)/\(file)")
            if left.count != right.count {
                found.append("\(file): \(right.count) bytes instead of \(left.count)")
            } else if left != right {
                let offset = zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
                found.append("\(file): differs from byte \(offset) on")
            }
        }
        if exactly {
            found += Set(files(below: copy)).subtracting(expected).sorted().map { "\($0): not of the original" }
        }
        return found
    }
}
