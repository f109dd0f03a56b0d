import Synchronization
import TorrentCore
import TorrentIO
import TrackerEngine

/// Answers UDP packets on one address, in batches.
final class DatagramListener: ReadinessHandler {
    private let socket: UDPSocket
    private let service: TrackerService
    private let inbox = DatagramBatch()
    private let outbox = DatagramBatch()
    private var scratch = PacketScratch()
    private let isEverywhere: Bool
    // True while datagrams come so fast that there is no need to wait for them; the socket is then in no poller.
    private var isFlooded = false
    // The tags of the torrents that a batch asks for.
    private var tags = [UInt32](repeating: 0, count: DatagramBatch.capacity)

    /// Most batches in one iteration, so that other sockets are served, too.
    private static let batchesAnIteration = 4
    /// Packets in a batch from which on prefetching pays.
    private static let worthFetchingAhead = 4
    /// Packets in a batch from which on the socket is read again without waiting.
    private static let flood = 16

    init(_ socket: UDPSocket, service: TrackerService) {
        self.socket = socket
        self.service = service
        isEverywhere = socket.endpoint.address.isUnspecified
        if isEverywhere { socket.tellDestinations() }
    }

    func start() throws(SystemError) {
        try service.reactor.watch(socket.descriptor, .read, handler: self)
    }

    func descriptorReady(_ number: Int32, _ readiness: Readiness) {
        guard drain() else { return }
        // A socket in a poller tells it of each datagram that leaves: about a thirtieth of an answer's time.
        isFlooded = true
        service.reactor.change(socket.descriptor, to: [])
        service.reactor.performLater { [self] in goOn() }
    }

    private func goOn() {
        guard isFlooded else { return }
        if drain() { return service.reactor.performLater { [self] in goOn() } }
        isFlooded = false
        service.reactor.change(socket.descriptor, to: .read)
    }

    /// Answers waiting packets, a few batches at most. Returns whether so many came that more are to be expected.
    private func drain() -> Bool {
        var scratch = PacketScratch()
        swap(&scratch, &self.scratch)
        let count = inbox.receiveAll(from: socket, batches: Self.batchesAnIteration) {
            let now = service.reactor.now
            service.shared.tracker.withLock { tracker in
                if inbox.count >= Self.worthFetchingAhead { fetchAhead(inbox.count, &tracker) }
                for index in 0..<inbox.count { answer(index, at: now, &tracker, &scratch) }
            }
            outbox.send(through: socket)
        }
        service.totals = service.totals + scratch.totals
        scratch.totals = TrafficMeter.Totals()
        swap(&scratch, &self.scratch)
        return count >= Self.flood
    }

    /// Has the processor fetch what the batch is going to need, all of it at once: first what the index says, then the
    /// swarms. One packet after the other would wait for memory several times each.
    private func fetchAhead(_ count: Int, _ tracker: inout Tracker) {
        for index in 0..<count {
            let packet = RawSpan(_unsafeBytes: inbox.bytes(index))
            // A tag that stands for no torrent costs a prefetch in vain.
            tags[index] = UDPTrackerRequest.announcedInfoHash(packet).map { tracker.fetchIndexAhead($0) } ?? 0
        }
        for index in 0..<count { tracker.fetchSwarmAhead(tags[index]) }
    }

    private func answer(_ index: Int, at now: Moment, _ tracker: inout Tracker, _ scratch: inout PacketScratch) {
        // Packets from port 0 cannot be answered.
        guard let remote = inbox.endpoint(index), remote.port != 0 else { return }
        service.answer(packet: RawSpan(_unsafeBytes: inbox.bytes(index)), from: remote, at: now, &tracker, &scratch)
        let before = outbox.count
        outbox.append(to: remote) { scratch.write(into: $0, overIPv4: remote.address.isV4) }
        if isEverywhere, outbox.count > before { outbox.replyFromDestination(of: index, in: inbox) }
    }

    func stop() {
        isFlooded = false
        service.reactor.unwatch(socket.descriptor)
        socket.close()
    }
}
