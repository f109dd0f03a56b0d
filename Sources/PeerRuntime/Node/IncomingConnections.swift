import TorrentCore
import TorrentIO

/// Accepts connections on the listening port, reads which torrent each is for, and hands it to that one.
// @unchecked: confined to its reactor.
final class IncomingConnections: ReadinessHandler, @unchecked Sendable {
    typealias Route = (HandshakeLink.Established, Endpoint) -> Void

    /// Most connections whose handshake has not come; the oldest of them makes room for a further one.
    private static let pendingLimit = 128
    private static let handshakeTimeout = Duration.seconds(10)
    /// How long no connections are accepted when descriptors have run out.
    private static let pause = Duration.milliseconds(500)
    /// A listener that fails so often, with nobody accepted in between, will go on failing.
    private static let mostFailures = 20

    private let listeners: [TCPListener]
    private let reactor: Reactor
    private let route: Route
    private let onFailure: (Endpoint, SystemError) -> Void
    private var pending: [UInt64: HandshakeLink] = [:]
    private var nextKey: UInt64 = 0
    /// How often each listener has failed since it accepted somebody.
    private var failures: [Int32: Int] = [:]

    /// `onFailure` is told, once, of a listener that takes no connections any more.
    init(
        _ listeners: [TCPListener], reactor: Reactor, route: @escaping Route,
        onFailure: @escaping (Endpoint, SystemError) -> Void
    ) throws(SystemError) {
        self.listeners = listeners
        self.reactor = reactor
        self.route = route
        self.onFailure = onFailure
        for listener in listeners { try reactor.watch(listener.descriptor, .read, handler: self) }
    }

    func descriptorReady(_ descriptor: Int32, _ readiness: Readiness) {
        guard let listener = listeners.first(where: { $0.descriptor.number == descriptor }) else { return }
        do throws(SystemError) {
            while let (socket, endpoint) = try listener.accept() {
                failures[descriptor] = nil
                greet(socket, endpoint)
            }
        } catch {
            failed(listener, error)
        }
    }

    private func failed(_ listener: TCPListener, _ error: SystemError) {
        // Connections wait in the kernel until descriptors are free again.
        if !error.isOutOfDescriptors {
            failures[listener.descriptor.number, default: 0] += 1
            guard failures[listener.descriptor.number, default: 0] < Self.mostFailures, !error.isInvalid else {
                reactor.unwatch(listener.descriptor)
                return onFailure(listener.endpoint, error)
            }
        }
        reactor.change(listener.descriptor, to: [])
        reactor.setTimer(after: Self.pause) { [weak self] in
            self?.reactor.change(listener.descriptor, to: .read)
        }
    }

    private func greet(_ socket: Descriptor, _ endpoint: Endpoint) {
        // A handshake takes a moment: whoever says nothing must not keep out who would.
        if pending.count >= Self.pendingLimit, let oldest = pending.keys.min() {
            pending.removeValue(forKey: oldest)?.close()
        }
        let key = nextKey
        nextKey += 1
        // Where it cannot be watched, the connection is closed as its last owner goes.
        let link = try? HandshakeLink(accepted: .tcp(socket), reactor: reactor, timeout: Self.handshakeTimeout) {
            [weak self] result in
            self?.pending[key] = nil
            if case .success(let established) = result { self?.route(established, endpoint) }
        }
        pending[key] = link
    }
}
