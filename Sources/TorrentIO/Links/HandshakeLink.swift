package import TorrentCore

/// A connection, outgoing or incoming, until the other side's handshake (BEP 3) has been read; then it hands the socket
/// on.
///
/// Outgoing it connects, sends ours and reads theirs. Incoming it only reads theirs: what we answer depends on the
/// torrent that they name. It reads not one byte more than a handshake has. Confined to its reactor.
package final class HandshakeLink: ReadinessHandler {
    /// Called once, unless `close` comes first.
    package typealias Completion = (Result<Established, Failure>) -> Void

    /// A connected socket, and what the other side said on it.
    package struct Established {
        package let socket: Descriptor
        package let theirs: Handshake
    }

    /// Why no connection came of it.
    package enum Failure: Error, Equatable, Sendable {
        case connect(SystemError)
        /// The other side did not answer in time.
        case timeout
        /// It closed or reset the connection before its handshake was complete.
        case dropped
        /// It sent something other than a BitTorrent handshake: another protocol, or encryption.
        case malformed
    }

    private let reactor: Reactor
    private let socket: Descriptor
    private var outgoing: [UInt8]
    private var isConnecting: Bool
    private var received: [UInt8] = []
    private var timer: TimerID?
    private var completion: Completion?

    /// Connects to `endpoint`, from the local address `source` if it is given. Throws errors that are known at once.
    package init(
        to endpoint: Endpoint, from source: IPAddress? = nil, saying ours: Handshake, reactor: Reactor,
        timeout: Duration,
        completion: @escaping Completion
    ) throws(SystemError) {
        socket = try Sockets.connectTCP(to: endpoint, from: source)
        outgoing = []
        ours.append(to: &outgoing)
        isConnecting = true
        self.reactor = reactor
        self.completion = completion
        try begin([.write], timeout: timeout)
    }

    /// Takes over a connection that somebody made to us.
    package init(
        accepted socket: Descriptor, reactor: Reactor, timeout: Duration, completion: @escaping Completion
    ) throws(SystemError) {
        self.socket = socket
        outgoing = []
        isConnecting = false
        self.reactor = reactor
        self.completion = completion
        try begin([.read], timeout: timeout)
    }

    private func begin(_ interest: Readiness, timeout: Duration) throws(SystemError) {
        try reactor.watch(socket, interest, handler: self)
        timer = reactor.setTimer(after: timeout) { [weak self] in self?.finish(.failure(.timeout)) }
    }

    /// Closes the connection; the owner is not told.
    package func close() {
        guard completion != nil else { return }
        completion = nil
        release()
        socket.close()
    }

    package func descriptorReady(_ descriptor: Int32, _ readiness: Readiness) {
        if isConnecting {
            do throws(SystemError) {
                try Sockets.connectResult(socket)
            } catch {
                return finish(.failure(.connect(error)))
            }
            isConnecting = false
        }
        if !outgoing.isEmpty {
            guard sendOurs() else { return }
            reactor.change(socket, to: [.read])
        }
        readTheirs()
    }

    /// False as long as there is more to send, or when it has failed.
    private func sendOurs() -> Bool {
        let count: Int
        do throws(SystemError) {
            count = try socket.send(outgoing) ?? 0
        } catch {
            finish(.failure(.dropped))
            return false
        }
        outgoing.removeFirst(count)
        return outgoing.isEmpty
    }

    private func readTheirs() {
        var buffer = [UInt8](repeating: 0, count: Handshake.byteCount - received.count)
        let count: Int
        do throws(SystemError) {
            guard let read = try socket.read(into: &buffer) else { return }
            count = read
        } catch {
            return finish(.failure(.dropped))
        }
        guard count > 0 else { return finish(.failure(.dropped)) }
        received += buffer[..<count]
        // The first byte shows another protocol: no need to wait for all 68.
        guard received.first == 19 else { return finish(.failure(.malformed)) }
        guard received.count == Handshake.byteCount else { return }
        do throws(WireError) {
            let theirs = try received.withBytes { (bytes) throws(WireError) in try Handshake(parsing: bytes) }
            finish(.success(Established(socket: socket, theirs: theirs)))
        } catch {
            finish(.failure(.malformed))
        }
    }

    private func finish(_ result: Result<Established, Failure>) {
        guard let completion else { return }
        self.completion = nil
        release()
        if case .failure = result { socket.close() }
        completion(result)
    }

    private func release() {
        reactor.unwatch(socket)
        if let timer { reactor.cancel(timer) }
        timer = nil
    }
}
