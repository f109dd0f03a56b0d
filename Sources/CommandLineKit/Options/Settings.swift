package import ByteStrings

/// What stands behind the command line: the environment first, then the configuration file.
package struct Settings: Sendable {
    private let environment: [ByteString: ByteString]
    private let file: ConfigFile?

    package init(environment: [ByteString: ByteString] = [:], file: ConfigFile? = nil) {
        self.environment = environment
        self.file = file
    }

    /// The values of `option`, from the first source that has one.
    func values(of option: Option, command: CommandSpec) throws(CommandError) -> [ParsedArguments.Given] {
        if let value = environment[ByteString(option.environmentName)] {
            // A list in one variable is set apart by blanks, which neither addresses nor URLs have.
            let isList = option.isRepeatable && !option.isFlag
            let values = isList ? value.split(separator: " ").filter { !$0.isEmpty } : [value]
            return values.map { .init(value: $0, origin: .environment(option.environmentName)) }
        }
        guard let file else { return [] }
        let entries = file.entries(key: option.name, of: command)
        return (option.isRepeatable ? entries : Array(entries.suffix(1))).map {
            .init(value: $0.value, origin: .file(file.path, line: $0.line))
        }
    }

    /// What `~` stands for.
    var home: ByteString? { environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } }
}
