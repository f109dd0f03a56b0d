import SwarmEngine
package import TorrentCore

/// A small seeded world around one swarm without metadata: peers that have it, and some that lie about its size or its
/// bytes, reject, drop, stall or leave. Time is virtual, and nothing has bytes.
package final class MetadataWorld {
    /// What a peer is like.
    package enum Habit: Hashable, Sendable {
        case honest
        /// Answers the blocks that it has room for, and drops what is asked for beyond that without a word.
        case drops(beyond: Int)
        /// Has the metadata, and rejects one request in so many.
        case rejects(oneIn: Int)
        /// Has it, and leaves after so long; it may be called again.
        case leaves(after: Duration)
        /// Names a size that is wrong, and sends so many blocks of it before it falls silent.
        case wrongSize(Int, blocks: Int)
        /// Sends one wrong block in so many.
        case wrongBlocks(oneIn: Int)
        /// Says that it has it, and never answers.
        case silent
        /// Has none.
        case empty
        /// Cannot be connected to.
        case unreachable

        package var isLiar: Bool {
            switch self {
            case .wrongSize, .wrongBlocks: true
            default: false
            }
        }
    }

    package struct Peer: Sendable {
        package var habit: Habit
        package var latency: Duration
        /// The time that its line takes for a block.
        package var blockTime: Duration
        /// When it connects to us; nil if we have to connect to it.
        package var knocksAt: Duration?

        package init(_ habit: Habit, latency: Duration, blockTime: Duration, knocksAt: Duration? = nil) {
            (self.habit, self.latency, self.blockTime, self.knocksAt) = (habit, latency, blockTime, knocksAt)
        }
    }

    /// What came of it.
    package struct Report: Sendable {
        package var verifiedAt: Moment?
        package var faults: [String] = []
        package var banned: Set<IPAddress> = []
        /// Liars of whom the shell kept a wrong block.
        package var caught: Set<IPAddress> = []
        package var mostKept = 0
        /// Most blocks that one peer owed at once, those left out that the swarm has given up.
        package var mostOwed = 0
        package var blocks = 0
        package var drops = 0
    }

    private enum Happening {
        case knock(Int)
        case opened(ConnectionID, Int)
        case refused(ConnectionID)
        case introduced(ConnectionID)
        case answer(ConnectionID, UInt32)
        case leave(ConnectionID)
        case verified(MetadataAssembly.ID)
    }

    private struct Link {
        let peer: Int
        var freeAt: Moment
        var owed = 0
        var sent = 0
    }

    package let peers: [Peer]
    package private(set) var report = Report()
    private let stage: MetadataStage
    private var happenings: [(at: Moment, what: Happening)] = []
    private var links: [ConnectionID: Link] = [:]
    private var generator: SplitMix64

    package init(_ peers: [Peer], blocks: Int, connections: Int, seed: UInt64) {
        self.peers = peers
        generator = SplitMix64(seed: seed)
        stage = MetadataStage(blocks: blocks, seed: seed) { $0.connections = connections }
    }

    /// Until the metadata is there, or nothing has come of it in that time.
    package func run(until horizon: Duration) -> Report {
        take(stage.start())
        take(stage.tell(.peersFound(peers.indices.map { SwarmStage.endpoint(UInt64($0)) }, from: .tracker)))
        for number in peers.indices {
            if let moment = peers[number].knocksAt { happen(.knock(number), in: moment) }
        }
        let end = stage.now + horizon
        var steps = 0
        while report.verifiedAt == nil, steps < 2_000_000 {
            steps += 1
            let next = happenings.last?.at ?? .distantFuture
            let moment = min(next, stage.nextDeadline)
            guard moment <= end else { break }
            stage.now = max(stage.now, moment)
            if next <= stage.nextDeadline, let happening = happenings.popLast() {
                carryOut(happening.what)
            } else {
                take(stage.tell(.deadlineReached))
            }
            report.mostKept = max(report.mostKept, stage.keptBytes)
        }
        report.faults += stage.faults
        return report
    }

    // MARK: What the brain wants

    private func take(_ effects: SwarmEffects) {
        for effect in effects { take(effect) }
    }

    private func take(_ effect: SwarmEffect) {
        switch effect {
        case .connect(let id, let endpoint):
            guard let number = peers.indices.first(where: { SwarmStage.endpoint(UInt64($0)) == endpoint }) else {
                return report.faults.append("nobody is at \(endpoint)")
            }
            let isThere = peers[number].habit != .unreachable
            happen(isThere ? .opened(id, number) : .refused(id), in: peers[number].latency * 2)
        case .close(let id, _): links[id] = nil
        case .sendExtension(let id, let output): say(output, to: id)
        case .verifyMetadata(let id): happen(.verified(id), in: .milliseconds(3))
        case .dropMetadata: report.drops += 1
        case .metadataLiar(let address): report.banned.insert(address)
        default: break
        }
    }

    private func say(_ output: ExtensionOutput, to id: ConnectionID) {
        guard var link = links[id] else { return report.faults.append("said to one who is gone") }
        let peer = peers[link.peer]
        guard case .metadataRequest(let piece) = output else { return }
        link.owed += 1
        report.mostOwed = max(report.mostOwed, link.owed)
        defer { links[id] = link }
        switch peer.habit {
        case .silent, .empty, .unreachable: return
        case .drops(let most) where link.owed > most:
            link.owed -= 1
            return
        case .wrongSize(_, let blocks) where link.sent >= blocks: return
        default: break
        }
        link.sent += 1
        link.freeAt = max(link.freeAt, stage.now + peer.latency) + peer.blockTime
        happen(.answer(id, piece), at: link.freeAt + peer.latency)
    }

    // MARK: What happens

    private func happen(_ what: Happening, in time: Duration) { happen(what, at: stage.now + time) }

    /// What comes first is last in the list.
    private func happen(_ what: Happening, at moment: Moment) {
        var (low, high) = (0, happenings.count)
        while low < high {
            let middle = (low + high) / 2
            if happenings[middle].at > moment { low = middle + 1 } else { high = middle }
        }
        happenings.insert((moment, what), at: low)
    }

    private func carryOut(_ what: Happening) {
        switch what {
        case .knock(let number):
            let (id, effects) = stage.knock(UInt64(number))
            if let id { begin(id, number) }
            take(effects)
            // It tries again, as programs do.
            if id == nil { happen(.knock(number), in: .seconds(30)) }
        case .opened(let id, let number):
            begin(id, number)
            take(stage.tell(.linkOpened(id, SwarmStage.handshake(UInt64(number), .ours))))
        case .refused(let id): take(stage.tell(.linkClosed(id, .connectFailed)))
        case .introduced(let id): introduce(id)
        case .answer(let id, let piece): answer(id, piece)
        case .leave(let id):
            guard links.removeValue(forKey: id) != nil else { return }
            take(stage.tell(.linkClosed(id, .remoteClosed)))
        case .verified(let id):
            let isRight = stage.isRight(id)
            if isRight { report.verifiedAt = stage.now }
            take(stage.verify(id))
        }
    }

    private func begin(_ id: ConnectionID, _ number: Int) {
        links[id] = Link(peer: number, freeAt: stage.now)
        happen(.introduced(id), in: peers[number].latency)
        if case .leaves(let time) = peers[number].habit { happen(.leave(id), in: time) }
    }

    private func introduce(_ id: ConnectionID) {
        guard let link = links[id] else { return }
        let size: Int? =
            switch peers[link.peer].habit {
            case .empty, .unreachable: nil
            case .wrongSize(let size, _): size
            default: stage.size
            }
        take(stage.tell(.extensionHandshake(MetadataStage.offer(size), from: id)))
    }

    private func answer(_ id: ConnectionID, _ piece: UInt32) {
        guard let link = links[id] else { return }
        links[id]?.owed -= 1
        let habit = peers[link.peer].habit
        var content: UInt64 = 0
        var size = stage.size
        switch habit {
        case .rejects(let oneIn) where chance(oneIn): return take(stage.receive(.reject(piece: piece), from: id))
        case .wrongBlocks(let oneIn): content = chance(oneIn) ? UInt64(link.peer) + 1 : 0
        case .wrongSize(let wrong, _): (size, content) = (wrong, UInt64(link.peer) + 1)
        default: break
        }
        let (place, effects) = stage.deliver(piece, from: id, content: content, size: size)
        report.blocks += 1
        if place != nil, content != 0 { report.caught.insert(SwarmStage.endpoint(UInt64(link.peer)).address) }
        take(effects)
    }

    private func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &generator) == 0 }
}
