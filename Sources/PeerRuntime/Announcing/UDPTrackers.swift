import Synchronization
package import TorrentCore
package import TorrentIO

/// What came of a packet to a UDP tracker.
enum UDPTrackerNews: Sendable {
    /// The tracker's answer.
    case answer(UDPTrackerResponse)
    /// A packet in the place of an answer that is none.
    case useless(TrackerResponseError)
    /// Nobody is there, or no way leads there.
    case notDelivered(SystemError)
}

/// The UDP trackers of a node: which exchange waits for which answer at the node's hub. Exchanges call it on whichever
/// reactor they live, the hub on its own.
package final class UDPTrackers: DatagramOwner, Sendable {
    private struct Question {
        let endpoint: Endpoint
        weak var exchange: UDPExchange?
    }

    private let hub: DatagramHub
    private let waiting = Mutex<[TransactionID: Question]>([:])

    /// From now on what looks like a tracker's answer comes here. To be called on the hub's reactor.
    package init(_ hub: DatagramHub) {
        self.hub = hub
        hub.register(self, for: .trackerAnswer)
    }

    /// Throws why nothing can be sent there, if that is known at once.
    func mustReach(_ endpoint: Endpoint) throws(SystemError) {
        guard hub.hasFamily(of: endpoint) else { throw .noWay }
    }

    /// From now on `exchange` hears what comes from `endpoint`, and from nowhere else, with the transaction id that is
    /// returned. It is one out of `draw` that nobody waits for.
    func expect(from endpoint: Endpoint, for exchange: UDPExchange, _ draw: () -> TransactionID) -> TransactionID {
        waiting.withLock { waiting in
            var transaction = draw()
            while waiting[transaction] != nil { transaction = draw() }
            waiting[transaction] = Question(endpoint: endpoint, exchange: exchange)
            return transaction
        }
    }

    func forget(_ transaction: TransactionID) {
        _ = waiting.withLock { $0.removeValue(forKey: transaction) }
    }

    func send(_ packet: [UInt8], to endpoint: Endpoint) {
        hub.reactor.perform { [hub] in hub.send(packet, to: endpoint) }
    }

    /// False, and nothing happens, unless an exchange waits for this transaction from this address (BEP 15).
    package func take(_ datagram: RawSpan, from sender: Endpoint) -> Bool {
        let transaction = UDPTrackerResponse.transaction(of: datagram)
        let question = waiting.withLock { waiting in transaction.flatMap { waiting[$0] } }
        guard let question, question.endpoint == sender, let exchange = question.exchange else { return false }
        do throws(TrackerResponseError) {
            exchange.hear(.answer(try UDPTrackerResponse(datagram, overIPv4: sender.address.isV4)))
        } catch {
            exchange.hear(.useless(error))
        }
        return true
    }

    /// Every exchange with that address hears it: whichever packet it was, the others fare no better.
    package func notDelivered(to endpoint: Endpoint, _ error: SystemError) {
        let exchanges = waiting.withLock { waiting in
            waiting.values.filter { $0.endpoint == endpoint }.compactMap(\.exchange)
        }
        for exchange in exchanges { exchange.hear(.notDelivered(error)) }
    }
}
