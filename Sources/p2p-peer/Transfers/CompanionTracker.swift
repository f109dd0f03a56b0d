internal import ByteStrings
internal import CommandLineKit
internal import Synchronization
internal import TorrentCore
internal import TrackerRuntime

/// The tracker that `--tracker` runs beside a node: a peer can be client, server and tracker at once.
struct CompanionTracker {
    /// Hears of whoever announces itself: which torrent, who it says that it is, and where it listens.
    typealias OnNewcomer = @Sendable (InfoHash, PeerID, Endpoint) -> Void

    private let server: TrackerServer
    private let newcomers = Newcomers()
    /// URLs by which others reach it, best first.
    let announceURLs: [String]
    /// Where its catalogue is, for this machine.
    var catalogueURL: String { server.catalogueURLs.last ?? "" }
    /// Where it listens, each address once.
    let endpoints: [Endpoint]

    /// Starts it and says where; nil if it was not asked for.
    init?(_ arguments: ParsedArguments, _ output: Output) throws(CommandError) {
        guard let place = try arguments.value(TransferOptions.tracker, .listen) else { return nil }
        try self.init(at: place, arguments, output)
    }

    /// Starts it at a place and says where.
    init(at place: HostPort, _ arguments: ParsedArguments, _ output: Output) throws(CommandError) {
        var configuration = TrackerConfiguration()
        configuration.port = place.port
        if place.host != nil {
            let endpoint = try TransferOptions.endpoint(place, of: TransferOptions.tracker, arguments)
            configuration.addresses = [endpoint.address]
        }
        configuration.onRequest = newcomers.hear
        do throws(TrackerServerError) {
            server = try TrackerServer(configuration)
            endpoints = try server.start()
            announceURLs = server.announceURLs
            Self.say(endpoints, announceURLs, output)
        } catch {
            throw Self.commandError(error)
        }
    }

    /// Tells it the name of a torrent, for its page; the name of a private one is for its peers alone (BEP 27).
    func tellName(of metainfo: Metainfo) {
        guard !metainfo.isPrivate else { return }
        server.register(name: metainfo.name.description, for: metainfo.infoHash)
    }

    /// From now on `body` is called with whoever begins to announce itself; on a thread of the tracker, which waits.
    func onNewcomer(_ body: @escaping OnNewcomer) { newcomers.set(body) }

    /// Lists a torrent for its owner.
    func publish(_ torrent: [UInt8]) throws(CommandError) -> CatalogueEntry {
        do throws(CatalogueRefusal) { return try server.publish(torrent) } catch {
            throw CommandError(.failure, "\(error)", slug: error.code)
        }
    }

    /// Takes a torrent out of the list.
    func withdraw(_ infoHash: InfoHash) { _ = server.withdraw(infoHash) }

    func stop() { server.stop() }

    private static func say(_ endpoints: [Endpoint], _ urls: [String], _ output: Output) {
        guard output.isJSON else {
            for url in urls { output.message("tracker at \(url)") }
            return
        }
        for endpoint in endpoints {
            output.event([
                "event": "tracker", "address": .string(endpoint.address.description),
                "port": .integer(Int64(endpoint.port)), "urls": .array(urls.map { .string($0) }),
            ])
        }
    }

    private static func commandError(_ error: TrackerServerError) -> CommandError {
        switch error {
        case .portTaken(let endpoint):
            CommandError(.network, "port \(endpoint.port) is taken; choose another with --tracker, or 0 for any")
        case .cannotListen(let endpoint, let reason):
            CommandError(.network, "the tracker cannot listen on \(endpoint): \(reason)")
        case .cannotStart(let reason): CommandError(.failure, "the tracker cannot start: \(reason)")
        case .stateUnusable(let path, let reason, let isDiskFull):
            CommandError(isDiskFull ? .diskFull : .inputOutput, "cannot keep the state in \(path): \(reason)")
        }
    }
}

/// Picks those who have just come out of what a tracker is asked.
private final class Newcomers: Sendable {
    private let body = Mutex<CompanionTracker.OnNewcomer?>(nil)

    func set(_ body: @escaping CompanionTracker.OnNewcomer) { self.body.withLock { $0 = body } }

    @Sendable
    func hear(_ request: TrackerRequestLog) {
        guard case .announce(let announce, _) = request.outcome, announce.event == .started, announce.port != 0 else {
            return
        }
        body.withLock(\.self)?(announce.infoHash, announce.peerID, Endpoint(request.source, port: announce.port))
    }
}
