package import TorrentCore

/// The datagrams of a node: a socket for each family on the node's own port, shared by all protocols over UDP. What
/// comes goes to the owner whose look it has; what is to leave goes in batches at the end of the iteration.
///
/// It lives on one reactor. Who lives on another sends through that one's inbox (`Reactor.perform`) and is answered the
/// same way: two hops a question, which an announce can afford.
///
/// A hop for each packet of a transfer is too dear. Connections over uTP should therefore live on this reactor, where
/// `take` and `send` are plain calls and each end of an iteration is a batch; or each reactor opens a hub of its own on
/// the same port (SO_REUSEPORT), and a filter in the kernel steers packets by connection id.
// @unchecked: confined to `reactor`; named in jobs of other threads only to get there.
package final class DatagramHub: ReadinessHandler, @unchecked Sendable {
    /// What has become of datagrams since the start.
    package struct Counts: Equatable, Sendable {
        /// Given to an owner that waited for it.
        package var taken = 0
        /// Came, looked like nothing or like what nobody waits for.
        package var dropped = 0
        /// Were to be sent, and found the queue full.
        package var crowdedOut = 0

        package init(taken: Int = 0, dropped: Int = 0, crowdedOut: Int = 0) {
            self.taken = taken
            self.dropped = dropped
            self.crowdedOut = crowdedOut
        }
    }

    /// Bytes of the longest datagram; what comes is cut to it. A tracker's answer with 400 IPv6 peers fits.
    package static let longestDatagram = 8_192
    /// Datagrams of a family that wait to be sent, at the most.
    package static let queueLimit = 1_024
    /// Most batches of a socket in one iteration.
    private static let batchesAnIteration = 4

    package let reactor: Reactor
    /// Where it is bound, one of a family.
    package let endpoints: [Endpoint]
    package private(set) var counts = Counts()

    private struct Registration {
        weak var owner: (any DatagramOwner)?
    }

    private let ports: [DatagramPort]
    private let inbox = DatagramBatch(datagramBytes: longestDatagram)
    private let outbox = DatagramBatch(datagramBytes: longestDatagram)
    private var owners: [DatagramLook: Registration] = [:]
    private var isFlushDue = false

    /// Takes over `sockets`, one of a family at the most. Hears nothing before `start`.
    package init(_ sockets: [UDPSocket], reactor: Reactor) {
        self.reactor = reactor
        ports = sockets.map { DatagramPort($0) }
        endpoints = sockets.map(\.endpoint)
    }

    /// Begins to receive.
    package func start() throws(SystemError) {
        for port in ports { try reactor.watch(port.socket.descriptor, .read, handler: self) }
    }

    /// From now on datagrams of this look are `owner`'s, which is not kept alive by that.
    package func register(_ owner: any DatagramOwner, for look: DatagramLook) {
        reactor.preconditionOnReactor()
        precondition(owners[look]?.owner == nil, "datagrams of one look have one owner")
        owners[look] = Registration(owner: owner)
    }

    /// Whether there is a socket of the family of `endpoint`. From any thread.
    package func hasFamily(of endpoint: Endpoint) -> Bool {
        endpoints.contains { $0.address.isV4 == endpoint.address.isV4 }
    }

    /// Sends at the end of this iteration. What cannot leave is told to `DatagramOwner.notDelivered`, but for what the
    /// queue has no room for: that is lost, as datagrams may be.
    package func send(_ bytes: [UInt8], to endpoint: Endpoint) {
        reactor.preconditionOnReactor()
        precondition(!bytes.isEmpty, "a datagram says something")
        guard let port = ports.first(where: { $0.socket.endpoint.address.isV4 == endpoint.address.isV4 }) else {
            return notDelivered(to: endpoint, .noWay)
        }
        guard bytes.count <= Self.longestDatagram else {
            return notDelivered(to: endpoint, .datagramTooLong)
        }
        guard port.queued < Self.queueLimit else {
            counts.crowdedOut += 1
            return
        }
        port.append(bytes, to: endpoint)
        guard !isFlushDue else { return }
        isFlushDue = true
        reactor.atEndOfIteration { [weak self] in self?.flushAll() }
    }

    /// Receives what has come, hears of what did not arrive, sends what waits.
    package func descriptorReady(_ descriptor: Int32, _ readiness: Readiness) {
        guard let port = ports.first(where: { $0.socket.descriptor.number == descriptor }) else { return }
        if readiness.contains(.hangup) { port.takeErrors { notDelivered(to: $0, $1) } }
        if readiness.contains(.read) {
            _ = inbox.receiveAll(from: port.socket, batches: Self.batchesAnIteration) {
                for index in 0..<inbox.count { take(index) }
            }
        }
        if readiness.contains(.write) { flush(port) }
    }

    private func take(_ index: Int) {
        let datagram = RawSpan(_unsafeBytes: inbox.bytes(index))
        guard let sender = inbox.endpoint(index), let look = DatagramLook(datagram),
            let owner = owners[look]?.owner, owner.take(datagram, from: sender)
        else {
            counts.dropped += 1
            return
        }
        counts.taken += 1
    }

    private func flushAll() {
        isFlushDue = false
        for port in ports where !port.waitsForRoom { flush(port) }
    }

    private func flush(_ port: DatagramPort) {
        port.flush(by: outbox) { notDelivered(to: $0, $1) }
        reactor.change(port.socket.descriptor, to: port.waitsForRoom ? [.read, .write] : .read)
    }

    private func notDelivered(to endpoint: Endpoint, _ error: SystemError) {
        for look in DatagramLook.allCases { owners[look]?.owner?.notDelivered(to: endpoint, error) }
    }
}
