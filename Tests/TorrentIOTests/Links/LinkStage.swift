import Glibc
import TestSupport
import Testing
import TorrentCore
import TorrentIO

/// A `PeerLink` on a reactor of its own, and the other end of its socket.
// @unchecked: all but `far` and the log is touched on the reactor alone.
final class LinkStage: PeerLinkOwner, @unchecked Sendable {
    let reactor: Reactor
    /// The other end, blocking.
    let far: Descriptor
    let heard = Recorder<LinkScript.Said>()
    let ended = Recorder<LinkEnd>()
    let sent = Recorder<BlockRequest>()
    /// How often what was awaited had left.
    let awaited = Recorder<Bool>()
    /// Where received blocks go: the whole payload.
    let memory: UnsafeMutableRawBufferPointer
    private let geometry: TorrentGeometry
    private var full: Set<WireBlock> = []
    /// Asked for and not begun, in order.
    private var expected: [WireBlock] = []
    private var link: PeerLink?
    /// Answer requests for blocks an iteration late, as a cold disk would.
    var readsLate = false
    /// Serve from here, without reading.
    var storage: FileStorage?

    init(
        _ geometry: TorrentGeometry, poller: PollerKind, limiters: LinkLimiters = LinkLimiters(),
        ends: (near: PeerStream, far: Descriptor)? = nil, early: [UInt8] = []
    ) throws {
        let ends = try ends ?? Self.pairedEnds()
        far = ends.far
        self.geometry = geometry
        memory = .allocate(byteCount: Int(geometry.totalLength), alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        reactor = try Reactor(name: "link stage", poller: poller)
        link = try PeerLink(
            id: 1, stream: ends.near, early: early, owner: self, reactor: reactor,
            buffers: ReadBufferPool(), limiters: limiters, reader: MessageReader(pieceCount: geometry.pieceCount))
    }

    private static func pairedEnds() throws -> (near: PeerStream, far: Descriptor) {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (.tcp(Descriptor(owning: ends[0])), Descriptor(owning: ends[1]))
    }

    /// Both ends of a TCP connection over loopback, of which the far one takes in little that is not read.
    static func connectedEnds(receiveBuffer: Int32) throws -> (near: PeerStream, far: Descriptor) {
        let listener = try TCPListener(Endpoint(.loopbackV4, port: 0))
        defer { listener.close() }
        let far = try Sockets.connectTCP(to: listener.endpoint)
        #expect(waitUntilReady(listener.descriptor, Int32(POLLIN)))
        let (near, _) = try #require(try listener.accept())
        var size = receiveBuffer
        setsockopt(far.number, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(far.number, F_SETFL, 0)
        return (.tcp(near), far)
    }

    /// Ends the reactor; nothing of the link is touched after it.
    func stop() {
        reactor.stop()
        memory.deallocate()
    }

    func onLink(_ body: @escaping @Sendable (PeerLink) -> Void) {
        reactor.perform { [self] in
            guard let link else { return }
            body(link)
            link.flush()
        }
    }

    /// Asks the other end for blocks, all at once.
    func ask(_ blocks: [WireBlock]) {
        onLink { [self] link in
            expected += blocks
            for block in blocks { link.send(.request(block)) }
        }
    }

    // MARK: PeerLinkOwner

    func link(_ link: PeerLink, received message: PeerMessage) { heard.add(.message(message)) }
    func linkSentAwaited(_ link: PeerLink) { awaited.add(true) }
    func link(_ link: PeerLink, receivedBitfield bytes: RawSpan) { heard.add(.bitfield(bytes.byteCount)) }
    func link(_ link: PeerLink, receivedExtended id: UInt8, _ payload: RawSpan) {
        heard.add(.extended(id, payload.byteCount))
    }

    func link(
        _ link: PeerLink, aimBehind begun: WireBlock?, _ aim: (UnsafeMutableRawPointer, Int) -> Bool
    ) {
        for block in expected {
            guard !full.contains(block), let slot = slot(of: block), aim(slot, Int(block.length)) else { return }
        }
    }

    func link(_ link: PeerLink, admit block: WireBlock) -> PayloadDestination {
        if let position = expected.firstIndex(of: block) { expected.remove(at: position) }
        guard let request = geometry.block(block), !full.contains(block), let slot = slot(of: block) else {
            return .discard
        }
        return .slot(slot, request)
    }

    func link(_ link: PeerLink, finished block: BlockRequest) {
        full.insert(block.onWire)
        heard.add(.block(block.onWire))
    }

    func link(_ link: PeerLink, discarded block: WireBlock) { heard.add(.stray(block)) }

    func linkWantsBlocks(_ link: PeerLink) {
        guard readsLate else { return provide(link) }
        reactor.performLater { [self] in
            provide(link)
            link.flush()
        }
    }

    private func provide(_ link: PeerLink) {
        let buffer = link.buffers.take(atLeast: Int(link.servable[0].length))
        let blocks = link.takeServable(bytes: buffer.count, count: 64)
        if let storage, let first = blocks.first {
            link.buffers.giveBack(buffer)
            let length = blocks.reduce(0) { $0 + Int($1.length) }
            let start = geometry.offset(of: first.piece) + Int64(first.begin)
            guard let mapping = storage.mapCached(length, at: start) else {
                Issue.record("nothing mapped")
                return
            }
            return link.send(blocks, from: .mapping(mapping))
        }
        var at = 0
        for block in blocks {
            let start = Int(geometry.offset(of: block.piece)) + Int(block.begin)
            LinkScript.payload.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: buffer[at...]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: $0[start..<start + Int(block.length)]))
            }
            at += Int(block.length)
        }
        link.send(blocks, from: .buffer(buffer))
    }

    func link(_ link: PeerLink, sent block: BlockRequest) { sent.add(block) }

    func link(_ link: PeerLink, keptMessagesWaiting time: Duration) {}

    func link(_ link: PeerLink, ended reason: LinkEnd) { ended.add(reason) }

    private func slot(of wire: WireBlock) -> UnsafeMutableRawPointer? {
        guard let block = geometry.block(wire), let base = memory.baseAddress else { return nil }
        return base + Int(geometry.offset(of: block.piece)) + Int(block.begin)
    }
}
