import Dispatch
import HTTPService
import Synchronization
package import TorrentCore
import TorrentIO
import TrackerEngine

// @unchecked: everything but the reactors and what they share is set up before they start and then confined to them.
/// A tracker on the network: HTTP and UDP on one port, on reactors of its own. For `p2p-tracker`, and for a peer that
/// is a tracker too.
package final class TrackerServer: @unchecked Sendable {
    package let configuration: TrackerConfiguration
    let shared: SharedTracker
    private let lanes: [Lane]
    private var snapshots: SnapshotWriter?
    private var isStarted = false

    package init(_ configuration: TrackerConfiguration) throws(TrackerServerError) {
        self.configuration = configuration
        var reactors: [Reactor] = []
        do throws(SystemError) {
            for number in 0..<max(1, configuration.lanes) { reactors.append(try Reactor(name: "tracker \(number)")) }
        } catch {
            throw .cannotStart(reason: error.description)
        }
        let shared = SharedTracker(configuration, lanes: reactors.count, at: reactors[0].now)
        self.shared = shared
        lanes = reactors.enumerated().map { number, reactor in
            Lane(service: TrackerService(shared: shared, reactor: reactor, lane: number))
        }
    }

    /// A reactor with what it serves.
    private final class Lane {
        let service: TrackerService
        private let http: HTTPServer
        private var datagramListeners: [DatagramListener] = []

        init(service: TrackerService) {
            self.service = service
            let shared = service.shared
            http = HTTPServer(
                service, on: service.reactor, limits: shared.configuration.limits.http, room: shared.connections,
                traffic: service.httpTraffic
            ) { shared.configuration.onWarning?(.outOfDescriptors) }
        }

        func listen(on sockets: BoundSockets.LaneSockets) throws(SystemError) {
            for listener in sockets.listeners { try http.listen(on: listener) }
            for socket in sockets.datagrams {
                datagramListeners.append(DatagramListener(socket, service: service))
                try datagramListeners.last?.start()
            }
        }

        func scheduleTick() {
            service.reactor.setTimer(after: .seconds(1)) { [weak self] in
                guard let self else { return }
                service.tick()
                scheduleTick()
            }
        }

        func stop() {
            http.stop()
            for listener in datagramListeners { listener.stop() }
        }
    }

    // MARK: Life

    /// Listens, reads the state, and begins to answer. To be called once. Returns where it listens, each address once.
    package func start() throws(TrackerServerError) -> [Endpoint] {
        precondition(!isStarted, "a server starts once")
        ProcessLimits.ignoreBrokenPipes()
        let sockets = try BoundSockets(configuration, lanes: lanes.count)
        shared.endpoints = sockets.endpoints
        shared.lookAtInterfaces()
        let first = lanes[0].service
        if let path = configuration.stateFile {
            let file = StateFile(path: path)
            try load(file)
            if configuration.catalogue.isOn { try loadCatalogue(CatalogueFolder(beside: path)) }
            snapshots = SnapshotWriter(service: first, file: file)
        }
        do throws(SystemError) {
            for (lane, its) in zip(lanes, sockets.lanes) { try lane.listen(on: its) }
        } catch {
            throw .cannotStart(reason: error.description)
        }
        snapshots?.schedule()
        isStarted = true
        for lane in lanes {
            lane.scheduleTick()
            lane.service.reactor.start()
        }
        return sockets.endpoints
    }

    private func load(_ file: StateFile) throws(TrackerServerError) {
        let now = lanes[0].service.reactor.now
        do throws(StateFile.Failure) {
            let warnings = try shared.tracker.withLock { tracker throws(StateFile.Failure) in
                try file.load(into: &tracker, at: now)
            }
            for warning in warnings { configuration.onWarning?(warning) }
        } catch {
            throw .stateUnusable(path: file.path, reason: error.reason, isDiskFull: error.isDiskFull)
        }
    }

    private func loadCatalogue(_ folder: CatalogueFolder) throws(TrackerServerError) {
        do throws(StateFile.Failure) {
            let warnings = try shared.tracker.withLock { tracker throws(StateFile.Failure) in
                try folder.load(into: &tracker.catalogue)
            }
            for warning in warnings { configuration.onWarning?(warning) }
        } catch {
            throw .stateUnusable(path: folder.path, reason: error.reason, isDiskFull: error.isDiskFull)
        }
        shared.catalogueFolder.withLock { $0 = folder }
    }

    /// Stops answering, writes the state, and waits for both. Does nothing if it does not run. What went wrong with the
    /// state, which is told as all warnings are.
    @discardableResult
    package func stop() -> TrackerWarning? {
        guard isStarted else { return nil }
        isStarted = false
        // What is being published is kept before this returns. What waits behind it is refused, while there are
        // connections to say so.
        shared.catalogueWorker.stop()
        let stopped = DispatchGroup()
        for number in lanes.indices {
            stopped.enter()
            let reactor = lanes[number].service.reactor
            // Behind the answers that are there.
            reactor.perform { [self] in
                reactor.performLater { [self] in
                    lanes[number].stop()
                    stopped.leave()
                }
            }
        }
        stopped.wait()
        for lane in lanes { lane.service.reactor.stop() }
        let warning = snapshots?.finish()
        if let warning { configuration.onWarning?(warning) }
        return warning
    }

    // MARK: From any thread

    /// Sets a torrent's name on the page; nil removes it.
    package func register(name: String?, for infoHash: InfoHash) {
        shared.tracker.withLock { $0.register(name: name, for: infoHash) }
    }

    /// Lists a torrent for its owner, and keeps it where the tracker keeps its state: it is on the disk when this
    /// returns, so that it is not to be called from a reactor.
    package func publish(_ torrent: [UInt8]) throws(CatalogueRefusal) -> CatalogueEntry {
        let published = shared.catalogueWorker.sync {
            Result { () throws(CatalogueRefusal) in try shared.publish(torrent, by: nil) }
        }
        let entry = try published.get().entry
        return shared.listed(entry, announcing: shared.announceURLs, at: lanes[0].service.reactor.now)
    }

    /// Takes a torrent out of the list; false if it is not there. Not from a reactor.
    package func withdraw(_ infoHash: InfoHash) -> Bool {
        shared.catalogueWorker.sync { shared.withdraw(infoHash) }
    }

    /// Where others find the catalogue: "http://HOST:PORT" by each address, best first, those of this machine alone
    /// last. Known once the server has started.
    package var catalogueURLs: [String] { shared.catalogueURLs }

    /// What to put into a torrent; known once the server has started.
    package var announceURLs: [String] { shared.announceURLs }
}
