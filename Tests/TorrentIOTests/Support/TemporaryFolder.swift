import Glibc
import TorrentIO

/// A folder of a test's own, gone with it.
final class TemporaryFolder {
    let path: String

    init(in parent: String = "/tmp") {
        var template = Array("\(parent)/p2p-io-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "no temporary folder")
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit { Self.remove(path) }

    subscript(_ name: String) -> String { path + "/" + name }

    func makeFolder(_ name: String) { mkdir(self[name], 0o777) }
    func link(_ name: String, to target: String) { symlink(target, self[name]) }
    func write(_ name: String, _ bytes: [UInt8]) throws { try AtomicFile.write(bytes, to: self[name]) }
    func read(_ name: String) throws -> [UInt8] { try AtomicFile.readWhole(self[name], limit: 1 << 24) }

    /// Names in the folder, sorted.
    var names: [String] { Self.names(path) }

    private static func names(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func remove(_ path: String) {
        for name in names(path) {
            let inner = path + "/" + name
            if unlink(inner) != 0 { remove(inner) }
        }
        rmdir(path)
    }
}

/// Bytes that tell positions apart.
func pattern(_ count: Int, seed: Int = 0) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 + seed) &* 31 ^ ($0 >> 8)) }
}
