internal import CommandLineKit
internal import TorrentIO

extension PublishToken {
    static let file = Option(
        "token-file", value: "FILE", completion: .file,
        help: "the token that the tracker asks for; the variable P2P_PUBLISH_TOKEN does the same")

    /// As the console's `use` explains it.
    static let ofUse = Option(
        file.name, value: "FILE", completion: .file, help: "the token that it asks for; no other is told it")

    /// Nil if none was given.
    static func value(_ arguments: ParsedArguments, _ output: Output) throws(CommandError) -> String? {
        try read(arguments.value(file, .path), or: ProcessEnvironment.value(of: variable), output)
    }

    /// The same of the option alone.
    static func ofFile(_ arguments: ParsedArguments, _ output: Output) throws(CommandError) -> String? {
        try read(arguments.value(file, .path), or: nil, output)
    }
}
