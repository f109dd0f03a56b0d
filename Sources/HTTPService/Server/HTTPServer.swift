import TorrentCore
package import TorrentIO

/// Takes connections on a reactor, reads requests, and hands them to its responder. Several servers, each on a reactor
/// of its own, may share the room for connections.
///
/// Once it listens it lives until `stop`.
package final class HTTPServer {
    package let reactor: Reactor
    let limits: HTTPServerLimits
    let patience: Patience
    let room: HTTPConnectionRoom
    let uploads: UploadRoom
    let traffic: HTTPTraffic
    let responder: any HTTPResponder
    /// Called when there is no descriptor left for a connection.
    let onOutOfDescriptors: (() -> Void)?
    // All connections read into one buffer: it holds nothing between two events.
    private let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: receiveBytes, alignment: 64)
    /// Room for the answers of whichever connection is being served.
    var spareOutput: [UInt8] = []
    /// Room for the next piece of whichever answer is streamed.
    var sparePiece: [UInt8] = []
    private var listeners: [HTTPListener] = []
    // By descriptor.
    private var connections: [Int32: HTTPConnection] = [:]
    private var timer: TimerID?

    /// Bytes that are read at once.
    static let receiveBytes = 16_384

    package init(
        _ responder: any HTTPResponder, on reactor: Reactor, limits: HTTPServerLimits = HTTPServerLimits(),
        room: HTTPConnectionRoom, traffic: HTTPTraffic = HTTPTraffic(), onOutOfDescriptors: (() -> Void)? = nil
    ) {
        self.responder = responder
        self.reactor = reactor
        self.limits = limits
        patience = Patience(limits)
        uploads = UploadRoom(limit: limits.uploadBytes)
        self.room = room
        self.traffic = traffic
        self.onOutOfDescriptors = onOutOfDescriptors
    }

    deinit { receiveBuffer.deallocate() }

    /// Serves whoever connects there, too.
    package func listen(on listener: TCPListener) throws(SystemError) {
        let listener = HTTPListener(listener, server: self)
        try listener.start()
        listeners.append(listener)
        if timer == nil { scheduleTick() }
    }

    /// Takes no more connections and closes those that there are.
    package func stop() {
        if let timer { reactor.cancel(timer) }
        timer = nil
        for listener in listeners { listener.stop() }
        listeners = []
        for connection in Array(connections.values) { connection.close() }
    }

    private func scheduleTick() {
        // A weak reference would make every other one slower for good, and each connection has one.
        timer = reactor.setTimer(after: .seconds(1)) { [self] in
            tick()
            scheduleTick()
        }
    }

    /// Closes connections whose deadline has passed.
    private func tick() {
        let now = reactor.now
        for connection in Array(connections.values) where connection.deadline <= now { connection.close() }
        for listener in listeners { listener.tick() }
    }

    // MARK: For connections

    /// A connection waits for something, and is kept until it closes.
    func keep(_ connection: HTTPConnection) { connections[connection.descriptor.number] = connection }

    /// A connection has closed.
    func forget(_ connection: HTTPConnection, wasKept: Bool) {
        if wasKept { connections[connection.descriptor.number] = nil }
        room.leave()
    }

    /// Reads what has come; nil if nothing has, 0 at the end.
    func receive(_ descriptor: Descriptor) throws(SystemError) -> Int? {
        let count = try descriptor.receive(into: receiveBuffer)
        traffic.bytesIn += UInt64(count ?? 0)
        return count
    }

    /// Lends the first `count` bytes of what was read.
    func withReceived<Result>(_ count: Int, _ body: (RawSpan) -> Result) -> Result {
        body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: receiveBuffer[..<count])))
    }

    /// A copy of a part of what was read.
    func received(_ range: Range<Int>) -> [UInt8] { Array(receiveBuffer[range]) }
}
