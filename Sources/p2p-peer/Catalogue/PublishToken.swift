internal import ByteStrings
internal import CommandLineKit
internal import TorrentIO

/// The token of those who may publish: from a file, or from the environment, never from the command line, which others
/// on the machine can read.
enum PublishToken {
    static let file = Option(
        "token-file", value: "FILE", completion: .file,
        help: "the token that the tracker asks for; the variable P2P_PUBLISH_TOKEN does the same")

    /// As the console's `use` explains it.
    static let ofUse = Option(
        file.name, value: "FILE", completion: .file, help: "the token that it asks for; no other is told it")

    private static let variable = "P2P_PUBLISH_TOKEN"
    /// Bytes.
    private static let limit = 4_096

    /// Nil if none was given.
    static func value(_ arguments: ParsedArguments) throws(CommandError) -> String? {
        if let token = try ofFile(arguments) { return token }
        guard let value = ProcessEnvironment.value(of: variable), !value.isEmpty else { return nil }
        return try checked(value.bytes, from: "the variable \(variable)")
    }

    /// The same of the option alone.
    static func ofFile(_ arguments: ParsedArguments) throws(CommandError) -> String? {
        guard let path = try arguments.value(file, .path) else { return nil }
        return try checked(try read(path), from: "\(path)")
    }

    private static func read(_ path: ByteString) throws(CommandError) -> [UInt8] {
        do throws(SystemError) {
            return try AtomicFile.readWhole(path, limit: limit)
        } catch {
            guard !error.isNotFound else { throw CommandError(.notFound, "\(path): there is no such file") }
            throw CommandError(.inputOutput, "\(path): the token cannot be read: \(error.text)")
        }
    }

    private static func checked(_ bytes: [UInt8], from place: TerminalText) throws(CommandError) -> String {
        let token = ByteString(bytes).split(separator: "\n").first?.bytes ?? []
        let trimmed = token.filter { $0 > 0x20 }
        guard !trimmed.isEmpty, trimmed.allSatisfy({ $0 < 0x7F }) else {
            throw CommandError(.usage, "\(place): holds no token, which is one line of printable ASCII")
        }
        return String(decoding: trimmed, as: UTF8.self)
    }
}
