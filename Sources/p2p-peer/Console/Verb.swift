internal import ByteStrings
internal import CommandLineKit

/// A command of the console: how it is called, what belongs behind it, what it does.
struct Verb: Sendable {
    let spec: CommandSpec
    /// What its arguments may become, in their order; the last one counts for all behind it.
    let completes: [ConsoleCompletion.Kind]
    let run: @Sendable (Console, ParsedArguments) throws(CommandError) -> Void

    init(
        _ spec: CommandSpec, completes: [ConsoleCompletion.Kind] = [],
        run: @escaping @Sendable (Console, ParsedArguments) throws(CommandError) -> Void
    ) {
        self.spec = spec
        self.completes = completes
        self.run = run
    }

    /// Optional argument of most: a torrent of this console.
    static let oneOfOurs = CommandSpec.Argument("N", help: "a torrent of this console: its number, or its name")

    /// The verb that `word` means: by its name, an alias, or a beginning that no other has.
    static func find(_ word: ByteString, among verbs: [Verb]) throws(CommandError) -> Verb {
        if let verb = verbs.first(where: { $0.spec.names.contains { word == $0 } }) { return verb }
        let begun = verbs.filter { $0.spec.names.contains { ByteString($0).bytes.starts(with: word.bytes) } }
        if begun.count == 1 { return begun[0] }
        guard begun.isEmpty else {
            let names = begun.map(\.spec.name).joined(separator: ", ")
            throw CommandError(.usage, "\"\(word)\" is the beginning of several: \(names)")
        }
        let closest = EditDistance.closest(to: word.description, among: verbs.flatMap(\.spec.names))
        let hint: TerminalText = closest.map { "; did you mean \($0)?" } ?? ""
        throw CommandError(.usage, "\"\(word)\" is no command here\(hint) (help lists them)")
    }
}
