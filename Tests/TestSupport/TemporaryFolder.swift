import Foundation

/// A folder of a test's own, gone with its last owner.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init(_ label: String = "p2p") throws {
        var template = Array("\(NSTemporaryDirectory())/\(label).XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("mkdtemp: errno \(errno)") }
        let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = URL(fileURLWithPath: made).resolvingSymlinksInPath().path
        // Clients that give up their privileges still have to reach what lies inside.
        chmod(path, 0o755)
    }

    /// The path of `name` inside, whether or not it exists.
    package func path(_ name: String) -> String { "\(path)/\(name)" }

    /// A new folder inside.
    package func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        return path(name)
    }

    deinit { remove() }

    /// Removes the folder now.
    package func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
