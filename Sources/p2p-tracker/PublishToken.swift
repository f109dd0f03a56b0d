internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore
internal import TorrentIO

/// The token that lets others publish: out of a file, or of the environment.
enum PublishToken {
    static let variable = "P2P_PUBLISH_TOKEN"
    /// Bytes.
    private static let longest = 1_024
    /// What is shorter can be tried out.
    private static let shortest = 8

    /// Nil if there is neither; what the command line names goes first.
    static func read(_ file: ByteString?, _ output: Output) throws(CommandError) -> [UInt8]? {
        if let file { return try checked(contents(of: file, output), of: "\(file)") }
        guard let value = ProcessEnvironment.value(of: variable), !value.isEmpty else { return nil }
        return try checked(value.bytes, of: "\(variable)")
    }

    private static func contents(of file: ByteString, _ output: Output) throws(CommandError) -> [UInt8] {
        do throws(SystemError) {
            let bytes = try AtomicFile.readWhole(file, limit: longest + 2)
            if AtomicFile.isReadableByOthers(file) {
                output.message(
                    "\(TerminalText("warning", style: .bad)): others can read \(file): chmod 600 keeps the token secret"
                )
            }
            return bytes
        } catch {
            guard !error.isNotFound else { throw CommandError(.notFound, "\(file): there is no such file") }
            throw CommandError(.inputOutput, "the token cannot be read from \(file): \(error.text)")
        }
    }

    /// Without the line break behind it. It has to pass through a header line, so that it is printable ASCII.
    private static func checked(_ bytes: [UInt8], of place: TerminalText) throws(CommandError) -> [UInt8] {
        let token = Array(bytes.prefix(bytes.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? 0))
        guard shortest...longest ~= token.count, token.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw CommandError(
                .usage, "\(place) holds no token: \(shortest) to \(longest) letters, digits or signs, no blanks")
        }
        return token
    }
}
