import Foundation

/// A file of ours as the rules see it: its lines whole, and its lines with strings and comments blanked out.
struct SourceFile: Sendable {
    /// From the root of the repository: "Sources/TorrentIO/Links/PeerLink.swift".
    let path: String
    let text: String
    let lines: [String]
    /// The code alone: string contents and comments are blanks, everything stands where it stood.
    let code: [String]
    /// The comments alone.
    let comments: [String]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let parts = SourceScanner.scan(text)
        code = parts.code.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        comments = parts.comments.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The target it belongs to: the folder under `Sources` or `Tests`.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 1 ? String(parts[1]) : ""
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isC: Bool { path.hasSuffix(".c") || path.hasSuffix(".h") }
    var isProduct: Bool { path.hasPrefix("Sources/") }

    /// How many lines it has; the empty one after the last line break is none.
    var lineCount: Int { lines.last == "" ? lines.count - 1 : lines.count }
}

/// The working copy that these tests were built from.
enum Repository {
    static let root = {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        // Up from here to where the manifest stands.
        while !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path()),
            folder.path() != "/"
        {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    /// Swift and C under `Sources` and `Tests`, sorted by path.
    static let files: [SourceFile] = ["Sources", "Tests"].flatMap { folder in
        let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path())?.allObjects ?? []
        return names.compactMap { $0 as? String }
            .filter { (name: String) in name.hasSuffix(".swift") || name.hasSuffix(".c") || name.hasSuffix(".h") }
            .sorted()
            .compactMap { (name: String) -> SourceFile? in
                let path = folder + "/" + name
                guard let data = FileManager.default.contents(atPath: root.appending(path: path).path()) else {
                    return nil
                }
                return SourceFile(path: path, text: String(decoding: data, as: UTF8.self))
            }
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}
