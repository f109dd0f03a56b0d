import TorrentCore
import TorrentIO

/// Accepts the connections of one address for a server.
final class HTTPListener: ReadinessHandler {
    private let listener: TCPListener
    private unowned let server: HTTPServer
    private var isPaused = false

    /// Most connections accepted in one iteration, so that other sockets are served, too.
    private static let acceptsAnIteration = 64

    init(_ listener: TCPListener, server: HTTPServer) {
        self.listener = listener
        self.server = server
    }

    func start() throws(SystemError) {
        try server.reactor.watch(listener.descriptor, .read, handler: self)
    }

    func descriptorReady(_ number: Int32, _ readiness: Readiness) {
        let room = server.room
        for _ in 0..<Self.acceptsAnIteration {
            guard !room.isFull else { return setPaused(true) }
            do throws(SystemError) {
                guard let (descriptor, endpoint) = try listener.accept() else { return }
                room.enter()
                server.traffic.connectionsTaken += 1
                // Most are answered and closed without waiting for anything.
                HTTPConnection(descriptor, remote: endpoint.address, server: server).begin()
            } catch {
                // The connection still waits; the next try is a second later.
                if error.isOutOfDescriptors { server.onOutOfDescriptors?() }
                return setPaused(true)
            }
        }
    }

    private func setPaused(_ paused: Bool) {
        isPaused = paused
        server.reactor.change(listener.descriptor, to: paused ? [] : .read)
    }

    /// Called once a second.
    func tick() {
        if isPaused, !server.room.isFull { setPaused(false) }
    }

    func stop() {
        server.reactor.unwatch(listener.descriptor)
        listener.close()
    }
}
