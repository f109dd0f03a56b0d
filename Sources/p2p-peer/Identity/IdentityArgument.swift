internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

/// `--identity DIR`: the folder of the peer that the command shall be.
enum IdentityArgument {
    // What is one process's alone must not come from a place that many read.
    static let option = Option(
        "identity", value: "DIR", completion: .folder, isSetting: false,
        help: "be the peer of that folder: its id, port, settings, data; a new one if missing")

    /// The settings of the peer that is meant, if it is there.
    static let settings: CommandProgram.Command.SettingsFile = { arguments throws(CommandError) in
        guard let place = try place(arguments), place.isThere else { return nil }
        return PeerIdentity.settings(in: place.folder)
    }

    /// The peer, from now on ours alone; nil if none was asked for.
    static func open(_ arguments: ParsedArguments, _ output: Output) throws(CommandError) -> PeerIdentity? {
        guard let place = try place(arguments) else { return nil }
        let identity = try explaining { () throws(IdentityError) in try PeerIdentity(place) }
        say(identity, output)
        return identity
    }

    private static func place(_ arguments: ParsedArguments) throws(CommandError) -> IdentityPlace? {
        guard let path = try arguments.value(option, .path) else { return nil }
        return try explaining { () throws(IdentityError) in
            var generator = SplitMix64(seed: RandomSeed.fromSystem())
            return try IdentityPlace(path, fresh: .random(using: &generator))
        }
    }

    private static func say(_ identity: PeerIdentity, _ output: Output) {
        let id = ByteString(identity.id.bytes.array)
        guard output.isJSON else {
            return output.message("\(identity.isNew ? "new peer" : "peer") \(id) in \(identity.folder.parent)")
        }
        output.event([
            "event": "identity", "id": .bytes(id), "path": .bytes(identity.folder), "new": .bool(identity.isNew),
        ])
    }

    /// A node that is this peer, at its port if that is free, or at another one, which is said and kept. `options` says
    /// where to listen if somebody wants it so.
    static func node(
        _ identity: PeerIdentity?, _ options: PeerOptions, _ output: Output,
        onEvent: @escaping @Sendable (PeerEvent) -> Void
    ) throws(PeerFailure) -> PeerNode {
        guard let identity else { return try PeerNode(options, onEvent: onEvent) }
        func node(_ options: PeerOptions) throws(PeerFailure) -> PeerNode {
            try PeerNode(options, records: identity.records, peerID: identity.id, onEvent: onEvent)
        }
        var kept = options
        let isFree = options.listen.map { $0.port == 0 } ?? true
        if isFree, let port = identity.port { kept.listen = Endpoint(options.listen?.address ?? .anyV4, port: port) }
        let found: PeerNode
        do throws(PeerFailure) {
            found = try node(kept)
        } catch {
            guard error.kind == .network, kept.listen != options.listen, let port = identity.port else { throw error }
            found = try node(options)
            output.message("port \(port) of this peer is taken; from now on it is \(found.listeningAt[0].port)")
        }
        do throws(IdentityError) {
            try identity.keep(port: found.listeningAt[0].port)
        } catch {
            throw PeerFailure(.io, words(error).description)
        }
        return found
    }

    // MARK: Errors

    private static func explaining<Result>(
        _ body: () throws(IdentityError) -> Result
    ) throws(CommandError) -> Result {
        do { return try body() } catch { throw CommandError(code(error), "--identity: \(words(error))") }
    }

    private static func code(_ error: IdentityError) -> ExitCode {
        switch error {
        case .several: .usage
        case .noFolder, .foreign, .inUse, .damaged, .unusable: .inputOutput
        }
    }

    private static func words(_ error: IdentityError) -> TerminalText {
        switch error {
        case .noFolder(let path): return "\(path) is no folder"
        case .foreign(let path): return "\(path) holds something else, and no peer; name a new folder"
        case .several(let path, let names):
            let first = names.prefix(3).map { path.appending($0).description }.joined(separator: ", ")
            return "\(path) holds \(names.count) peers; name one of \(first)"
        case .inUse(let path): return "another process is the peer in \(path); stop it, or name another folder"
        case .damaged(let path): return "\(path) is damaged: remove it, and the port is chosen anew"
        case .unusable(let path, let reason): return "\(path): \(reason)"
        }
    }
}
