internal import ByteStrings

/// The settings of another program that reads the same configuration file: its sections, and the keys it knows.
package struct SettingNames: Sendable {
    /// Names that may stand in brackets.
    package let sections: [String]
    /// Names of options, without dashes.
    package let keys: [String]

    package init(sections: [String], keys: [String]) {
        self.sections = sections
        self.keys = keys
    }

    /// There is no other program.
    package static let none = SettingNames(sections: [], keys: [])
}

/// Finds settings in a configuration file that no program reads: they are mistakes.
struct SettingCheck {
    let commands: [CommandSpec]
    /// The settings of other programs.
    let others: SettingNames

    /// Throws at the first line that is a mistake.
    func check(_ file: ConfigFile) throws(CommandError) {
        for section in file.sections { try check(section, file) }
        for entry in file.entries { try check(entry, file) }
        for (position, entry) in file.entries.enumerated() {
            try check(entry, after: file.entries[..<position], file)
        }
    }

    /// Two values for the same setting are a mistake, as on the command line.
    private func check(
        _ entry: ConfigFile.Entry, after earlier: ArraySlice<ConfigFile.Entry>, _ file: ConfigFile
    ) throws(CommandError) {
        let isList = commands.contains { Self.option(of: entry, in: $0)?.isRepeatable ?? false }
        let isOurs = commands.contains { Self.option(of: entry, in: $0) != nil }
        let name = command(of: entry)
        guard isOurs, !isList, let first = earlier.first(where: { $0.key == entry.key && command(of: $0) == name }),
            first.value != entry.value
        else { return }
        throw CommandError(
            .usage, "\(file.path), line \(entry.line): \(entry.key) has another value in line \(first.line)")
    }

    /// A section may be named after an alias.
    private func command(of entry: ConfigFile.Entry) -> String? {
        entry.section.map { section in commands.first { $0.isCalled(section) }?.name ?? section.description }
    }

    private func check(_ section: ConfigFile.Section, _ file: ConfigFile) throws(CommandError) {
        let names = commands.flatMap(\.names) + others.sections
        guard !names.contains(where: { section.name == $0 }) else { return }
        throw CommandError(
            .usage,
            "\(file.path), line \(section.line): no command is called \"\(section.name)\""
                + Self.hint(section.name, among: names))
    }

    private func check(_ entry: ConfigFile.Entry, _ file: ConfigFile) throws(CommandError) {
        guard let section = entry.section else {
            let known = commands.compactMap { Self.option(of: entry, in: $0) }
            if let option = known.first { return try Self.check(entry, option, file) }
            if others.keys.contains(where: { entry.key == $0 }) { return }
            let names = commands.flatMap { Self.settings(of: $0) } + others.keys
            if !entry.hasValue, let name = names.first(where: { entry.key.hasPrefix("\($0) ") }) {
                throw CommandError(.usage, "\(file.path), line \(entry.line): an = is missing after \(name)")
            }
            throw CommandError(
                .usage,
                "\(file.path), line \(entry.line): no command has a setting \"\(entry.key)\""
                    + Self.hint(entry.key, among: names))
        }
        guard let command = commands.first(where: { $0.isCalled(section) }) else { return }
        try Self.check(entry, of: command, file)
    }

    /// A line in the section of `command`.
    static func check(_ entry: ConfigFile.Entry, of command: CommandSpec, _ file: ConfigFile) throws(CommandError) {
        if let option = option(of: entry, in: command) { return try check(entry, option, file) }
        throw CommandError(
            .usage,
            "\(file.path), line \(entry.line): \(command.name) has no setting \"\(entry.key)\""
                + hint(entry.key, among: settings(of: command)))
    }

    /// Only a flag may stand alone.
    private static func check(_ entry: ConfigFile.Entry, _ option: Option, _ file: ConfigFile) throws(CommandError) {
        guard let value = option.valueName, !entry.hasValue else { return }
        throw CommandError(
            .usage, "\(file.path), line \(entry.line): \(option.name) needs a value: \(option.name) = \(value)")
    }

    private static func option(of entry: ConfigFile.Entry, in command: CommandSpec) -> Option? {
        command.option(named: entry.key).flatMap { $0.isSetting ? $0 : nil }
    }

    private static func settings(of command: CommandSpec) -> [String] {
        command.options.filter(\.isSetting).map(\.name)
    }

    private static func hint(_ word: ByteString, among names: [String]) -> TerminalText {
        EditDistance.closest(to: word.description, among: names).map { "; did you mean \($0)?" } ?? ""
    }
}
