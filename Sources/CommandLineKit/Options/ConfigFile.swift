/// A file of `key = value` lines, with `[command]` sections for what only one command shall hear.
package struct ConfigFile: Sendable, Equatable {
    package let path: String
    let entries: [Entry]

    /// One line that says something.
    struct Entry: Sendable, Equatable {
        /// Nil above the first section: for all commands.
        let section: String?
        let key: String
        let value: String
        let line: Int
    }

    /// Lines that begin with `#` or `;` are comments; a flag may stand without a value.
    package init(path: String, text: String) throws(CommandError) {
        var section: String?
        var entries: [Entry] = []
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (position, raw) in lines.enumerated() {
            let line = Self.trimmed(raw)
            guard let first = line.first, first != "#", first != ";" else { continue }
            if first == "[" {
                guard line.last == "]" else {
                    throw CommandError(.usage, "\(path), line \(position + 1): a section needs its closing bracket")
                }
                section = Self.trimmed(line.dropFirst().dropLast())
                continue
            }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = Self.trimmed(parts[0])
            guard !key.isEmpty else {
                throw CommandError(.usage, "\(path), line \(position + 1): there is no name before the =")
            }
            let value = parts.count == 2 ? Self.trimmed(parts[1]) : "true"
            entries.append(Entry(section: section, key: key, value: Self.unquoted(value), line: position + 1))
        }
        self.path = path
        self.entries = entries
    }

    /// Those of the command's own section, else those for all.
    func entries(key: String, section: String) -> [Entry] {
        let own = entries.filter { $0.key == key && $0.section == section }
        return own.isEmpty ? entries.filter { $0.key == key && $0.section == nil } : own
    }

    /// Where it is looked for: `$P2P_CONFIG`, else `$XDG_CONFIG_HOME/p2p/config`, else `~/.config/p2p/config`.
    static func location(_ environment: [String: String]) -> (path: String, isNamed: Bool)? {
        if let path = environment["P2P_CONFIG"] { return path.isEmpty ? nil : (path, true) }
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return (folder + "/p2p/config", false) }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return (home + "/.config/p2p/config", false)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        var end = start[...]
        while let last = end.last, last == " " || last == "\t" { end.removeLast() }
        return String(end)
    }

    private static func unquoted(_ text: String) -> String {
        text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
    }
}
