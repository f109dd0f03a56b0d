package import ByteStrings

/// What stands behind the command line: the environment first, then the configuration files.
package struct Settings: Sendable {
    private let environment: [ByteString: ByteString]
    /// The first that has a value counts.
    private var files: [ConfigFile]

    /// `file` may have no value either.
    package init(environment: [ByteString: ByteString] = [:], file: ConfigFile? = nil) {
        self.environment = environment
        files = file.map { [$0] } ?? []
    }

    /// With another file that comes before the one that is there.
    func before(_ file: ConfigFile) -> Settings {
        var settings = self
        settings.files.insert(file, at: 0)
        return settings
    }

    /// The values of `option`, from the first source that has one.
    func values(of option: Option, command: CommandSpec) throws(CommandError) -> [ParsedArguments.Given] {
        if let value = environment[ByteString(option.environmentName)] {
            // A list in one variable is set apart by blanks, which neither addresses nor URLs have.
            let isList = option.isRepeatable && !option.isFlag
            let values = isList ? value.split(separator: " ").filter { !$0.isEmpty } : [value]
            return values.map { .init(value: $0, origin: .environment(option.environmentName)) }
        }
        for file in files {
            let entries = file.entries(key: option.name, of: command)
            guard !entries.isEmpty else { continue }
            return (option.isRepeatable ? entries : Array(entries.suffix(1))).map {
                .init(value: $0.value, origin: .file(file.path, line: $0.line))
            }
        }
        return []
    }

    /// What `~` stands for.
    var home: ByteString? { environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } }
}
