import Dispatch
package import PeerEvents
import Synchronization
package import TorrentCore
package import TorrentIO

/// A whole peer: one listening port, any number of torrents, the threads that move their bytes. Torrents come and go,
/// pause and go on at any time, from any thread.
///
///     let node = try PeerNode(options) { event in … }
///     let torrent = try node.add(metainfo, folder: "/home/me/Downloads", role: .leech)
///     node.start()
///     try node.setLimits(TransferLimits(download: 1 << 20), for: torrent)
///     signals.onInterrupt { node.stop() }
///     let outcome = node.waitUntilDone()
package final class PeerNode: Sendable {
    /// How a run ended.
    package struct Outcome: Sendable {
        /// What failed; empty if all went well.
        package var failures: [PeerFailure] = []
        /// Leeched torrents that were stopped before they were complete; those that were removed are left out.
        package var unfinished = 0
    }

    struct State {
        var table: TorrentTable
        var incoming: IncomingConnections?
        var outcome = Outcome()
        var limits: TransferLimits
        /// Of torrents that are still to come.
        var announcing: Announcing
        var hasStarted = false
        var isStopping = false
    }

    /// What a torrent is given on its way to trackers.
    struct Announcing {
        var ownTracker: OwnTracker?
        var naming: PeerNaming
    }

    let context: NodeContext
    let board: ProgressBoard
    let reactors: [Reactor]
    /// One lock around what everybody asks for, held for no longer than a look takes.
    let state: Mutex<State>
    /// Entered by each torrent until it has ended.
    let living = DispatchGroup()
    /// Entered until `stop`.
    private let stopping = DispatchGroup()
    let sockets: ListeningSockets

    /// Opens the listening port, so that a taken one is known at once. Pieces are hashed by `hash`, on threads of the
    /// node, on which `onEvent` is called as well. It is called `peerID`, which is drawn if absent.
    package init(
        _ options: PeerOptions, records: ResumeStore = .ofUser(), peerID: PeerID? = nil,
        hash: @escaping HashFunction = HashAndStoreWorkers.bestKernel, onEvent: @escaping @Sendable (PeerEvent) -> Void
    ) throws(PeerFailure) {
        ProcessLimits.ignoreBrokenPipes()
        _ = ProcessLimits.raiseDescriptorLimit()
        let recordings = try options.recordings.map { (path) throws(PeerFailure) in
            try RecordingFolder(path, onEvent: onEvent)
        }
        sockets = try ListeningSockets(at: options.listen)
        do throws(SystemError) {
            reactors = try Self.makeReactors()
        } catch {
            throw PeerFailure(.io, "cannot start: \(error)")
        }
        var generator = SplitMix64(seed: options.seed ?? RandomSeed.fromSystem())
        let hub = DatagramHub(sockets.datagrams, reactor: reactors[0])
        let shared = SharedResources(
            storers: HashAndStoreWorkers(name: "p2p.store", hash: hash),
            readers: BlockingWorkers(name: "p2p.read", count: 4), udpTrackers: UDPTrackers(hub), records: records,
            limiters: LinkLimiters(
                download: options.limits.download, upload: options.limits.upload, at: MonotonicClock.now()))
        let drawn = PeerID.random(using: &generator)
        var context = NodeContext(
            options: options, peerID: peerID ?? drawn, listenPort: sockets.port, shared: shared,
            recordings: recordings, onEvent: onEvent)
        context.dht = options.dht.map { [sockets] in DHTService($0, of: context, sockets, hub) }
        if options.lan.isOn {
            context.localDiscovery = LocalDiscovery(
                reactor: reactors[0], port: sockets.port, source: options.source, families: sockets.localGroups,
                using: &generator, onTrouble: { onEvent(.notice(nil, .notHeardNearby($0))) })
        }
        self.context = context
        board = ProgressBoard(reactor: reactors[0], onQuiet: shared.buffers.trim, onEvent: onEvent)
        state = Mutex(
            State(
                table: TorrentTable(reactors: reactors.count),
                limits: TransferLimits(
                    download: options.limits.download, upload: options.limits.upload, peers: options.maxPeers),
                announcing: Announcing(ownTracker: options.ownTracker, naming: options.naming)))
        stopping.enter()
        try listen(hub)
    }

    deinit {
        for reactor in reactors { reactor.stop() }
        // A group that is freed while somebody is in it traps.
        if !state.withLock(\.isStopping) { stopping.leave() }
    }

    private func listen(_ hub: DatagramHub) throws(PeerFailure) {
        do throws(SystemError) {
            let incoming = try IncomingConnections(
                sockets.listeners, reactor: reactors[0], route: { [weak self] in self?.route($0, $1) },
                onFailure: { [weak self] in self?.listenerFailed($0, $1) })
            state.withLock { $0.incoming = incoming }
            try hub.start()
        } catch {
            throw PeerFailure(.io, "cannot wait for connections: \(error)")
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

    /// What it calls itself to peers and trackers.
    package var peerID: PeerID { context.peerID }

    /// Where it takes connections.
    package var listeningAt: [Endpoint] { sockets.endpoints }

    // MARK: Life

    /// Begins to check, announce, connect and serve. To be called once.
    package func start() {
        // Their threads come to life while the rest is said.
        for reactor in reactors { reactor.start() }
        context.onEvent(.listening(sockets.endpoints))
        if let notice = sockets.missing { context.onEvent(.notice(nil, notice)) }
        let tasks = state.withLock { state in
            state.hasStarted = true
            return state.table.all.map(\.task).filter { !state.table.isLeaving($0.infoHash) }
        }
        for task in tasks { task.reactor.perform { task.begin() } }
    }

    /// Stops in good order: tells the trackers, saves, closes. Takes at most two seconds.
    package func stop() {
        let tasks = state.withLock { state -> [TorrentTask] in
            guard !state.isStopping else { return [] }
            state.isStopping = true
            stopping.leave()
            return state.table.all.map(\.task)
        }
        context.dht?.end()
        for task in tasks { task.reactor.perform { task.stop() } }
    }

    /// Blocks until every torrent that was added has ended, by itself, by `remove` or by `stop`; after that the node
    /// takes no more.
    package func waitUntilDone() -> Outcome {
        // One may be added just as the last one ends.
        repeat { living.wait() } while !stopsIfNothingLives()
        context.dht?.end()
        context.dht?.waitUntilKept()
        for reactor in reactors { reactor.stop() }
        context.storers.waitUntilIdle()
        context.recordings?.waitUntilWritten()
        return state.withLock(\.outcome)
    }

    /// The same, but what has not ended after `limit` is stopped.
    package func waitUntilDone(within limit: Duration) -> Outcome {
        if living.wait(timeout: .now() + limit.inSeconds) == .timedOut { stop() }
        return waitUntilDone()
    }

    private func stopsIfNothingLives() -> Bool {
        state.withLock { state in
            guard !state.table.isAnyAlive else { return false }
            if !state.isStopping { stopping.leave() }
            state.isStopping = true
            return true
        }
    }

    /// Blocks until `stop` has been called and every torrent has ended; a node without torrents waits for some.
    package func waitUntilStopped() -> Outcome {
        stopping.wait()
        return waitUntilDone()
    }

    func ended(_ task: TorrentTask, _ ending: TorrentTask.Ending, reactor: Int) {
        let next = state.withLock { state -> TorrentTask? in
            let (wasListed, next) = state.table.ended(task, ending, reactor: reactor)
            if let failure = ending.failure { state.outcome.failures.append(failure) }
            if ending.isUnfinished, wasListed { state.outcome.unfinished += 1 }
            return state.hasStarted ? next : nil
        }
        if let next { beginAfterOther(next) }
        living.leave()
    }

    // MARK: Connections

    // One port serves all torrents: the handshake names the one that is meant (BEP 3).
    private func route(_ established: HandshakeLink.Established, _ endpoint: Endpoint) {
        let task = state.withLock { $0.table[established.theirs.infoHash]?.task }
        guard let task else { return established.stream.close() }
        task.reactor.perform { task.accept(established, from: endpoint) }
    }

    private func listenerFailed(_ endpoint: Endpoint, _ error: SystemError) {
        let failure = PeerFailure(
            .network, "no more connections are taken on \(endpoint): \(error.text.lowercased()); start again")
        state.withLock { $0.outcome.failures.append(failure) }
        context.onEvent(.failed(nil, failure))
    }
}
