package import ByteStrings
import Dispatch
package import PeerEvents
import Synchronization
package import TorrentCore
import TorrentIO

// Torrents come and go: from any thread, before `start` and after it.
extension PeerNode {
    /// Takes a torrent in that is known whole. `folder` holds, or receives, what it names. Once the node has started it
    /// begins at once, or, if the same torrent has just been removed, when that one has ended.
    @discardableResult
    package func add(
        _ metainfo: Metainfo, folder: ByteString, role: PeerRole, limits: TransferLimits = TransferLimits()
    ) throws(NodeError) -> InfoHash {
        try add(TorrentSource(metainfo), folder: folder, role: role, limits: limits)
    }

    /// The same of one that may be known by a magnet link alone: then its metadata is fetched first, unless it was
    /// kept by an earlier run.
    @discardableResult
    package func add(
        _ source: TorrentSource, folder: ByteString, role: PeerRole, limits: TransferLimits = TransferLimits()
    ) throws(NodeError) -> InfoHash {
        guard limits.isUsable else { throw .badLimits }
        let plan = TorrentPlan(
            source.withKept(in: context.records), folder: folder, role: role,
            ownTracker: state.withLock(\.announcing.ownTracker))
        try state.withLock { (state) throws(NodeError) in try state.expectRoom(for: plan) }
        let possession: TorrentTask.Possession
        do throws(PeerFailure) {
            possession = try open(plan)
        } catch {
            throw .cannotOpen(error)
        }
        let task = try state.withLock { (state) throws(NodeError) in try insert(plan, possession, limits, &state) }
        if source.metainfo == nil, let kept = plan.metainfo { context.onEvent(.metadataComplete(kept)) }
        if let task { task.reactor.perform { task.begin() } }
        return source.infoHash
    }

    private func open(_ plan: TorrentPlan) throws(PeerFailure) -> TorrentTask.Possession {
        tellOddities(of: plan.source)
        guard let metainfo = plan.metainfo else {
            let tiers = plan.source.link?.trackerTiers ?? []
            tellOddities(of: TrackerTiers(tiers, isPrivate: false, ownTracker: nil), in: plan)
            return plan.role == .look ? .nothing : .folder(try plan.openFolder())
        }
        guard plan.role != .look else { return .nothing }
        let content = try plan.open(metainfo, context.shared.openFiles)
        tellOddities(of: content.trackers, in: plan)
        return .content(content)
    }

    private func tellOddities(of source: TorrentSource) {
        guard let link = source.link else { return }
        func tell(_ code: String, _ text: String, isDetail: Bool = false) {
            context.onEvent(.notice(link.infoHash, PeerNotice(code: code, text: text, isDetail: isDetail)))
        }
        for text in link.oddPeers { tell("peer_unknown", "x.pe=\(text) names no peer", isDetail: true) }
        // Read and said (BEP 53).
        if let files = link.selection { tell("link_unused", "all files are fetched: so=\(files) is not heeded yet") }
        if !link.webSeeds.isEmpty { tell("link_unused", "the link names web seeds, which are not used yet") }
    }

    private func tellOddities(of trackers: TrackerTiers, in plan: TorrentPlan) {
        if let remark = sockets.remark(on: trackers) { context.onEvent(.notice(plan.infoHash, remark)) }
        if trackers.isKeptFromOwnTracker {
            let text = "\(plan.name) is private: the tracker here hears of it only if it names it"
            context.onEvent(.notice(plan.infoHash, PeerNotice(code: "tracker_private", text: text)))
        }
        for text in trackers.bad {
            context.onEvent(.notice(plan.infoHash, PeerNotice(code: "tracker_failed", text: text)))
        }
    }

    /// The torrent, if it may begin.
    private func insert(
        _ plan: TorrentPlan, _ possession: TorrentTask.Possession, _ limits: TransferLimits, _ state: inout State
    ) throws(NodeError) -> TorrentTask? {
        try state.expectRoom(for: plan)
        // The one before it has the lock.
        let waits = state.table.isLeaving(plan.infoHash)
        var lock: RecordLock?
        if !waits, let folder = possession.folder {
            lock = plan.lock(folder, context.records)
            guard lock != nil else { throw .cannotOpen(plan.isInUse) }
        }
        let limiters = LinkLimiters(
            download: limits.download, upload: limits.upload, within: context.shared.limiters,
            at: MonotonicClock.now())
        var context = context
        context.limiters = limiters
        context.options.ownTracker = state.announcing.ownTracker
        context.options.naming = state.announcing.naming
        context.options.maxPeers = limits.peers(within: state.limits) ?? context.options.maxPeers
        let number = state.table.emptiestReactor
        living.enter()
        // It holds on to its node until it has ended.
        let task = TorrentTask(
            plan, holding: possession, lock: lock, reactor: reactors[number], context: context, board: board,
            onEnd: { self.ended($0, $1, reactor: number) })
        state.table.insert(task, limits: limits, limiters: limiters, reactor: number)
        return state.hasStarted && !waits ? task : nil
    }

    /// The torrent of the same name that was before it has ended.
    func beginAfterOther(_ task: TorrentTask) {
        task.reactor.perform { [records = context.records] in
            guard let folder = task.possession.folder else { return task.begin() }
            let plan = task.plan
            guard let lock = plan.lock(folder, records) else {
                return task.fail(plan.isInUse)
            }
            task.begin(lock)
        }
    }

    /// Ends a torrent in good order and forgets it: its trackers are told, its record is saved. Nothing on the disk is
    /// deleted. `PeerEvent.stopped` says when that is done, but for one that had ended already.
    package func remove(_ infoHash: InfoHash) throws(NodeError) {
        guard let entry = state.withLock({ $0.table.remove(infoHash) }) else { throw .unknownTorrent(infoHash) }
        board.remove(entry.place)
        entry.task.reactor.perform { entry.task.stop() }
    }

    /// Closes its connections in good order, tells its trackers, saves its record, and holds nothing more of it than
    /// its name until `resume`.
    package func pause(_ infoHash: InfoHash) throws(NodeError) {
        let task = try livingTask(infoHash)
        task.reactor.perform { task.pause() }
    }

    /// Goes on with a paused torrent; what its record covers is not hashed again.
    package func resume(_ infoHash: InfoHash) throws(NodeError) {
        let task = try livingTask(infoHash)
        task.reactor.perform { task.resume() }
    }

    /// Somebody has announced itself, for a torrent of ours or another, at the tracker of this process: all who are
    /// connected hear of it at once. What this node announces itself is no news. From any thread.
    package func announcedHere(_ endpoint: Endpoint, as peer: PeerID, for infoHash: InfoHash) {
        guard peer != context.peerID, let entry = state.withLock({ $0.table[infoHash] }), entry.ending == nil else {
            return
        }
        guard entry.newcomers.add(endpoint) else { return }
        entry.task.reactor.perform { entry.task.announcedHere(entry.newcomers.takeAll()) }
    }

    private func livingTask(_ infoHash: InfoHash) throws(NodeError) -> TorrentTask {
        try state.withLock { (state) throws(NodeError) in
            guard !state.isStopping else { throw .isStopping }
            guard let entry = state.table[infoHash] else { throw .unknownTorrent(infoHash) }
            guard entry.ending == nil else { throw .hasEnded(infoHash, name: entry.task.plan.name) }
            return entry.task
        }
    }

    // MARK: Trackers

    /// Torrents that are added from now on are announced at the tracker of this process, too. False if that listens
    /// where this node cannot reach it from.
    package func use(ownTrackerAt endpoints: [Endpoint]) -> Bool {
        let tracker = OwnTracker(endpoints, from: context.source)
        state.withLock { $0.announcing.ownTracker = tracker }
        return tracker != nil
    }

    /// What trackers are told from now on that we are called, of torrents that are added later.
    package func use(_ naming: PeerNaming) { state.withLock { $0.announcing.naming = naming } }

    // MARK: Limits

    /// Limits of all torrents together; of peers, of each.
    package func setLimits(_ limits: TransferLimits) throws(NodeError) {
        guard limits.isUsable else { throw .badLimits }
        // Told under the lock, so that torrents hear of two changes in the order in which they were made.
        state.withLock { state in
            state.limits = limits
            context.shared.limiters.setRates(
                download: limits.download, upload: limits.upload, at: MonotonicClock.now())
            for entry in state.table.all { tellLimits(entry.task, entry.limits.peers(within: limits)) }
        }
    }

    /// Limits of one torrent, within those of the node.
    package func setLimits(_ limits: TransferLimits, for infoHash: InfoHash) throws(NodeError) {
        guard limits.isUsable else { throw .badLimits }
        try state.withLock { (state) throws(NodeError) in
            guard let entry = state.table[infoHash] else { throw .unknownTorrent(infoHash) }
            state.table.setLimits(limits, for: infoHash)
            entry.limiters.setRates(download: limits.download, upload: limits.upload, at: MonotonicClock.now())
            tellLimits(entry.task, limits.peers(within: state.limits))
        }
    }

    private func tellLimits(_ task: TorrentTask, _ peers: Int?) {
        let peers = peers ?? context.options.maxPeers
        task.reactor.perform { task.limitsChanged(peers: peers) }
    }

    // MARK: What is there

    /// As of its last look, at most a second ago. Throws if it was never added, or has been removed.
    package func status(of infoHash: InfoHash) throws(NodeError) -> TorrentStatus {
        guard let entry = state.withLock({ $0.table[infoHash] }) else { throw .unknownTorrent(infoHash) }
        return status(entry)
    }

    /// In the order in which they were added.
    package var torrents: [TorrentStatus] {
        state.withLock(\.table.all).map(status)
    }

    private func status(_ entry: TorrentTable.Entry) -> TorrentStatus {
        let plan = entry.task.plan
        var progress =
            board.progress(at: entry.place)
            ?? TorrentProgress(
                infoHash: plan.infoHash, state: .stopped, totalBytes: plan.metainfo?.geometry.totalLength ?? 0)
        if entry.ending != nil { progress.state = .stopped }
        return TorrentStatus(
            infoHash: plan.infoHash, name: plan.name, folder: plan.folder, role: plan.role, limits: entry.limits,
            progress: progress, hasEnded: entry.ending != nil, failure: entry.ending?.failure)
    }
}

extension PeerNode.State {
    fileprivate func expectRoom(for plan: TorrentPlan) throws(NodeError) {
        guard !isStopping else { throw .isStopping }
        if let there = table[plan.infoHash] { throw .alreadyThere(plan.infoHash, name: there.task.plan.name) }
    }
}

extension TorrentPlan {
    /// Another process has its content.
    fileprivate var isInUse: PeerFailure {
        PeerFailure(.io, "another p2p-peer is at work on \(name) in \(folder); stop it, or use another --dir")
    }
}
