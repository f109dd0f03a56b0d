import TorrentCore
import TorrentIO
import TrackerEngine

// Packets come in batches, for which the lock is taken once.
extension TrackerService {
    /// Puts the answer to one packet into `output`; nothing if it deserves none.
    func answer(packet: RawSpan, from remote: Endpoint, _ tracker: inout Tracker, to output: inout [UInt8]) {
        totals.udpRequests += 1
        totals.bytesIn += UInt64(packet.byteCount)
        let now = reactor.now
        let request: UDPTrackerRequest
        do throws(TrackerRequestError) {
            request = try UDPTrackerRequest(packet)
        } catch {
            totals.malformed += 1
            // Only one who has shown that it receives at its address is told what is wrong: anybody else might be
            // using us against somebody.
            guard packet.byteCount >= 16, shared.issuer.accepts(packet.uint64(at: 0), from: remote.address, at: now)
            else {
                return
            }
            return UDPTrackerAnswer.appendError(
                transaction: packet.uint32(at: 12), reason: error.reason, to: &output)
        }
        switch request {
        case .connect(let transaction):
            let connection = shared.issuer.issue(to: remote.address, at: now)
            UDPTrackerAnswer.appendConnect(transaction: transaction, connection: connection, to: &output)
        case .announce(let connection, let transaction, let announce):
            guard shared.issuer.accepts(connection, from: remote.address, at: now) else { return }
            self.announce(announce, transaction, from: remote.address, at: now, &tracker, to: &output)
        case .scrape(let connection, let transaction, let scrape):
            guard shared.issuer.accepts(connection, from: remote.address, at: now) else { return }
            let counts = scrape.infoHashes.map { tracker.scrape($0) }
            UDPTrackerAnswer.appendScrape(transaction: transaction, counts, to: &output)
            log(.udp, RequestOrigin(connection: remote.address), .scrape(torrents: counts.count))
        }
    }

    /// Bytes of peers that fit a packet which no link on the way has to take apart: 1,280 less the headers.
    static let packetPeerBytes = 1_280 - 40 - 8 - 20

    private func announce(
        _ request: AnnounceRequest, _ transaction: UInt32, from address: IPAddress, at now: Moment,
        _ tracker: inout Tracker, to output: inout [UInt8]
    ) {
        let origin = RequestOrigin(connection: address, packetBytes: Self.packetPeerBytes)
        do throws(TrackerRefusal) {
            try tracker.announce(request, from: origin, at: now, answer: &answer)
            UDPTrackerAnswer.appendAnnounce(transaction: transaction, answer, overIPv4: address.isV4, to: &output)
            logAnnounce(request, .udp, origin)
        } catch {
            UDPTrackerAnswer.appendError(transaction: transaction, reason: error.reason, to: &output)
            log(.udp, origin, .refused("\(error.reason)"))
        }
    }
}
