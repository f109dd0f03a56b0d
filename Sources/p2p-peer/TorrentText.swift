internal import CommandLineKit

/// Names and paths of torrents, which are bytes, as text.
enum TorrentText {
    static func name(_ bytes: [UInt8]) -> TerminalText { TerminalText(bytes: bytes) }

    /// Not yet safe for a terminal.
    static func path(_ components: [[UInt8]]) -> String {
        components.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    }
}
