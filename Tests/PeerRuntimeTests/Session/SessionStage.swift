import ByteStrings
import Glibc
import PeerEvents
import SwarmEngine
import TestSupport
import TorrentCore

@testable import PeerRuntime
@testable import TorrentIO

/// What the sessions of a test share: a payload, its torrent, workers, and a reactor that the test runs by hand.
final class SessionStage {
    let home: TemporaryFolder
    let bytes: [UInt8]
    let content: TorrentContent
    let context: NodeContext
    let reactor: Reactor
    /// Goes on only when a test says so.
    private let clock: StageClock

    var geometry: TorrentGeometry { content.geometry }
    var infoHash: InfoHash { content.metainfo.infoHash }

    init(
        length: Int, pieceLength: Int, rules: SwarmRules = .slots, limiters: LinkLimiters = LinkLimiters(),
        buffers: PieceBufferPool = PieceBufferPool(budget: 32 << 20, idleLimit: 32 << 20),
        peers: [PeerAddress] = [], listen: Endpoint? = nil, resolver: Resolver = Resolver(),
        detail: PeerDetail = .connections,
        onEvent: @escaping @Sendable (PeerEvent) -> Void = { _ in }
    ) throws {
        home = try TemporaryFolder()
        var source = PayloadBytes(seed: 3)
        bytes = source.next(length)
        try FileTree.write(bytes, to: home.path("payload"))
        let torrent = try TestTorrent(
            of: Payload(file: "payload", size: length), at: home.path("payload"), pieceLength: pieceLength)
        let openFiles = OpenFileCache()
        content = try TorrentContent(
            Metainfo(parsing: torrent.encoded), folder: ByteString(try home.folder("target")), role: .leech,
            openFiles: openFiles)
        var options = PeerOptions()
        options.rules = rules
        options.peers = peers
        options.listen = listen
        options.detail = detail
        reactor = try Reactor(name: "stage")
        context = NodeContext(
            options: options, peerID: PeerID(Bytes20(high: 1, middle: 1, low: 1)), listenPort: 1,
            shared: SharedResources(
                buffers: buffers, openFiles: openFiles, storers: HashAndStoreWorkers(name: "stage.store", count: 1),
                readers: BlockingWorkers(name: "stage.read", count: 1), resolver: resolver,
                udpTrackers: UDPTrackers(DatagramHub([], reactor: reactor)),
                records: ResumeStore(folder: nil), limiters: limiters),
            onEvent: onEvent)
        let clock = StageClock(now: reactor.now)
        reactor.clock = { clock.now }
        self.clock = clock
    }

    /// The payload's bytes of a block.
    func bytes(of block: WireBlock) -> ArraySlice<UInt8> {
        let start = Int(block.piece) * geometry.pieceLength + Int(block.begin)
        return bytes[start..<start + Int(block.length)]
    }

    /// All blocks of a piece, in order.
    func blocks(of piece: Int) -> [WireBlock] {
        let piece = geometry.piece(piece)
        return (0..<geometry.blockCount(of: piece)).map { geometry.block($0, of: piece).onWire }
    }

    /// Puts the whole payload where a seeder has it.
    func store() throws {
        try bytes.withUnsafeBytes { try content.storage.write($0, at: 0) }
    }

    /// One iteration of the reactor, without waiting for anything, after so much time.
    func runIteration(after time: Duration = .microseconds(100)) {
        clock.now = clock.now + time
        reactor.performLater {}
        reactor.runIteration()
    }

    /// Runs the reactor until the workers have answered.
    func settle() {
        for _ in 0..<3 {
            runIteration()
            context.storers.waitUntilIdle()
            runIteration()
        }
    }
}

private final class StageClock {
    var now: Moment
    init(now: Moment) { self.now = now }
}

/// One session on a stage, and what it said of its peers.
final class StagedSession: SwarmSessionDelegate {
    let stage: SessionStage
    let session: SwarmSession
    private(set) var notices: [PeerNotice] = []
    /// How often it was said that there is no peer.
    private(set) var timesLonely = 0
    private(set) var failures: [StorageError] = []
    private var peers = 0

    init(_ stage: SessionStage, have: Bitfield? = nil, seed: UInt64 = 1) {
        self.stage = stage
        session = SwarmSession(
            stage.content, have: have ?? Bitfield(count: stage.geometry.pieceCount), fetches: true,
            context: stage.context, reactor: stage.reactor, seed: seed)
        session.delegate = self
        session.start()
    }

    /// Codes of what was said, for people or not.
    var codes: [String] { notices.map(\.code) }

    /// Somebody connects and has shaken hands; the kernel takes so many bytes for it ahead.
    func join(_ reserved: ReservedBits, sendBuffer: Int32 = 208 << 10) throws -> FarPeer {
        peers += 1
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { throw TestFailure("socketpair") }
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        var size = sendBuffer
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        let address = IPAddress.v4(0x0800_0000 + UInt32(peers) << 16)
        let id = PeerID(Bytes20(high: UInt64(peers) + 100, middle: 0, low: 0))
        session.accept(
            HandshakeLink.Established(
                stream: .tcp(Descriptor(owning: ends[0])),
                theirs: Handshake(infoHash: stage.infoHash, peerID: id, reserved: reserved)),
            from: Endpoint(address, port: 6_881))
        return FarPeer(Descriptor(owning: ends[1]), stage, address: address, isFast: reserved.contains(.fast))
    }

    func stop() {
        session.stop(within: .zero) {}
        stage.settle()
    }

    // MARK: SwarmSessionDelegate

    func sessionCompleted(_ session: SwarmSession) {}
    func sessionMoved(_ session: SwarmSession) {}
    func session(_ session: SwarmSession, notice: PeerNotice) {
        // That it has no peers says nothing of any.
        if notice.code == "no_peers" { timesLonely += 1 } else { notices.append(notice) }
    }
    func session(_ session: SwarmSession, failed error: StorageError) { failures.append(error) }
    func session(_ session: SwarmSession, stored piece: PieceIndex) {}
}
