import Glibc

/// What a link reads from and writes to: bytes in order, both ways, that never wait.
///
/// An enum of what there is, so that a call costs a branch at most. A further case holds a final class of its own and
/// keeps to this:
///
/// * **Reading** fills buffer after buffer. 0 is the end of the stream, nil that there is nothing now. Bytes may be
///   changed where they lie (deciphered), for nobody has seen them before `read` returns. They must not be overwritten
///   afterwards.
/// * **Writing** takes a first part of what is offered, and says how much; nil is nothing. What it takes it owns: the
///   caller reuses the memory at once. It must not change the offered bytes, so who transforms them copies them, and
///   keeps what the kernel has not taken yet. It takes less than it was offered only if it is full.
/// * **Interest**: the handler hears of readiness as `Readiness` tells, level-triggered: what is not dealt with is
///   reported in a later iteration again. A case that keeps bytes of its own, or shares a socket, is itself what the
///   reactor calls, polls for more than the handler wants if it has to, and calls the handler only for what that wants.
/// * **Backlog**: `limitBacklog` bounds what is taken and has not left the machine, own copies included. It is
///   writable while there is less than half of that.
/// * **Mappings**: `sendsMappings` only if nobody in this process reads the bytes, see `MappedPayload`.
/// * **Moving**: between handshake and link nothing is watched, and a stream may go from one reactor to another then.
package enum PeerStream: Sendable {
    /// A connected socket, read and written straight.
    case tcp(Descriptor)

    // MARK: Bytes

    /// How many bytes came; 0 at the end of the stream, nil if there are none yet.
    func read(into bytes: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        switch self {
        case .tcp(let socket): try socket.read(into: bytes)
        }
    }

    /// Fills one buffer after the other; else as above.
    func read(into vectors: UnsafeBufferPointer<iovec>) throws(SystemError) -> Int? {
        switch self {
        case .tcp(let socket): try socket.read(into: vectors)
        }
    }

    /// How many bytes were taken, which may be fewer than offered; nil if none.
    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        switch self {
        case .tcp(let socket): try socket.send(bytes)
        }
    }

    /// Takes one buffer after the other; else as above.
    func write(_ vectors: UnsafeBufferPointer<iovec>) throws(SystemError) -> Int? {
        switch self {
        case .tcp(let socket): try socket.send(vectors)
        }
    }

    /// Whether payload may be sent from where it is mapped.
    var sendsMappings: Bool {
        switch self {
        case .tcp: true
        }
    }

    // MARK: Interest

    /// From now on `handler` hears when the stream is ready.
    func watch(_ interest: Readiness, on reactor: Reactor, handler: any ReadinessHandler) throws(SystemError) {
        switch self {
        case .tcp(let socket): try reactor.watch(socket, interest, handler: handler)
        }
    }

    /// Cheap if nothing changes.
    func change(to interest: Readiness, on reactor: Reactor) {
        switch self {
        case .tcp(let socket): reactor.change(socket, to: interest)
        }
    }

    /// Nothing more is reported. To be called before `close`.
    func unwatch(on reactor: Reactor) {
        switch self {
        case .tcp(let socket): reactor.unwatch(socket)
        }
    }

    // MARK: Backlog

    /// Called once, before the first block: buffers are made to fit the distance.
    func prepareForPayload() {
        switch self {
        case .tcp(let socket): Sockets.shortenSendBufferIfNear(socket)
        }
    }

    /// Bounds the bytes that are taken before they are sent.
    func limitBacklog(to bytes: Int32) {
        switch self {
        case .tcp(let socket): Sockets.limitBacklog(of: socket, to: bytes)
        }
    }

    /// How long bytes written now will wait in queues, compared with an idle line; nil if nobody knows.
    var queueingTime: Duration? {
        switch self {
        case .tcp(let socket): Sockets.queueingTime(of: socket)
        }
    }

    // MARK: Life

    /// Throws why a connection that we began did not come about; to be called once the stream is ready.
    func connectResult() throws(SystemError) {
        switch self {
        case .tcp(let socket): try Sockets.connectResult(socket)
        }
    }

    /// Further calls do nothing.
    package func close() {
        switch self {
        case .tcp(let socket): socket.close()
        }
    }
}
