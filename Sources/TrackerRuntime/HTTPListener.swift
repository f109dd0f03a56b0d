import Synchronization
import TorrentCore
import TorrentIO

/// Accepts TCP connections on one address, and closes those whose deadline has passed.
final class HTTPListener: ReadinessHandler {
    private let listener: TCPListener
    private let service: TrackerService
    // By descriptor.
    private var connections: [Int32: HTTPConnection] = [:]
    private var isPaused = false

    /// Most connections accepted in one iteration, so that other sockets are served, too.
    private static let acceptsAnIteration = 64

    init(_ listener: TCPListener, service: TrackerService) {
        self.listener = listener
        self.service = service
    }

    func start() throws(SystemError) {
        try service.reactor.watch(listener.descriptor, .read, handler: self)
    }

    func descriptorReady(_ number: Int32, _ readiness: Readiness) {
        let shared = service.shared
        for _ in 0..<Self.acceptsAnIteration {
            guard shared.connections.load(ordering: .relaxed) < shared.connectionLimit else { return setPaused(true) }
            do throws(SystemError) {
                guard let (descriptor, endpoint) = try listener.accept() else { return }
                shared.connections.add(1, ordering: .relaxed)
                service.totals.connectionsTaken += 1
                // Most are answered and closed without waiting for anything.
                HTTPConnection(descriptor, remote: endpoint.address, service: service, listener: self).begin()
            } catch {
                // The connection still waits; the next try is a second later.
                if error.isOutOfDescriptors { shared.configuration.onWarning?(.outOfDescriptors) }
                return setPaused(true)
            }
        }
    }

    /// A connection waits for something, and is kept until it closes.
    func keep(_ connection: HTTPConnection) { connections[connection.descriptor.number] = connection }

    /// A connection has closed.
    func forget(_ connection: HTTPConnection, wasKept: Bool) {
        if wasKept { connections[connection.descriptor.number] = nil }
        service.shared.connections.subtract(1, ordering: .relaxed)
    }

    private func setPaused(_ paused: Bool) {
        isPaused = paused
        service.reactor.change(listener.descriptor, to: paused ? [] : .read)
    }

    /// Called once a second.
    func tick() {
        let now = service.reactor.now
        for connection in Array(connections.values) where connection.deadline <= now { connection.close() }
        let shared = service.shared
        if isPaused, shared.connections.load(ordering: .relaxed) < shared.connectionLimit { setPaused(false) }
    }

    func stop() {
        service.reactor.unwatch(listener.descriptor)
        listener.close()
        for connection in Array(connections.values) { connection.close() }
    }
}
