import TorrentCore
import TorrentIO

/// An announce over UDP (BEP 15): a connect packet for the connection id, then the announce, each sent again while no
/// answer comes.
final class UDPAnnounce: AnnounceTask, ReadinessHandler {
    private let request: AnnounceRequest
    private let url: TrackerURL
    private let client: TrackerClient
    private var completion: AnnounceCompletion?
    private var transaction: UInt32
    private var addresses: [IPAddress] = []
    private var endpoint: Endpoint?
    private var socket: UDPSocket?
    private var connection: UInt64?
    private var attempt = 0
    private var deadline: TimerID?
    private var resend: TimerID?

    /// Seconds until a packet is sent again, doubled each time: shorter than the 15 of BEP 15, as a user waits.
    private static let firstWait = 2
    private static let attempts = 4
    private static let packetLength = 65_536

    init(
        _ request: AnnounceRequest, to url: TrackerURL, client: TrackerClient, timeout: Duration, transaction: UInt64,
        completion: @escaping AnnounceCompletion
    ) {
        self.request = request
        self.url = url
        self.client = client
        self.completion = completion
        self.transaction = UInt32(truncatingIfNeeded: transaction)
        deadline = client.reactor.setTimer(after: timeout) { [self] in finish(.failure(.timeout)) }
        client.resolver.resolve(url.host, on: client.reactor) { [self] result in
            guard self.completion != nil else { return }
            switch result {
            case .success(let found):
                addresses = found
                tryNext(after: AnnounceFailure("\(url.host) has no address"))
            case .failure(let error):
                finish(.failure(AnnounceFailure("\(error)")))
            }
        }
    }

    func cancel() {
        completion = nil
        closeSocket()
        if let deadline { client.reactor.cancel(deadline) }
        deadline = nil
    }

    private func closeSocket() {
        if let resend { client.reactor.cancel(resend) }
        resend = nil
        if let socket {
            client.reactor.unwatch(socket.descriptor)
            socket.close()
        }
        socket = nil
    }

    private func tryNext(after failure: AnnounceFailure) {
        closeSocket()
        guard !addresses.isEmpty else { return finish(.failure(failure)) }
        let address = addresses.removeFirst()
        endpoint = Endpoint(address, port: url.port)
        connection = nil
        attempt = 0
        do throws(SystemError) {
            let socket = try UDPSocket(Endpoint(address.isV4 ? .anyV4 : .anyV6, port: 0))
            self.socket = socket
            try client.reactor.watch(socket.descriptor, .read, handler: self)
        } catch {
            return tryNext(after: .system(error))
        }
        sendPacket()
    }

    /// Sends what is due, connect or announce, and sets the time to send it again.
    private func sendPacket() {
        guard let socket, let endpoint else { return }
        var packet: [UInt8] = []
        if let connection {
            UDPTrackerRequest.announce(connection: connection, transaction: transaction, request)
                .append(urlData: url.urlData, to: &packet)
        } else {
            UDPTrackerRequest.connect(transaction: transaction).append(to: &packet)
        }
        do throws(SystemError) {
            // A full socket is as a lost packet: it is sent again.
            _ = try socket.send(packet, to: endpoint)
        } catch {
            return tryNext(after: .system(error))
        }
        let wait = Duration.seconds(Self.firstWait << attempt)
        resend = client.reactor.setTimer(after: wait) { [self] in
            attempt += 1
            if attempt < Self.attempts { sendPacket() } else { tryNext(after: .timeout) }
        }
    }

    func descriptorReady(_ descriptor: Int32, _ readiness: Readiness) {
        var buffer = [UInt8](repeating: 0, count: Self.packetLength)
        while let socket {
            let received: (Int, Endpoint)?
            do throws(SystemError) {
                received = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(SystemError) in
                    try socket.receive(into: UnsafeMutableRawBufferPointer(bytes))
                }
            } catch {
                return tryNext(after: .system(error))
            }
            guard let (count, sender) = received else { return }
            // Whoever else writes to this port is not heard.
            guard sender == endpoint else { continue }
            let answer = buffer.withBytes { bytes in
                Result { () throws(TrackerResponseError) in
                    try UDPTrackerResponse(bytes.extracting(0..<count), overIPv4: sender.address.isV4)
                }
            }
            handle(answer)
        }
    }

    private func handle(_ answer: Result<UDPTrackerResponse, TrackerResponseError>) {
        switch answer {
        case .failure(let error):
            finish(.failure(AnnounceFailure(error)))
        case .success(let response):
            guard response.transaction == transaction else { return }
            switch response {
            case .connect(_, let id) where connection == nil:
                connection = id
                attempt = 0
                transaction &+= 1
                if let resend { client.reactor.cancel(resend) }
                sendPacket()
            case .announce(_, let response): finish(.success(response))
            case .error(_, let failure): finish(.failure(AnnounceFailure(failure)))
            case .connect, .scrape: break
            }
        }
    }

    private func finish(_ result: Result<AnnounceResponse, AnnounceFailure>) {
        let completion = completion
        cancel()
        completion?(result)
    }
}
