internal import ByteStrings
internal import CommandLineKit
internal import Glibc

/// For a path that does not exist: the name in the same folder that was probably meant.
enum MeantName {
    /// Names of a folder that are looked at.
    private static let mostNames = 2_000

    /// "; did you mean Downloads?", or nothing.
    static func hint(for path: ByteString, isFolder: Bool) -> TerminalText {
        guard let name = path.lastComponent.text, !name.isEmpty else { return "" }
        let names = names(in: path.parent).filter { $0 != name }
        guard let closest = EditDistance.closest(to: name, among: names) else { return "" }
        let isBare = path.components.count == 1 && !path.isAbsolute
        let meant = isBare ? ByteString(closest) : path.parent.appending(ByteString(closest))
        guard FileStatus.exists(meant), !isFolder || FileStatus.isFolder(meant) else { return "" }
        return "; did you mean \(meant)?"
    }

    private static func names(in folder: ByteString) -> [String] {
        guard let stream = folder.withCharacters({ opendir($0) }) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < mostNames, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { ByteString(Array($0.prefix { $0 != 0 })) }
            if let text = name.text, !text.hasPrefix(".") { names.append(text) }
        }
        return names
    }
}
