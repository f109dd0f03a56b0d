package import ByteStrings

/// The word that lets others change what a tracker offers: from a file, or from the environment, never from the command
/// line, which others on the machine can read. The tracker and whoever publishes read it in the same way.
package enum PublishToken {
    /// The variable of the environment that may hold it.
    package static let variable = "P2P_PUBLISH_TOKEN"
    /// Bytes. What is shorter can be tried out.
    private static let shortest = 8
    private static let longest = 1_024

    /// The token in `file`, else the value of the variable; nil if there is neither. It warns of a file that others can
    /// read.
    package static func read(
        _ file: ByteString?, or value: ByteString?, _ output: Output
    ) throws(CommandError) -> String? {
        if let file { return try checked(contents(of: file, output), of: "\(file)") }
        guard let value, !value.isEmpty else { return nil }
        return try checked(value.bytes, of: "the variable \(variable)")
    }

    private static func contents(of file: ByteString, _ output: Output) throws(CommandError) -> [UInt8] {
        do throws(SmallFile.Problem) {
            let bytes = try SmallFile.read(file, limit: longest + 2, mayWait: true)
            if SmallFile.isReadableByOthers(file) {
                output.message(
                    "\(TerminalText("warning", style: .bad)): others can read \(file): chmod 600 keeps the token secret"
                )
            }
            return bytes
        } catch {
            guard error != .notFound else { throw CommandError(.notFound, "\(file): there is no such file") }
            throw CommandError(.inputOutput, "\(file): the token cannot be read: \(error.description)")
        }
    }

    /// Without the line break behind it. It has to pass through a header line, so that it is printable ASCII.
    private static func checked(_ bytes: [UInt8], of place: TerminalText) throws(CommandError) -> String {
        let token = bytes.prefix(bytes.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? 0)
        guard shortest...longest ~= token.count, token.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw CommandError(
                .usage, "\(place) holds no token: \(shortest) to \(longest) letters, digits or signs, no blanks")
        }
        return String(decoding: token, as: UTF8.self)
    }
}
