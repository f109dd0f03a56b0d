import Foundation

/// A folder of a test's own, gone with its last owner.
package final class TemporaryFolder: Sendable {
    package let path: String

    /// `parent` is where the system keeps such folders, unless a test asks for a certain file system.
    package init(_ label: String = "p2p", in parent: String = NSTemporaryDirectory()) throws {
        var template = Array("\(parent)/\(label).XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("mkdtemp: errno \(errno)") }
        let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = URL(fileURLWithPath: made).resolvingSymlinksInPath().path
        // Clients that give up their privileges still have to reach what lies inside.
        chmod(path, 0o755)
    }

    /// The path of `name` inside, whether or not it exists.
    package func path(_ name: String) -> String { "\(path)/\(name)" }

    /// A new folder inside.
    @discardableResult
    package func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        return path(name)
    }

    /// Names in the folder, sorted.
    package var names: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
    }

    /// A new file in the place of what `name` was.
    package func write(_ name: String, _ bytes: [UInt8]) throws {
        let new = path(".new")
        try FileTree.write(bytes, to: new)
        guard rename(new, path(name)) == 0 else { throw TestFailure("rename to \(name): errno \(errno)") }
    }

    package func read(_ name: String) throws -> [UInt8] { try FileTree.read(path(name)) }

    /// Removes what `name` is, with all that is in it.
    package func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

    package func link(_ name: String, to target: String) { symlink(target, path(name)) }

    deinit { remove() }

    /// Removes the folder now.
    package func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
