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
    // Which torrents the packets of a batch speak of, as the tables have it.
    private var tags = [UInt32](repeating: 0, count: DatagramBatch.capacity)

    /// Batches in one turn, so that the others come up too.
    private static let batchesATurn = 4
    /// Packets in a batch from which on it pays to fetch ahead.
    private static let worthFetchingAhead = 4

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
        var scratch = PacketScratch()
        swap(&scratch, &self.scratch)
        for _ in 0..<Self.batchesATurn {
            // An error here is one of an earlier packet that found nobody; the socket itself is fine.
            guard let count = try? inbox.receive(from: socket), count > 0 else { break }
            let now = service.reactor.now
            service.shared.tracker.withLock { tracker in
                if count >= Self.worthFetchingAhead { fetchAhead(count, &tracker) }
                for index in 0..<count { answer(index, at: now, &tracker, &scratch) }
            }
            outbox.send(through: socket)
            guard inbox.isFull else { break }
        }
        service.totals = service.totals + scratch.totals
        scratch.totals = TrafficMeter.Totals()
        swap(&scratch, &self.scratch)
    }

    /// Has the processor fetch what the batch is going to need, all of it at once: first what the index says, then the
    /// swarms. One packet after the other would wait for memory several times each.
    private func fetchAhead(_ count: Int, _ tracker: inout Tracker) {
        for index in 0..<count {
            let packet = RawSpan(_unsafeBytes: inbox.bytes(index))
            // What stands for no torrent leads nowhere, or somewhere in vain.
            tags[index] = UDPTrackerRequest.announcedInfoHash(packet).map { tracker.fetchIndexAhead($0) } ?? 0
        }
        for index in 0..<count { tracker.fetchSwarmAhead(tags[index]) }
    }

    private func answer(_ index: Int, at now: Moment, _ tracker: inout Tracker, _ scratch: inout PacketScratch) {
        // Packets from port 0 cannot be answered.
        guard let remote = inbox.endpoint(index), remote.port != 0 else { return }
        scratch.output.removeAll(keepingCapacity: true)
        service.answer(packet: RawSpan(_unsafeBytes: inbox.bytes(index)), from: remote, at: now, &tracker, &scratch)
        guard !scratch.output.isEmpty, scratch.output.count <= outbox.datagramBytes else { return }
        scratch.totals.bytesOut += UInt64(scratch.output.count)
        outbox.append(scratch.output, to: remote)
        if isEverywhere { outbox.replyFromDestination(of: index, in: inbox) }
    }

    func stop() {
        service.reactor.unwatch(socket.descriptor)
        socket.close()
    }
}
