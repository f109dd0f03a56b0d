package import ByteStrings
import Dispatch
package import PeerEvents
import Synchronization
package import TorrentCore
package import TorrentIO

/// A whole peer: one listening port, any number of torrents, the threads that move their bytes.
///
///     let node = try PeerNode(options) { event in … }
///     try node.add(metainfo, folder: "/home/me/Downloads", role: .leech)
///     node.start()
///     signals.onInterrupt { node.stop() }
///     let outcome = node.waitUntilDone()
package final class PeerNode: Sendable {
    /// How a run ended.
    package struct Outcome: Sendable {
        /// What failed; empty if all went well.
        package var failures: [PeerFailure] = []
        /// Leeched torrents that were stopped before they were complete.
        package var unfinished = 0
    }

    private struct State {
        var tasks: [TorrentTask] = []
        var incoming: IncomingConnections?
        var outcome = Outcome()
        var isStopping = false
    }

    /// Bytes of open pieces over all torrents. Small enough that what was received is still in the processor's caches
    /// when it is hashed and written; buffers are kept while anything moves, for a fresh page costs as much as a copy.
    private static let bufferBudget = 32 << 20

    private let options: PeerOptions
    private let onEvent: @Sendable (PeerEvent) -> Void
    private let listeners: [TCPListener]
    private let reactors: [Reactor]
    private let context: NodeContext
    private let board: ProgressBoard
    private let state = Mutex(State())
    private let running = DispatchGroup()

    /// Opens the listening port, so that a taken one is known at once. Pieces are hashed by `hash`, on threads of the
    /// node, on which `onEvent` is called as well.
    package init(
        _ options: PeerOptions, records: ResumeStore = .ofUser(),
        hash: @escaping HashFunction = HashAndStoreWorkers.bestKernel, onEvent: @escaping @Sendable (PeerEvent) -> Void
    ) throws(PeerFailure) {
        ProcessLimits.ignoreBrokenPipes()
        _ = ProcessLimits.raiseDescriptorLimit()
        self.options = options
        self.onEvent = onEvent
        let recordings = try options.recordings.map { (path) throws(PeerFailure) in
            try RecordingFolder(path, onEvent: onEvent)
        }
        listeners = try Self.listen(options.listen)
        do throws(SystemError) {
            reactors = try Self.makeReactors()
        } catch {
            throw PeerFailure(.io, "cannot start: \(error)")
        }
        var generator = SplitMix64(seed: options.seed ?? RandomSeed.fromSystem())
        let now = MonotonicClock.now()
        context = NodeContext(
            options: options, peerID: .random(using: &generator), listenPort: listeners[0].endpoint.port,
            resolver: Resolver(),
            storers: HashAndStoreWorkers(name: "p2p.store", hash: hash),
            readers: BlockingWorkers(name: "p2p.read", count: 4), checks: CheckQueues(),
            buffers: PieceBufferPool(budget: Self.bufferBudget, idleLimit: Self.bufferBudget),
            openFiles: OpenFileCache(),
            limiters: LinkLimiters(
                download: options.downloadLimit.map { SharedRateLimiter(rate: $0, at: now) },
                upload: options.uploadLimit.map { SharedRateLimiter(rate: $0, at: now) }),
            records: records, bufferBudget: Self.bufferBudget, recordings: recordings, onEvent: onEvent)
        board = ProgressBoard(reactor: reactors[0], onEvent: onEvent)
        do throws(SystemError) {
            let incoming = try IncomingConnections(listeners, reactor: reactors[0]) { [weak self] in
                self?.route($0, $1, $2)
            }
            state.withLock { $0.incoming = incoming }
        } catch {
            throw PeerFailure(.io, "cannot wait for connections: \(error)")
        }
    }

    /// A port that the user gave is used or fails; otherwise the first from 6881 up that is free on IPv4 and, if
    /// available, IPv6.
    private static func listen(_ endpoint: Endpoint?) throws(PeerFailure) -> [TCPListener] {
        do throws(SystemError) {
            if let endpoint, !endpoint.address.isUnspecified { return [try TCPListener(endpoint)] }
            let first =
                if let endpoint {
                    try TCPListener(Endpoint(.anyV4, port: endpoint.port))
                } else {
                    try Sockets.firstFreePort { (port) throws(SystemError) in
                        try TCPListener(Endpoint(.anyV4, port: port))
                    }
                }
            let second = try? TCPListener(Endpoint(.anyV6, port: first.endpoint.port))
            return [first] + (second.map { [$0] } ?? [])
        } catch {
            let port = endpoint.map { "\($0)" } ?? "any port"
            let advice = error.isAddressInUse ? "; choose another with --listen, or leave it out" : ""
            throw PeerFailure(.network, "cannot listen on \(port): \(error.text.lowercased())\(advice)")
        }
    }

    /// One for each pair of processors: the other of the two hashes and writes.
    private static func makeReactors() throws(SystemError) -> [Reactor] {
        var reactors: [Reactor] = []
        for number in 0..<max(1, min(4, ProcessLimits.processors / 2)) {
            reactors.append(try Reactor(name: "p2p.reactor.\(number)"))
        }
        return reactors
    }

    /// Takes a torrent in, before `start`. `folder` holds, or receives, what the torrent names.
    package func add(_ metainfo: Metainfo, folder: ByteString, role: PeerRole) throws(PeerFailure) {
        let content = try TorrentContent(
            metainfo, folder: folder, role: role, ownTracker: options.ownTracker, openFiles: context.openFiles)
        if content.isKeptFromOwnTracker {
            let text = "\(metainfo.name) is private: the tracker here hears of it only if it names it"
            onEvent(.notice(metainfo.infoHash, PeerNotice(code: "tracker_private", text: text)))
        }
        for text in content.badTrackers {
            onEvent(.notice(metainfo.infoHash, PeerNotice(code: "tracker_failed", text: text)))
        }
        let isKnown = state.withLock { state in
            state.tasks.contains { $0.content.metainfo.infoHash == metainfo.infoHash }
        }
        guard !isKnown else { return }
        guard context.records.lock(content, writing: role == .leech) else {
            throw PeerFailure(
                .io, "another p2p-peer is at work on \(metainfo.name) in \(folder); stop it, or use another --dir")
        }
        running.enter()
        state.withLock { state in
            let reactor = reactors[state.tasks.count % reactors.count]
            state.tasks.append(
                TorrentTask(content, role: role, reactor: reactor, context: context, board: board) { ending in
                    self.ended(ending)
                })
        }
    }

    /// Begins to check, announce, connect and serve.
    package func start() {
        onEvent(.listening(listeners.map(\.endpoint)))
        let tasks = state.withLock(\.tasks)
        for reactor in reactors { reactor.start() }
        for task in tasks { task.reactor.perform { task.begin() } }
    }

    private func route(_ socket: Descriptor, _ endpoint: Endpoint, _ handshake: Handshake) {
        let task = state.withLock { state in
            state.tasks.first { $0.content.metainfo.infoHash == handshake.infoHash }
        }
        guard let task else { return socket.close() }
        task.reactor.perform { task.accept(socket, from: endpoint, handshake: handshake) }
    }

    /// Stops in good order: tells the trackers, saves, closes. Takes at most two seconds.
    package func stop() {
        let tasks = state.withLock { state in
            defer { state.isStopping = true }
            return state.isStopping ? [] : state.tasks
        }
        for task in tasks { task.reactor.perform { task.stop() } }
    }

    private func ended(_ ending: TorrentTask.Ending) {
        state.withLock { state in
            if let failure = ending.failure { state.outcome.failures.append(failure) }
            if ending.isUnfinished { state.outcome.unfinished += 1 }
        }
        running.leave()
    }

    /// Blocks until every torrent has ended, by itself or by `stop`.
    package func waitUntilDone() -> Outcome {
        running.wait()
        for reactor in reactors { reactor.stop() }
        context.storers.waitUntilIdle()
        context.recordings?.waitUntilWritten()
        return state.withLock(\.outcome)
    }
}
