import TorrentCore
import TorrentIO

/// An announce to one address over UDP (BEP 15): a connect packet for the connection id, then the announce, each sent
/// again while no answer comes.
///
/// Packets that are no answer to the current one are ignored, since anybody can send to this port in the tracker's
/// name.
// @unchecked: confined to `reactor`; named on others only to get back there.
final class UDPExchange: AddressAttempt, @unchecked Sendable {
    typealias Listener = (AttemptNews<AnnounceResponse>) -> Void

    private let request: AnnounceRequest
    private let urlData: [UInt8]
    private let endpoint: Endpoint
    private let client: TrackerClient
    private var listener: Listener?
    /// Of the packet that waits for its answer.
    private var transaction: TransactionID?
    private var connection: UDPConnectionID?
    private var attempt = 0
    private var resend: TimerID?

    /// Time until a packet is sent again, doubled each time: shorter than the 15 of BEP 15, as a user waits.
    private static let firstWait = Duration.seconds(2)
    private static let attempts = 4

    private var reactor: Reactor { client.reactor }

    /// Throws errors that are known at once.
    init(
        _ request: AnnounceRequest, urlData: [UInt8], to endpoint: Endpoint, client: TrackerClient,
        listener: @escaping Listener
    ) throws(SystemError) {
        self.request = request
        self.urlData = urlData
        self.endpoint = endpoint
        self.client = client
        self.listener = listener
        try client.udpTrackers.mustReach(endpoint)
        ask()
    }

    func cancel() {
        guard listener != nil else { return }
        listener = nil
        endWaiting()
    }

    private func endWaiting() {
        if let transaction { client.udpTrackers.forget(transaction) }
        transaction = nil
        if let resend { reactor.cancel(resend) }
        resend = nil
    }

    /// A packet comes whole or not at all.
    func conclude() {}

    /// Begins to ask: for a connection id, or once there is one for peers.
    private func ask() {
        endWaiting()
        attempt = 0
        transaction = client.udpTrackers.expect(from: endpoint, for: self, client.nextTransaction)
        sendPacket()
    }

    /// Sends the current packet, connect or announce, and sets a timer to send it again.
    private func sendPacket() {
        guard let transaction else { return }
        var packet: [UInt8] = []
        if let connection {
            UDPTrackerRequest.announce(connection: connection, transaction: transaction, request)
                .append(urlData: urlData, to: &packet)
        } else {
            UDPTrackerRequest.connect(transaction: transaction).append(to: &packet)
        }
        // One that finds no room on the way counts as lost: it is sent again.
        client.udpTrackers.send(packet, to: endpoint)
        resend = reactor.setTimer(after: Self.firstWait * (1 << attempt)) { [weak self] in self?.sendAgain() }
    }

    private func sendAgain() {
        attempt += 1
        guard attempt < Self.attempts else { return finish(.failure(.timeout)) }
        sendPacket()
    }

    /// Something came of what was asked. From any thread.
    func hear(_ news: UDPTrackerNews) {
        reactor.perform { [weak self] in self?.heard(news) }
    }

    private func heard(_ news: UDPTrackerNews) {
        guard listener != nil else { return }
        switch news {
        case .answer(let response):
            if response.transaction == transaction { answered(response) }
        // Reported if nothing better comes.
        case .useless(let error): listener?(.disturbed(AnnounceFailure(error)))
        case .notDelivered(let error): finish(.failure(.system(error)))
        }
    }

    private func answered(_ response: UDPTrackerResponse) {
        switch response {
        case .connect(_, let id) where connection == nil:
            connection = id
            listener?(.reached)
            if listener != nil { ask() }
        case .announce(_, let response) where connection != nil: finish(.success(response))
        case .error(_, let failure): finish(.failure(AnnounceFailure(failure)))
        case .connect, .announce, .scrape: break
        }
    }

    private func finish(_ result: Result<AnnounceResponse, AnnounceFailure>) {
        let listener = listener
        cancel()
        listener?(.ended(result))
    }
}
