import TorrentCore
import TorrentIO

/// Answers UDP packets on one address, in batches.
final class DatagramListener: ReadinessHandler {
    private let socket: UDPSocket
    private let service: TrackerService
    private let inbox = DatagramBatch()
    private let outbox = DatagramBatch()
    private var packet: [UInt8] = []
    private let isEverywhere: Bool

    /// Batches in one turn, so that the others come up too.
    private static let batchesATurn = 4

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
        for _ in 0..<Self.batchesATurn {
            // An error here is one of an earlier packet that found nobody; the socket itself is fine.
            guard let count = try? inbox.receive(from: socket), count > 0 else { return }
            for index in 0..<count { answer(index) }
            outbox.send(through: socket)
            guard inbox.isFull else { return }
        }
    }

    private func answer(_ index: Int) {
        // Packets from port 0 cannot be answered.
        guard let remote = inbox.endpoint(index), remote.port != 0 else { return }
        packet.removeAll(keepingCapacity: true)
        service.answer(packet: RawSpan(_unsafeBytes: inbox.bytes(index)), from: remote, to: &packet)
        guard !packet.isEmpty, packet.count <= outbox.datagramBytes else { return }
        service.meter.totals.bytesOut += UInt64(packet.count)
        outbox.append(packet, to: remote)
        if isEverywhere { outbox.replyFromDestination(of: index, in: inbox) }
    }

    func stop() {
        service.reactor.unwatch(socket.descriptor)
        socket.close()
    }
}
