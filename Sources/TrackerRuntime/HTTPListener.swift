import TorrentCore
import TorrentIO

/// Takes TCP connections on one address, and closes those whose time is up.
final class HTTPListener: ReadinessHandler {
    private let listener: TCPListener
    private let service: TrackerService
    // By descriptor.
    private var connections: [Int32: HTTPConnection] = [:]
    private var isPaused = false

    /// Connections taken in one turn, so that the others come up too.
    private static let acceptsATurn = 64

    init(_ listener: TCPListener, service: TrackerService) {
        self.listener = listener
        self.service = service
    }

    func start() throws(SystemError) {
        try service.reactor.watch(listener.descriptor, .read, handler: self)
    }

    func descriptorReady(_ number: Int32, _ readiness: Readiness) {
        for _ in 0..<Self.acceptsATurn {
            guard service.connections < service.connectionLimit else { return setPaused(true) }
            do throws(SystemError) {
                guard let (descriptor, endpoint) = try listener.accept() else { return }
                try take(descriptor, endpoint)
            } catch {
                // The connection still waits; looked at again in the next second.
                if error.isOutOfDescriptors { service.configuration.onWarning?(.outOfDescriptors) }
                return setPaused(true)
            }
        }
    }

    private func take(_ descriptor: Descriptor, _ endpoint: Endpoint) throws(SystemError) {
        let connection = HTTPConnection(descriptor, remote: endpoint.address, service: service) { [weak self] in
            self?.forget($0)
        }
        do {
            try service.reactor.watch(descriptor, .read, handler: connection)
        } catch {
            descriptor.close()
            throw error
        }
        connections[descriptor.number] = connection
        service.connections += 1
        service.meter.totals.connectionsTaken += 1
    }

    private func forget(_ connection: HTTPConnection) {
        connections[connection.descriptor.number] = nil
        service.connections -= 1
    }

    private func setPaused(_ paused: Bool) {
        isPaused = paused
        service.reactor.change(listener.descriptor, to: paused ? [] : .read)
    }

    /// Called once a second.
    func tick() {
        let now = service.reactor.now
        for connection in Array(connections.values) where connection.deadline <= now { connection.close() }
        if isPaused, service.connections < service.connectionLimit { setPaused(false) }
    }

    func stop() {
        service.reactor.unwatch(listener.descriptor)
        listener.close()
        for connection in Array(connections.values) { connection.close() }
    }
}
