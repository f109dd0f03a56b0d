package import TorrentCore
package import TorrentIO

/// What a call reports, in this order; `ended` comes last, and once.
package enum HTTPCallNews {
    /// The connection stands.
    case connected
    case head(HTTPResponseHead)
    /// A part of the body, never empty.
    case body([UInt8])
    /// All has come, or why not.
    case ended(Result<HTTPCallEnd, HTTPCallFailure>)
}

/// How an answer ended that is of use.
package enum HTTPCallEnd: Hashable, Sendable {
    /// All came that the head had promised; where it promised nothing, all until the connection ended (RFC 9112, 6).
    case whole
    /// The connection ended before the body that the head had promised, or a caller concluded so.
    case cutShort
}

/// One request on a connection of its own to one address: connect, ask, hand the answer on as it comes, within bounds.
/// Confined to its reactor.
package final class HTTPCall: ReadinessHandler {
    /// Hears the news of a call in their order, on its reactor; `ended` is the last.
    package typealias Listener = (HTTPCallNews) -> Void

    private let reactor: Reactor
    private let socket: Descriptor
    private let limits: HTTPClientLimits
    private var outgoing: [UInt8]
    private var sent = 0
    private var stage = HTTPCallFailure.Stage.connection
    private var reader: HTTPResponseReader
    private var listener: Listener?
    private var timer: TimerID?
    private var isPaused = false

    private static let readLength = 16_384

    /// Throws errors that are known at once; reports in later iterations of the reactor.
    package init(
        _ request: HTTPRequest, to endpoint: Endpoint, from source: IPAddress? = nil, limits: HTTPClientLimits,
        reactor: Reactor, listener: @escaping Listener
    ) throws(SystemError) {
        self.reactor = reactor
        self.limits = limits
        self.listener = listener
        outgoing = request.bytes
        reader = HTTPResponseReader(bodyLimit: limits.bodyBytes, hasBody: request.method != .head)
        socket = try Sockets.connectTCP(to: endpoint, from: source)
        try reactor.watch(socket, .write, handler: self)
        setTimer()
    }

    // MARK: Verbs of the caller

    /// Ends it; nothing more is reported.
    package func cancel() {
        guard listener != nil else { return }
        listener = nil
        stopTimer()
        reactor.unwatch(socket)
        socket.close()
    }

    /// Reads no more until `resume`, so that the server has to wait: at most one more part is reported.
    package func pause() {
        guard listener != nil, !isPaused else { return }
        isPaused = true
        setTimer()
        if sent == outgoing.count { reactor.change(socket, to: []) }
    }

    /// Reads on after `pause`. The time for what is to come begins anew.
    package func resume() {
        guard listener != nil, isPaused else { return }
        isPaused = false
        setTimer()
        if sent == outgoing.count { reactor.change(socket, to: .read) }
    }

    /// Ends it with what has come, if that may be all there is: some of the body of an answer whose length was not
    /// said, or was said wrongly.
    package func conclude() {
        guard reader.head != nil, (try? reader.receiveEnd()) != nil else { return }
        finish(.success(reader.isCutShort ? .cutShort : .whole))
    }

    // MARK: The connection

    /// Connects, sends or receives, by the stage that the call is in.
    package func descriptorReady(_ number: Int32, _ readiness: Readiness) {
        do throws(HTTPCallFailure) {
            if stage == .connection { try connected() }
            guard listener != nil else { return }
            if sent < outgoing.count { try send() } else { try receive() }
        } catch {
            // Many servers reset the connection after their answer.
            if case .system(let reason) = error, reason.isDisconnect, hasBody { conclude() }
            finish(.failure(error))
        }
    }

    private var hasBody: Bool { reader.received > 0 }

    private func connected() throws(HTTPCallFailure) {
        try Self.system { () throws(SystemError) in try Sockets.connectResult(socket) }
        stage = .head
        setTimer()
        listener?(.connected)
    }

    private func send() throws(HTTPCallFailure) {
        let count = try Self.system { () throws(SystemError) in
            try outgoing.withBytes { bytes throws(SystemError) in
                try socket.send(bytes.extracting(sent..<bytes.byteCount))
            }
        }
        sent += count ?? 0
        if sent == outgoing.count { reactor.change(socket, to: isPaused ? [] : .read) }
    }

    private func receive() throws(HTTPCallFailure) {
        var buffer = [UInt8](repeating: 0, count: Self.readLength)
        guard let count = try Self.system({ () throws(SystemError) in try socket.read(into: &buffer) }) else { return }
        do throws(HTTPError) {
            if count == 0 {
                try reader.receiveEnd()
            } else {
                try buffer.withBytes { bytes throws(HTTPError) in try reader.receive(bytes.extracting(0..<count)) }
            }
        } catch {
            throw .http(error)
        }
        tell()
    }

    /// Reports what is new.
    private func tell() {
        if stage == .head, let head = reader.head {
            stage = .body
            listener?(.head(head))
        }
        if !reader.body.isEmpty { listener?(.body(reader.takeBody())) }
        if reader.isComplete { return finish(.success(reader.isCutShort ? .cutShort : .whole)) }
        // A head has its time as a whole; each part of a body has its own.
        if stage == .body { setTimer() }
    }

    private func finish(_ result: Result<HTTPCallEnd, HTTPCallFailure>) {
        let listener = listener
        cancel()
        listener?(.ended(result))
    }

    // MARK: Time

    private func setTimer() {
        let time: Duration? =
            switch stage {
            case .connection: limits.connectTime
            case .head: limits.headTime
            case .body: limits.bodyTime
            }
        stopTimer()
        // Who pauses has to be waited for, but a connection comes about without anybody.
        guard let time, listener != nil, !isPaused || stage == .connection else { return }
        timer = reactor.setTimer(after: time) { [weak self] in
            guard let self else { return }
            timer = nil
            finish(.failure(.timeout(stage)))
        }
    }

    private func stopTimer() {
        if let timer { reactor.cancel(timer) }
        timer = nil
    }

    private static func system<Value>(_ body: () throws(SystemError) -> Value) throws(HTTPCallFailure) -> Value {
        do throws(SystemError) { return try body() } catch { throw .system(error) }
    }
}
