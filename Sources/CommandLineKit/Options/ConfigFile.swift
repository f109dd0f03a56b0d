package import ByteStrings

/// A file of `key = value` lines, with `[command]` sections for what only one command shall hear.
package struct ConfigFile: Sendable, Equatable {
    /// Where it was read, for messages about its lines.
    package let path: ByteString
    let entries: [Entry]
    let sections: [Section]

    /// The line that begins a section.
    struct Section: Sendable, Equatable {
        let name: ByteString
        let line: Int
    }

    /// A line with a setting.
    struct Entry: Sendable, Equatable {
        /// Nil above the first section: for all commands.
        let section: ByteString?
        let key: ByteString
        let value: ByteString
        /// False for a name without a value, as a flag may be.
        let hasValue: Bool
        let line: Int
    }

    /// Longest file that is read, bytes.
    private static let lengthLimit = 1 << 20

    /// Lines that begin with `#` or `;` are comments; a flag may stand without a value. Values are bytes, since some
    /// name files; lines may end as in DOS.
    package init(path: ByteString, contents: ByteString) throws(CommandError) {
        var sections: [Section] = []
        var entries: [Entry] = []
        // Editors of other systems put a byte order mark first, which is no part of a name.
        let mark = Array("\u{FEFF}".utf8)
        let text = contents.bytes.starts(with: mark) ? contents.dropFirst(mark.count) : contents
        for (position, raw) in text.split(separator: "\n").enumerated() {
            let ended = raw.bytes.last == UInt8(ascii: "\r") ? raw.bytes.dropLast() : raw.bytes[...]
            let line = Self.trimmed(ended)
            guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { continue }
            guard !line.contains(0) else {
                throw CommandError(.usage, "\(path), line \(position + 1): a zero byte has no place in a setting")
            }
            if first == UInt8(ascii: "[") {
                guard line.last == UInt8(ascii: "]") else {
                    throw CommandError(.usage, "\(path), line \(position + 1): a section needs its closing bracket")
                }
                let name = ByteString(Self.trimmed(line.dropFirst().dropLast()))
                sections.append(Section(name: name, line: position + 1))
                continue
            }
            let equals = line.firstIndex(of: UInt8(ascii: "="))
            let key = ByteString(Self.trimmed(line[..<(equals ?? line.endIndex)]))
            guard !key.isEmpty else {
                throw CommandError(.usage, "\(path), line \(position + 1): there is no name before the =")
            }
            let value = equals.map { Self.unquoted(Self.trimmed(line[($0 + 1)...])) } ?? "true"
            entries.append(
                Entry(
                    section: sections.last?.name, key: key, value: value, hasValue: equals != nil, line: position + 1))
        }
        self.sections = sections
        self.path = path
        self.entries = entries
    }

    /// Reads the file that `environment` names, or the one at the usual place; nil if there is none. A file that is
    /// there but cannot be used is an error, since it was meant to be used.
    static func read(_ environment: [ByteString: ByteString]) throws(CommandError) -> ConfigFile? {
        guard let (path, isNamed) = location(environment) else { return nil }
        return try read(path, isNamed: isNamed)
    }

    /// The same of a file at `path`, which need not be there unless it was named.
    static func read(_ path: ByteString, isNamed: Bool = false) throws(CommandError) -> ConfigFile? {
        let bytes: [UInt8]
        do throws(SmallFile.Problem) {
            bytes = try SmallFile.read(path, limit: lengthLimit)
        } catch {
            switch error {
            case .notFound where isNamed:
                throw CommandError(.notFound, "P2P_CONFIG names \(path), which does not exist")
            case .notFound: return nil
            // Whoever has no way to the folder, as after a change of the user, has no settings there.
            case .outOfReach where !isNamed: return nil
            case .tooLong:
                throw CommandError(
                    .inputOutput, "\(path): more than \(HumanUnits.size(Int64(lengthLimit))), too much for settings")
            default: throw CommandError(.inputOutput, "\(path): no configuration can be read there: \(error)")
            }
        }
        return try ConfigFile(path: path, contents: ByteString(bytes))
    }

    /// Those of the command's own section, else those for all.
    func entries(key: String, of command: CommandSpec) -> [Entry] {
        let named = entries.filter { $0.key == key }
        let own = named.filter { entry in entry.section.map { command.isCalled($0) } ?? false }
        return own.isEmpty ? named.filter { $0.section == nil } : own
    }

    /// Where it is looked for: `$P2P_CONFIG`, else `$XDG_CONFIG_HOME/p2p/config`, else `~/.config/p2p/config`.
    static func location(_ environment: [ByteString: ByteString]) -> (path: ByteString, isNamed: Bool)? {
        if let path = environment["P2P_CONFIG"] { return path.isEmpty ? nil : (path, true) }
        if let folder = environment["XDG_CONFIG_HOME"], folder.isAbsolute {
            return (folder.appending("p2p/config"), false)
        }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return (home.appending(".config/p2p/config"), false)
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }

    private static func unquoted(_ text: ArraySlice<UInt8>) -> ByteString {
        let quote = UInt8(ascii: "\"")
        let isQuoted = text.count >= 2 && text.first == quote && text.last == quote
        return ByteString(isQuoted ? text.dropFirst().dropLast() : text)
    }
}
