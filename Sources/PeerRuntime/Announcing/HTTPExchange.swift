import TorrentCore
import TorrentIO

/// One HTTP GET on a connection of its own: connect, ask, read the answer within bounds. Confined to its reactor.
final class HTTPExchange: ReadinessHandler, AddressAttempt {
    typealias Listener = (AttemptNews<HTTPResponseReader>) -> Void

    private let reactor: Reactor
    private let socket: Descriptor
    private var outgoing: [UInt8]
    private var isConnecting = true
    private var reader = HTTPResponseReader(bodyLimit: bodyLimit)
    private var listener: Listener?

    /// Bytes of an answer: a tracker's with ten thousand peers has less than one MiB.
    static let bodyLimit = 2 << 20
    private static let readLength = 16_384

    /// Throws errors that are known at once.
    init(
        _ request: [UInt8], to endpoint: Endpoint, from source: IPAddress?, reactor: Reactor,
        listener: @escaping Listener
    ) throws(SystemError) {
        self.reactor = reactor
        self.listener = listener
        outgoing = request
        socket = try Sockets.connectTCP(to: endpoint, from: source)
        try reactor.watch(socket, .write, handler: self)
    }

    func cancel() {
        guard listener != nil else { return }
        listener = nil
        reactor.unwatch(socket)
        socket.close()
    }

    func conclude() {
        // A server that gives no length, or a wrong one, and does not close has perhaps said all it wants.
        guard !reader.body.isEmpty, (try? reader.receiveEnd()) != nil else { return }
        finish(.success(reader))
    }

    func descriptorReady(_ descriptor: Int32, _ readiness: Readiness) {
        do {
            if isConnecting {
                try Sockets.connectResult(socket)
                isConnecting = false
                listener?(.reached)
            }
            if !outgoing.isEmpty {
                outgoing.removeFirst(try socket.send(outgoing) ?? 0)
                if outgoing.isEmpty { reactor.change(socket, to: .read) }
            } else {
                try read()
            }
        } catch let error as SystemError {
            // Many servers reset the connection after their answer.
            if error.isDisconnect { conclude() }
            finish(.failure(.system(error)))
        } catch {
            finish(.failure(AnnounceFailure("\(error)")))
        }
    }

    private func read() throws {
        var buffer = [UInt8](repeating: 0, count: Self.readLength)
        guard let count = try socket.read(into: &buffer) else { return }
        if count == 0 {
            try reader.receiveEnd()
        } else {
            try buffer.withBytes { try reader.receive($0.extracting(0..<count)) }
        }
        if reader.isComplete {
            finish(.success(reader))
        } else if AnnounceResponse.isWhole(reader.body) {
            conclude()
        }
    }

    private func finish(_ result: Result<HTTPResponseReader, AnnounceFailure>) {
        let listener = listener
        cancel()
        listener?(.ended(result))
    }
}
