internal import ByteStrings
internal import CommandLineKit
internal import Synchronization
internal import TorrentCore
internal import TrackerRuntime

/// The tracker that `--tracker` runs beside a node: a peer can be client, server and tracker at once.
struct CompanionTracker {
    /// Hears of whoever announces itself: which torrent, who it says that it is, and where it listens.
    typealias OnNewcomer = @Sendable (InfoHash, PeerID, Endpoint) -> Void
    typealias OnAnnounce = @Sendable (AnnounceRequest, IPAddress) -> Void

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

    /// Starts it where it was asked for, else at its usual port, or a free one if that is taken.
    init(sharing arguments: ParsedArguments, _ output: Output) throws(CommandError) {
        let place = try arguments.value(TransferOptions.tracker, .listen)
        let asked = try place.map { (place) throws(CommandError) in try Self.configuration(place, arguments) }
        do throws(TrackerServerError) {
            do throws(TrackerServerError) {
                try self.init(asked ?? TrackerConfiguration(), output, level: 1)
            } catch {
                guard case .portTaken = error, asked == nil else { throw error }
                var configuration = TrackerConfiguration()
                configuration.port = 0
                try self.init(configuration, output, level: 1)
            }
        } catch {
            throw Self.commandError(error)
        }
    }

    private init(_ asked: TrackerConfiguration, _ output: Output, level: Int = 0) throws(TrackerServerError) {
        var configuration = asked
        configuration.onRequest = newcomers.hear
        server = try TrackerServer(configuration)
        endpoints = try server.start()
        announceURLs = server.announceURLs
        Self.say(endpoints, announceURLs, output, level)
    }

    /// Starts it at a place and says where.
    init(at place: HostPort, _ arguments: ParsedArguments, _ output: Output) throws(CommandError) {
        let configuration = try Self.configuration(place, arguments)
        do throws(TrackerServerError) {
            try self.init(configuration, output)
        } catch {
            throw Self.commandError(error)
        }
    }

    private static func configuration(
        _ place: HostPort, _ arguments: ParsedArguments
    ) throws(CommandError) -> TrackerConfiguration {
        var configuration = TrackerConfiguration()
        configuration.port = place.port
        if place.host != nil {
            let endpoint = try TransferOptions.endpoint(place, of: TransferOptions.tracker, arguments)
            configuration.addresses = [endpoint.address]
        }
        return configuration
    }

    /// Tells it the name of a torrent, for its page; the name of a private one is for its peers alone (BEP 27).
    func tellName(of metainfo: Metainfo) {
        guard !metainfo.isPrivate else { return }
        server.register(name: metainfo.name.description, for: metainfo.infoHash)
    }

    /// From now on `body` is called with whoever begins to announce itself; on a thread of the tracker, which waits.
    func onNewcomer(_ body: @escaping OnNewcomer) { newcomers.set(body) }

    /// The same of every announce, and the address that it comes from.
    func onAnnounce(_ body: @escaping OnAnnounce) { newcomers.set(all: body) }

    /// Lists a torrent for its owner.
    func publish(_ torrent: [UInt8]) throws(CommandError) -> CatalogueEntry {
        do throws(CatalogueRefusal) { return try server.publish(torrent) } catch {
            throw CommandError(.failure, "\(error)", slug: error.code)
        }
    }

    /// Where people fetch it from the catalogue.
    func path(of entry: CatalogueEntry) -> String { server.path(of: entry) }

    /// Takes a torrent out of the list.
    func withdraw(_ infoHash: InfoHash) { _ = server.withdraw(infoHash) }

    func stop() { server.stop() }

    private static func say(_ endpoints: [Endpoint], _ urls: [String], _ output: Output, _ level: Int) {
        guard output.isJSON else {
            for url in urls { output.message("tracker at \(url)", level: level) }
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

/// Picks announces out of what a tracker is asked, and those who have just come out of these.
private final class Newcomers: Sendable {
    private struct Bodies {
        var newcomer: CompanionTracker.OnNewcomer?
        var all: CompanionTracker.OnAnnounce?
    }

    private let bodies = Mutex(Bodies())

    func set(_ body: @escaping CompanionTracker.OnNewcomer) { bodies.withLock { $0.newcomer = body } }
    func set(all body: @escaping CompanionTracker.OnAnnounce) { bodies.withLock { $0.all = body } }

    @Sendable
    func hear(_ request: TrackerRequestLog) {
        guard case .announce(let announce, _) = request.outcome else { return }
        let bodies = bodies.withLock(\.self)
        bodies.all?(announce, request.source)
        guard announce.event == .started, announce.port != 0 else { return }
        bodies.newcomer?(announce.infoHash, announce.peerID, Endpoint(request.source, port: announce.port))
    }
}
