package import ByteStrings
import Dispatch
package import PeerEvents
import Synchronization
package import TorrentCore
import TorrentIO

// Torrents come and go: from any thread, before `start` and after it.
extension PeerNode {
    /// Takes a torrent in. `folder` holds, or receives, what it names. Once the node has started it begins at once, or,
    /// if the same torrent has just been removed, when that one has ended.
    @discardableResult
    package func add(
        _ metainfo: Metainfo, folder: ByteString, role: PeerRole, limits: TransferLimits = TransferLimits()
    ) throws(NodeError) -> InfoHash {
        guard limits.isUsable else { throw .badLimits }
        try state.withLock { (state) throws(NodeError) in try state.expectRoom(for: metainfo) }
        let source = TorrentSource(
            metainfo: metainfo, folder: folder, role: role, ownTracker: context.options.ownTracker)
        let content: TorrentContent
        do throws(PeerFailure) {
            content = try source.open(context.shared.openFiles)
        } catch {
            throw .cannotOpen(error)
        }
        tellOddities(of: content)
        let task = try state.withLock { (state) throws(NodeError) in try insert(source, content, limits, &state) }
        if let task { task.reactor.perform { task.begin() } }
        return metainfo.infoHash
    }

    private func tellOddities(of content: TorrentContent) {
        let metainfo = content.metainfo
        if let remark = sockets.remark(on: content) { context.onEvent(.notice(metainfo.infoHash, remark)) }
        if content.isKeptFromOwnTracker {
            let text = "\(metainfo.name) is private: the tracker here hears of it only if it names it"
            context.onEvent(.notice(metainfo.infoHash, PeerNotice(code: "tracker_private", text: text)))
        }
        for text in content.badTrackers {
            context.onEvent(.notice(metainfo.infoHash, PeerNotice(code: "tracker_failed", text: text)))
        }
    }

    /// The torrent, if it may begin.
    private func insert(
        _ source: TorrentSource, _ content: TorrentContent, _ limits: TransferLimits, _ state: inout State
    ) throws(NodeError) -> TorrentTask? {
        try state.expectRoom(for: source.metainfo)
        // The one before it has the lock.
        let waits = state.table.isLeaving(source.infoHash)
        let lock = waits ? nil : context.records.lock(content, writing: source.role == .leech)
        guard waits || lock != nil else { throw .cannotOpen(source.isInUse) }
        let limiters = LinkLimiters(
            download: limits.download, upload: limits.upload, within: context.shared.limiters,
            at: MonotonicClock.now())
        var context = context
        context.limiters = limiters
        context.options.maxPeers = limits.peers(within: state.limits) ?? context.options.maxPeers
        let number = state.table.emptiestReactor
        living.enter()
        // It holds on to its node until it has ended.
        let task = TorrentTask(
            source, content, lock: lock, reactor: reactors[number], context: context, board: board,
            onEnd: { self.ended($0, $1, reactor: number) })
        state.table.insert(task, limits: limits, limiters: limiters, reactor: number)
        return state.hasStarted && !waits ? task : nil
    }

    /// The torrent of the same name that was before it has ended.
    func beginAfterOther(_ task: TorrentTask) {
        task.reactor.perform { [records = context.records] in
            guard let content = task.content else { return }
            guard let lock = records.lock(content, writing: task.source.role == .leech) else {
                return task.fail(task.source.isInUse)
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

    private func livingTask(_ infoHash: InfoHash) throws(NodeError) -> TorrentTask {
        try state.withLock { (state) throws(NodeError) in
            guard !state.isStopping else { throw .isStopping }
            guard let entry = state.table[infoHash] else { throw .unknownTorrent(infoHash) }
            guard entry.ending == nil else { throw .hasEnded(infoHash, name: "\(entry.task.source.metainfo.name)") }
            return entry.task
        }
    }

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
        let metainfo = entry.task.source.metainfo
        var progress =
            board.progress(at: entry.place)
            ?? TorrentProgress(
                infoHash: metainfo.infoHash, state: .stopped, totalBytes: metainfo.geometry.totalLength)
        if entry.ending != nil { progress.state = .stopped }
        return TorrentStatus(
            infoHash: metainfo.infoHash, name: metainfo.name.description, folder: entry.task.source.folder,
            role: entry.task.source.role, limits: entry.limits, progress: progress, failure: entry.ending?.failure)
    }
}

extension PeerNode.State {
    fileprivate func expectRoom(for metainfo: Metainfo) throws(NodeError) {
        guard !isStopping else { throw .isStopping }
        guard table[metainfo.infoHash] == nil else {
            throw .alreadyThere(metainfo.infoHash, name: "\(metainfo.name)")
        }
    }
}

extension TorrentSource {
    /// Another process has its content.
    fileprivate var isInUse: PeerFailure {
        PeerFailure(.io, "another p2p-peer is at work on \(metainfo.name) in \(folder); stop it, or use another --dir")
    }
}
