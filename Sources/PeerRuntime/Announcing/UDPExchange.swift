import TorrentCore
import TorrentIO

/// An announce to one address over UDP (BEP 15): a connect packet for the connection id, then the announce, each sent
/// again while no answer comes. Confined to its reactor.
///
/// Packets that are no answer to the current one are ignored, since anybody can send to this port in the tracker's
/// name.
final class UDPExchange: ReadinessHandler, AddressAttempt {
    typealias Listener = (AttemptNews<AnnounceResponse>) -> Void

    private let request: AnnounceRequest
    private let urlData: [UInt8]
    private let endpoint: Endpoint
    private let reactor: Reactor
    private let socket: UDPSocket
    private var listener: Listener?
    private var transaction: UInt32
    private var connection: UInt64?
    private var attempt = 0
    private var resend: TimerID?

    /// Time until a packet is sent again, doubled each time: shorter than the 15 of BEP 15, as a user waits.
    private static let firstWait = Duration.seconds(2)
    private static let attempts = 4
    private static let packetLength = 65_536

    /// Throws errors that are known at once.
    init(
        _ request: AnnounceRequest, urlData: [UInt8], to endpoint: Endpoint, client: TrackerClient,
        listener: @escaping Listener
    ) throws(SystemError) {
        self.request = request
        self.urlData = urlData
        self.endpoint = endpoint
        self.listener = listener
        reactor = client.reactor
        transaction = client.nextTransaction()
        socket = try UDPSocket(connectedTo: endpoint, from: client.source)
        try reactor.watch(socket.descriptor, .read, handler: self)
        do throws(SystemError) {
            try sendPacket()
        } catch {
            cancel()
            throw error
        }
    }

    func cancel() {
        guard listener != nil else { return }
        listener = nil
        if let resend { reactor.cancel(resend) }
        resend = nil
        reactor.unwatch(socket.descriptor)
        socket.close()
    }

    /// A packet comes whole or not at all.
    func conclude() {}

    /// Sends the current packet, connect or announce, and sets a timer to send it again.
    private func sendPacket() throws(SystemError) {
        var packet: [UInt8] = []
        if let connection {
            UDPTrackerRequest.announce(connection: connection, transaction: transaction, request)
                .append(urlData: urlData, to: &packet)
        } else {
            UDPTrackerRequest.connect(transaction: transaction).append(to: &packet)
        }
        // If the socket is full, the packet counts as lost: it is sent again.
        _ = try socket.send(packet, to: endpoint)
        resend = reactor.setTimer(after: Self.firstWait * (1 << attempt)) { [weak self] in self?.sendAgain() }
    }

    private func sendAgain() {
        attempt += 1
        guard attempt < Self.attempts else { return finish(.failure(.timeout)) }
        orFail { () throws(SystemError) in try sendPacket() }
    }

    func descriptorReady(_ descriptor: Int32, _ readiness: Readiness) {
        var buffer = [UInt8](repeating: 0, count: Self.packetLength)
        orFail { () throws(SystemError) in
            while listener != nil {
                let received = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(SystemError) in
                    try socket.receive(into: UnsafeMutableRawBufferPointer(bytes))
                }
                guard let (count, sender) = received else { return }
                guard sender == endpoint else { continue }
                try buffer.withBytes { (bytes) throws(SystemError) in try handle(bytes.extracting(0..<count)) }
            }
        }
    }

    private func handle(_ packet: RawSpan) throws(SystemError) {
        let response: UDPTrackerResponse
        do throws(TrackerResponseError) {
            response = try UDPTrackerResponse(packet, overIPv4: endpoint.address.isV4)
        } catch {
            // Reported if nothing better comes.
            listener?(.disturbed(AnnounceFailure(error)))
            return
        }
        guard response.transaction == transaction else { return }
        switch response {
        case .connect(_, let id) where connection == nil:
            connection = id
            attempt = 0
            transaction &+= 1
            if let resend { reactor.cancel(resend) }
            listener?(.reached)
            try sendPacket()
        case .announce(_, let response) where connection != nil: finish(.success(response))
        case .error(_, let failure): finish(.failure(AnnounceFailure(failure)))
        case .connect, .announce, .scrape: break
        }
    }

    private func orFail(_ body: () throws(SystemError) -> Void) {
        do throws(SystemError) { try body() } catch { finish(.failure(.system(error))) }
    }

    private func finish(_ result: Result<AnnounceResponse, AnnounceFailure>) {
        let listener = listener
        cancel()
        listener?(.ended(result))
    }
}
