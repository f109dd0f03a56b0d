package import TorrentCore

/// A connection, outgoing or incoming, until the other side's handshake has been read; then it hands the stream on.
///
/// The socket and the timer around a `HandshakeMachine`. Confined to its reactor.
package final class HandshakeLink: ReadinessHandler {
    /// Called once, unless `close` comes first.
    package typealias Completion = (Result<Established, Failure>) -> Void

    /// A connected stream, and what the other side said on it.
    package struct Established: Sendable {
        /// Nobody watches it: whoever takes it over does, on whichever reactor, or closes it.
        package let stream: PeerStream
        /// Nothing of it has been checked but its form.
        package let theirs: Handshake
        /// Bytes behind the handshake that have been read already: the link begins with them.
        package let early: [UInt8]

        package init(stream: PeerStream, theirs: Handshake, early: [UInt8] = []) {
            self.stream = stream
            self.theirs = theirs
            self.early = early
        }

        /// Says who we are, and closes it: the other side knows then that we are here.
        package func close(saying ours: Handshake) {
            var bytes: [UInt8] = []
            ours.append(to: &bytes)
            // The first bytes on a connection find room, and if not, they are not missed.
            do throws(SystemError) {
                _ = try bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in
                    try stream.write(UnsafeRawBufferPointer(bytes))
                }
            } catch {}
            stream.close()
        }
    }

    /// Why no connection came of it.
    package enum Failure: Error, Equatable, Sendable {
        /// Our own system did not even begin it: no way leads there from here, or there is no room for another one.
        case noWay(SystemError)
        /// No connection was made: refused, unreachable, or the system let it time out.
        case connect(SystemError)
        /// The other side did not answer in time.
        case timeout
        /// It closed or reset the connection before its handshake was complete.
        case dropped
        /// It sent something other than a BitTorrent handshake: another protocol, or encryption.
        case malformed
    }

    private let reactor: Reactor
    private let stream: PeerStream
    private var machine: HandshakeMachine
    private var isConnecting: Bool
    private var timer: TimerID?
    private var completion: Completion?

    /// Bytes of one read: a handshake and the short messages that many send along with it.
    private static let readLength = 1_024

    /// Connects to `endpoint`, from the local address `source` if it is given. Throws errors that are known at once.
    package init(
        to endpoint: Endpoint, from source: IPAddress? = nil, saying ours: Handshake, reactor: Reactor,
        timeout: Duration,
        completion: @escaping Completion
    ) throws(SystemError) {
        stream = .tcp(try Sockets.connectTCP(to: endpoint, from: source))
        machine = .outgoing(saying: ours)
        isConnecting = true
        self.reactor = reactor
        self.completion = completion
        try begin([.write], timeout: timeout)
    }

    /// Takes over a connection that somebody made to us.
    package init(
        accepted stream: PeerStream, reactor: Reactor, timeout: Duration, completion: @escaping Completion
    ) throws(SystemError) {
        self.stream = stream
        machine = .incoming()
        isConnecting = false
        self.reactor = reactor
        self.completion = completion
        try begin([.read], timeout: timeout)
    }

    private func begin(_ interest: Readiness, timeout: Duration) throws(SystemError) {
        try stream.watch(interest, on: reactor, handler: self)
        timer = reactor.setTimer(after: timeout) { [weak self] in self?.finish(.failure(.timeout)) }
    }

    /// Closes the connection; the owner is not told.
    package func close() {
        guard completion != nil else { return }
        completion = nil
        release()
        stream.close()
    }

    /// Sends what is left of our handshake, then reads theirs.
    package func descriptorReady(_ descriptor: Int32, _ readiness: Readiness) {
        do throws(Failure) {
            if isConnecting { try connected() }
            guard try saidAll() else { return }
            if let established = try hear() { finish(.success(established)) }
        } catch {
            finish(.failure(error))
        }
    }

    private func connected() throws(Failure) {
        do throws(SystemError) {
            try stream.connectResult()
        } catch {
            throw .connect(error)
        }
        isConnecting = false
    }

    /// False as long as the machine has something to say that finds no room.
    private func saidAll() throws(Failure) -> Bool {
        guard !machine.outbox.isEmpty else { return true }
        do throws(SystemError) {
            let sent = try machine.outbox.withUnsafeBufferPointer { (bytes) throws(SystemError) in
                try stream.write(UnsafeRawBufferPointer(bytes))
            }
            machine.said(sent ?? 0)
        } catch {
            throw .dropped
        }
        stream.change(to: machine.outbox.isEmpty ? [.read] : [.write], on: reactor)
        return machine.outbox.isEmpty
    }

    /// Nil as long as there is more to come.
    private func hear() throws(Failure) -> Established? {
        guard let bytes = try received() else { return nil }
        switch machine.take(bytes[...]) {
        case .incomplete: return nil
        case .established(let theirs, let consumed):
            return Established(stream: stream, theirs: theirs, early: Array(bytes[consumed...]))
        case .failed: throw .malformed
        }
    }

    /// Nil if there is nothing now.
    private func received() throws(Failure) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: Self.readLength)
        let count: Int?
        do throws(SystemError) {
            count = try buffer.withUnsafeMutableBufferPointer { (buffer) throws(SystemError) in
                try stream.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
        } catch {
            throw .dropped
        }
        guard count != 0 else { throw .dropped }
        return count.map { Array(buffer[..<$0]) }
    }

    private func finish(_ result: Result<Established, Failure>) {
        guard let completion else { return }
        self.completion = nil
        release()
        if case .failure = result { stream.close() }
        completion(result)
    }

    private func release() {
        stream.unwatch(on: reactor)
        if let timer { reactor.cancel(timer) }
        timer = nil
    }
}
