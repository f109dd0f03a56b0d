internal import CommandLineKit
internal import Glibc
internal import PeerRuntime
internal import TorrentCore

/// `--name`: what trackers with a catalogue call this peer. A service in a room needs names; a public tracker must not
/// learn one that nobody gave.
enum PeerName {
    static let option = Option(
        "name", value: "ME", default: "none; this host's at a catalogue",
        help: "what a catalogue calls you in its lists; '' tells it none")

    /// Sets the name that was given.
    static func set(_ options: inout PeerOptions, _ arguments: ParsedArguments) throws(CommandError) {
        guard let name = try arguments.value(option, .peerName) else { return }
        options.naming = PeerNaming(name: name.isEmpty ? nil : name)
    }

    /// The option as `share` explains it.
    static let ofSharer = Option(
        option.name, value: "ME", default: "this host's name", help: "what the catalogue calls you; '' tells it none")

    /// For whoever shares what no tracker knows but the one of this process.
    static func setOfSharer(_ options: inout PeerOptions, _ arguments: ParsedArguments) throws(CommandError) {
        guard try arguments.value(option, .peerName) == nil else { return }
        options.naming = PeerNaming(name: host)
    }

    /// For whoever shares at, or fetches from, the catalogues of `trackers` (host and port): this host's name, which
    /// only those trackers are told, unless one was given.
    static func setUsual(
        _ options: inout PeerOptions, at trackers: [String], _ arguments: ParsedArguments
    ) throws(CommandError) {
        guard !trackers.isEmpty, let naming = try usual(at: trackers, arguments) else { return }
        options.naming = naming
    }

    /// The same for a node that lives; nil if a name was given.
    static func usual(at trackers: [String], _ arguments: ParsedArguments) throws(CommandError) -> PeerNaming? {
        try arguments.value(option, .peerName) == nil ? PeerNaming(name: host, onlyAt: trackers) : nil
    }

    /// The name of this machine up to its first dot; nil if it has none that can be sent.
    static var host: String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let code = buffer.withUnsafeMutableBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { $0.baseAddress.map { gethostname($0, 255) } ?? -1 }
        }
        let name = buffer.prefix { $0 != 0 && $0 != UInt8(ascii: ".") }
        guard code == 0, !name.isEmpty, name.count <= AnnounceRequest.longestName else { return nil }
        return String(validating: name, as: UTF8.self)
    }
}

extension ValueParser<String> {
    fileprivate static var peerName: ValueParser<String> {
        let most = AnnounceRequest.longestName
        return ValueParser(expected: "a name of at most \(most) bytes") { $0.utf8.count <= most ? $0 : nil }
    }
}
