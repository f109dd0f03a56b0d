import Dispatch
package import TorrentCore
import TorrentIO
import TrackerEngine

// @unchecked: everything but the reactor itself is set up before it starts and then confined to it.
/// A tracker on the network: HTTP and UDP on one port, on its own reactor. For `p2p-tracker`, and for a peer that is a
/// tracker too.
package final class TrackerServer: @unchecked Sendable {
    package let configuration: TrackerConfiguration
    private let reactor: Reactor
    private let service: TrackerService
    private var httpListeners: [HTTPListener] = []
    private var datagramListeners: [DatagramListener] = []
    private var snapshots: SnapshotWriter?
    private var isStarted = false

    package init(_ configuration: TrackerConfiguration) throws(TrackerServerError) {
        self.configuration = configuration
        do throws(SystemError) {
            reactor = try Reactor(name: "tracker")
        } catch {
            throw .cannotStart(reason: error.description)
        }
        let tracker = Tracker(policy: configuration.policy, seed: RandomSeed.fromSystem())
        service = TrackerService(configuration: configuration, reactor: reactor, tracker: tracker)
    }

    // MARK: Life

    /// Listens, takes in the state, and begins to answer. Once in a life. Where it listens, each address once.
    package func start() throws(TrackerServerError) -> [Endpoint] {
        precondition(!isStarted, "a server starts once")
        ProcessLimits.ignoreBrokenPipes()
        let sockets = try BoundSockets(configuration)
        service.endpoints = sockets.endpoints
        service.lookAtInterfaces()
        announceURLs = service.announceURLs
        if let path = configuration.stateFile {
            let file = StateFile(path: path)
            if let warning = file.load(into: service.tracker, at: reactor.now) { configuration.onWarning?(warning) }
            snapshots = SnapshotWriter(service: service, file: file)
        }
        do throws(SystemError) {
            for listener in sockets.listeners {
                httpListeners.append(HTTPListener(listener, service: service))
                try httpListeners.last?.start()
            }
            for socket in sockets.datagrams {
                datagramListeners.append(DatagramListener(socket, service: service))
                try datagramListeners.last?.start()
            }
        } catch {
            throw .cannotStart(reason: error.description)
        }
        snapshots?.schedule()
        scheduleTick()
        isStarted = true
        reactor.start()
        return sockets.endpoints
    }

    /// Stops answering, writes the state, and waits for both. Does nothing if it does not run.
    package func stop() {
        guard isStarted else { return }
        isStarted = false
        let stopped = DispatchSemaphore(value: 0)
        reactor.perform { [self] in
            for listener in httpListeners { listener.stop() }
            for listener in datagramListeners { listener.stop() }
            stopped.signal()
        }
        stopped.wait()
        reactor.stop()
        if let warning = snapshots?.finish() { configuration.onWarning?(warning) }
    }

    private func scheduleTick() {
        reactor.setTimer(after: .seconds(1)) { [weak self] in
            self?.tick()
            self?.scheduleTick()
        }
    }

    private func tick() {
        service.tick()
        for listener in httpListeners { listener.tick() }
    }

    // MARK: From any thread

    /// Says what a torrent is called, for the page; nil takes it back.
    package func register(name: String?, for infoHash: InfoHash) {
        reactor.perform { [self] in service.tracker.register(name: name, for: infoHash) }
    }

    /// Calls `body`, on the server's thread, with the figures of now.
    package func report(_ body: @escaping @Sendable (TrackerReport) -> Void) {
        reactor.perform { [self] in body(service.report()) }
    }

    /// What to put into a torrent; known once the server has started.
    package private(set) var announceURLs: [String] = []
}
