/// Why a command cannot go on, in one line for a person: what happened, to what, what to do.
package struct CommandError: Error, Equatable, Sendable {
    package let exitCode: ExitCode
    /// Printed on standard error; for scripts it is a member of the `error` event.
    package let message: TerminalText
    /// The identifier in `--json` errors; that of the exit code unless there is a more exact one.
    package let slug: String

    package init(_ exitCode: ExitCode, _ message: TerminalText, slug: String? = nil) {
        self.exitCode = exitCode
        self.message = message
        self.slug = slug ?? exitCode.slug
    }
}
