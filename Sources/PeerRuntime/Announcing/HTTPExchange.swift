import TorrentCore
import TorrentIO

/// One HTTP GET on a connection of its own: connect, ask, read the answer within bounds. Confined to its reactor.
final class HTTPExchange: ReadinessHandler {
    typealias Completion = (Result<HTTPResponseReader, AnnounceFailure>) -> Void

    private let reactor: Reactor
    private let socket: Descriptor
    private var outgoing: [UInt8]
    private var isConnecting = true
    private var reader = HTTPResponseReader()
    private var completion: Completion?

    private static let readLength = 16_384

    /// Throws what can be said at once.
    init(
        _ request: [UInt8], to endpoint: Endpoint, reactor: Reactor, completion: @escaping Completion
    ) throws(SystemError) {
        self.reactor = reactor
        self.completion = completion
        outgoing = request
        socket = try Sockets.connectTCP(to: endpoint)
        try reactor.watch(socket, .write, handler: self)
    }

    func cancel() {
        guard completion != nil else { return }
        completion = nil
        reactor.unwatch(socket)
        socket.close()
    }

    func descriptorReady(_ descriptor: Int32, _ readiness: Readiness) {
        do {
            if isConnecting {
                try Sockets.connectResult(socket)
                isConnecting = false
            }
            if !outgoing.isEmpty {
                outgoing.removeFirst(try socket.send(outgoing) ?? 0)
                if outgoing.isEmpty { reactor.change(socket, to: .read) }
            } else {
                try read()
            }
        } catch let error as SystemError {
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
        if reader.isComplete { finish(.success(reader)) }
    }

    private func finish(_ result: Result<HTTPResponseReader, AnnounceFailure>) {
        let completion = completion
        cancel()
        completion?(result)
    }
}
