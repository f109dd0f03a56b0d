internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore
internal import TorrentIO
internal import TrackerRuntime

/// The options of `p2p-tracker`, and its action.
enum TrackerCommand {
    static let port = Option(
        "port", value: "PORT", default: "6969", help: "for HTTP and UDP; 0 lets the system choose a free one")
    static let bind = Option(
        "bind", value: "ADDR", repeatable: true, default: "all addresses, IPv4 and IPv6",
        help: "listen on this address only; repeat for more")
    static let state = Option(
        "state", value: "FILE", default: "memory alone", completion: .file,
        help: "keep the swarms in FILE, and the catalogue in FILE.torrents, over a restart")
    static let interval = Option(
        "interval", value: "SECONDS", default: "900", help: "how often peers are asked to announce themselves")
    static let lanes = Option(
        "lanes", value: "N", default: "1", help: "answer on N processors at once, each with sockets of its own")
    static let trustProxy = Option(
        "trust-proxy", value: "ADDR", repeatable: true,
        help: "take the word of the proxy at ADDR on who its clients are (X-Forwarded-For)")

    static let externalAddress = Option(
        "external-address", value: "ADDR", repeatable: true,
        help: "what the world calls this network, whose router forwards its peers' ports; one IPv4, one IPv6")

    static let publishTokenFile = Option(
        "publish-token-file", value: "FILE", completion: .file,
        help: "let those publish who know the token in FILE; P2P_PUBLISH_TOKEN does the same")
    static let openCatalogue = Option(
        "open-catalogue", help: "let everybody publish, 100 torrents an address at most")
    static let listedOnly = Option("listed-only", help: "track only torrents that are in the catalogue")
    static let noCatalogue = Option("no-catalogue", help: "offer no torrents, only bring peers together")

    static let spec = CommandSpec(
        "tracker", summary: "Runs a BitTorrent tracker.",
        details: [
            "Answers announces and scrapes over HTTP and UDP on one port. For people there is a page at /, for "
                + "scripts /stats.json, for Prometheus /metrics.",
            "It has a catalogue of torrents, at /torrents: p2p-peer publish and unpublish change it, from this machine "
                + "or with the token, and p2p-peer browse shows it.",
            "Ctrl-C or SIGTERM ends it; with --state, its swarms and its catalogue, in FILE.torrents, are there again "
                + "at the next start.",
        ],
        options: [
            port, bind, state, interval, lanes, trustProxy, externalAddress, publishTokenFile,
            openCatalogue, listedOnly, noCatalogue,
        ],
        examples: [
            .init("p2p-tracker", "on port 6969 of every address"),
            .init("p2p-tracker --port 8080 --bind 192.168.1.7 --state tracker.state", "on one address, with a memory"),
            .init("p2p-tracker --external-address 203.0.113.5", "in a network that the world reaches there"),
        ],
        exitCodes: [.success, .failure, .usage, .notFound, .inputOutput, .network, .diskFull])

    static let command: CommandProgram.Command = .init(spec, isService: true) {
        arguments, output throws(CommandError) in
        let configuration = try configuration(arguments, output)
        return try TrackerRun(configuration, output: output).run()
    }

    private static func configuration(
        _ arguments: ParsedArguments, _ output: Output
    ) throws(CommandError) -> TrackerConfiguration {
        var configuration = TrackerConfiguration()
        if let port = try arguments.value(port, .port) { configuration.port = port }
        for address in try arguments.values(bind, .address) where !configuration.addresses.contains(address) {
            configuration.addresses.append(address)
        }
        configuration.stateFile = try arguments.value(state, .path)
        // Below half a minute clients do nothing but announce; above a day, who has gone stays for days.
        if let seconds = try arguments.value(interval, .integer(30...86_400)) {
            configuration.interval = .seconds(seconds)
        }
        if let lanes = try arguments.value(lanes, .integer(1...64)) { configuration.lanes = Int(lanes) }
        configuration.trustedProxies = try arguments.values(trustProxy, .address)
        configuration.externalAddresses = try externalAddresses(arguments)
        configuration.catalogue = try catalogue(arguments, output)
        configuration.onWarning = { RunMessages.say($0, on: output) }
        if output.verbosity > 0 { configuration.onRequest = { RunMessages.say($0, on: output) } }
        return configuration
    }

    private static func catalogue(
        _ arguments: ParsedArguments, _ output: Output
    ) throws(CommandError) -> CatalogueConfiguration {
        var catalogue = CatalogueConfiguration()
        catalogue.isOn = !arguments.has(noCatalogue)
        catalogue.isOpen = arguments.has(openCatalogue)
        catalogue.isListedOnly = arguments.has(listedOnly)
        let tokenFile = try arguments.value(publishTokenFile, .path)
        if catalogue.isOn {
            let variable = ProcessEnvironment.value(of: PublishToken.variable)
            catalogue.token = try PublishToken.read(tokenFile, or: variable, output).map { Array($0.utf8) }
        } else if catalogue.isOpen || catalogue.isListedOnly || tokenFile != nil {
            // A token in the environment is nobody's wish here, and is let be.
            throw CommandError(.usage, "--no-catalogue leaves nothing to publish to: drop it, or what goes with it")
        }
        return catalogue
    }

    /// One of each family at the most: a port is forwarded from one address.
    private static func externalAddresses(_ arguments: ParsedArguments) throws(CommandError) -> [IPAddress] {
        let addresses = try arguments.values(externalAddress, .address)
        for address in addresses where !TrackerConfiguration.isOfTheWorld(address) {
            throw CommandError(.usage, "--external-address \(address): nobody outside can reach that")
        }
        guard addresses.count(where: \.isV4) <= 1, addresses.count(where: { !$0.isV4 }) <= 1 else {
            throw CommandError(.usage, "--external-address stands once for IPv4 and once for IPv6")
        }
        return addresses
    }
}

extension ValueParser<IPAddress> {
    /// An IPv4 or IPv6 address, the latter with or without brackets.
    fileprivate static var address: ValueParser<IPAddress> {
        ValueParser(expected: "an address (for example 192.168.1.7 or ::1)") { IPAddress($0) }
    }
}
