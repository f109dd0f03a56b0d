internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

/// The options that `seed`, `leech` and `get` share, and what they mean to a node.
enum TransferOptions {
    static let folder = Option(
        "dir", short: "d", value: "DIR", default: ".", completion: .folder,
        help: "the folder that holds, or receives, the content")
    static let listen = Option(
        "listen", value: "[ADDR:]PORT", default: "a free one from 6881 up",
        help: "where other peers reach this one; with ADDR, all of it leaves by that address")
    static let peer = Option(
        "peer", value: "HOST:PORT", repeatable: true, help: "connect to this peer too; may be repeated")
    static let tracker = Option(
        "tracker", value: "[ADDR:]PORT", help: "be a tracker, too, and announce every torrent there")
    static let uploadLimit = Option(
        "upload-limit", value: "RATE", default: "none", help: "bytes a second sent in all: 500K, 2M, 8Mbit")
    static let downloadLimit = Option(
        "download-limit", value: "RATE", default: "none", help: "bytes a second received in all")
    static let maxPeers = Option("max-peers", value: "N", default: "80", help: "connections a torrent")
    static let seedRatio = Option(
        "seed-ratio", value: "R", help: "stop once R times its size was uploaded")
    static let seedTime = Option(
        "seed-time", value: "MINUTES", help: "stop after seeding for so long; also 90s or 2h")
    static let privateIncoming = Option(
        "private-incoming", value: "any|tracker", default: PrivateIncoming.any.rawValue,
        completion: .words(PrivateIncoming.allCases.map(\.rawValue)),
        help: "who may connect to a private torrent: anybody, or whom its tracker named")
    static let exitWhenDone = Option(
        "exit-when-done", short: "e", help: "stop as soon as everything is complete")
    static let overwrite = Option(
        "overwrite", help: "replace files in DIR that are not ours, and FILE")
    static let noExchange = Option(
        "no-exchange", help: "do not tell peers of others, nor be told of others by them")
    static let noDHT = Option("no-dht", help: "neither ask nor serve the DHT")
    static let dhtBootstrap = Option(
        "dht-bootstrap", value: "HOST:PORT", repeatable: true, default: "well-known nodes",
        help: "begin at this node of the DHT; may be repeated")

    static let noLocalDiscovery = Option(
        "no-lsd", help: "do not look for peers on the local network, nor be found there")
    static let lanUnlimited = Option(
        "lan-unlimited", help: "no rate limit for peers on this machine or on a network that it is in")
    static let superSeed = Option(
        "super-seed", help: "send each piece once, hiding the others, until there is another seed")

    static let pieces = Option(
        "pieces", help: "show which pieces are there, on their way, rare, or with nobody")

    private static let all = [
        folder, listen, peer, tracker, uploadLimit, downloadLimit, lanUnlimited, maxPeers, noExchange, noDHT,
        dhtBootstrap, noLocalDiscovery, seedRatio, seedTime, superSeed, privateIncoming, exitWhenDone, overwrite,
        pieces, StatedPlace.usePath, IdentityArgument.option, PeerName.option,
    ]

    static let ofLeech = all.map { $0 == superSeed ? $0.hidden : $0 } + [SavedTorrent.option]

    /// The same for `get`, which ends when it is complete in any case.
    static let ofGet = [GetCommand.seed] + ofLeech.map { $0 == exitWhenDone ? $0.hidden : $0 }

    /// The same for `seed`: options for fetching are accepted, since a configuration file may set them for all
    /// commands.
    static let ofSeed =
        all.map { option in
            if option == overwrite { return SavedTorrent.overwrite }
            return [downloadLimit, exitWhenDone, StatedPlace.usePath].contains(option) ? option.hidden : option
        } + [SavedTorrent.option]

    /// Those that make sense for `share`, besides its own.
    static let ofShare = [
        listen, uploadLimit, lanUnlimited, maxPeers, noExchange, noDHT, dhtBootstrap, noLocalDiscovery,
        downloadLimit.hidden,
    ]

    /// The same for `console`: torrents and what becomes of their files are its commands' business.
    static let ofConsole = all.filter { ![StatedPlace.usePath, IdentityArgument.option].contains($0) }
        .map { [exitWhenDone, superSeed].contains($0) ? $0.hidden : $0 }

    /// The options of a node.
    static func node(_ arguments: ParsedArguments) throws(CommandError) -> PeerOptions {
        var options = PeerOptions()
        try setAddresses(of: &options, arguments)
        options.limits.upload = try limit(uploadLimit, arguments)
        options.limits.download = try limit(downloadLimit, arguments)
        if let count = try arguments.value(maxPeers, .integer(1...10_000)) { options.maxPeers = count }
        options.ends.ratio = try arguments.value(seedRatio, .ratio)
        options.ends.time = try arguments.value(seedTime, .duration(unit: .seconds(60)))
        if let incoming = try arguments.value(privateIncoming, .privateIncoming) { options.privateIncoming = incoming }
        options.overwrite = arguments.has(overwrite)
        options.superSeeds = arguments.has(superSeed)
        options.exchangesPeers = !arguments.has(noExchange)
        try PeerName.set(&options, arguments)
        setDiscovery(of: &options, arguments)
        options.lan.isUnlimited = arguments.has(lanUnlimited)
        options.recordings = ProcessEnvironment.value(of: recordVariable).flatMap { $0.isEmpty ? nil : $0 }
        return options
    }

    /// Where it listens, and whom it connects to.
    static func setAddresses(of options: inout PeerOptions, _ arguments: ParsedArguments) throws(CommandError) {
        if let place = try arguments.value(listen, .listen) {
            options.listen = try endpoint(place, of: listen, arguments)
        }
        for place in try arguments.values(peer, .hostAndPort) {
            options.peers.append(PeerAddress(host: place.host ?? "", port: place.port))
        }
        options.dht = arguments.has(noDHT) ? nil : try dhtOptions(arguments)
    }

    /// A part in the DHT that begins where the user says.
    static func dhtOptions(_ arguments: ParsedArguments) throws(CommandError) -> DHTOptions {
        let given = try arguments.values(dhtBootstrap, .hostAndPort)
        guard !given.isEmpty else { return DHTOptions(bootstrap: DHTOptions.wellKnown) }
        return DHTOptions(bootstrap: given.map { PeerAddress(host: $0.host ?? "", port: $0.port) })
    }

    /// By what it finds peers besides trackers and those that were named.
    static func setDiscovery(of options: inout PeerOptions, _ arguments: ParsedArguments) {
        options.lan.isOn = !arguments.has(noLocalDiscovery)
    }

    /// For looking into what a run did: names a folder in which each session is recorded.
    private static let recordVariable = "P2P_RECORD"

    /// An address to listen at; a port alone is for all addresses.
    static func endpoint(
        _ place: HostPort, of option: Option, _ arguments: ParsedArguments
    ) throws(CommandError) -> Endpoint {
        guard let host = place.host else { return Endpoint(.anyV4, port: place.port) }
        guard let address = IPAddress(text: host[...]) else {
            throw CommandError(.usage, "\(arguments.place(of: option)): \"\(host)\" is not an IPv4 or IPv6 address")
        }
        return Endpoint(address, port: place.port)
    }

    /// Nil, which is no limit, also for 0.
    private static func limit(_ option: Option, _ arguments: ParsedArguments) throws(CommandError) -> Int? {
        guard let rate = try arguments.value(option, ValueParser<Int64>.rate), rate > 0 else { return nil }
        return Int(rate)
    }
}

extension ValueParser<PrivateIncoming> {
    fileprivate static var privateIncoming: ValueParser<PrivateIncoming> {
        let words = PrivateIncoming.allCases.map(\.rawValue)
        return ValueParser(expected: words.joined(separator: " or ")) { PrivateIncoming(rawValue: $0) }
    }
}
