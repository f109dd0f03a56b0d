import TorrentCore
import TrackerEngine

/// What is reused for all packets; moved out of its owner for a batch, so that accesses need no exclusivity checks.
struct PacketScratch {
    var answer = PackedAnnounceResponse()
    /// The transaction that `answer` is for; nil if the answer is `output`.
    var announced: TransactionID?
    var output: [UInt8] = []
    var totals = TrafficMeter.Totals()

    /// Writes the answer to the last packet into the buffer that it is sent from. Returns its length, 0 if there is no
    /// answer or no room.
    @inline(__always)
    mutating func write(into room: UnsafeMutableRawBufferPointer, overIPv4: Bool) -> Int {
        var written = 0
        if let announced {
            let bytes = room.bindMemory(to: UInt8.self)
            var span = OutputSpan(buffer: bytes, initializedCount: 0)
            UDPTrackerAnswer.appendAnnounce(transaction: announced, answer, overIPv4: overIPv4, to: &span)
            written = span.finalize(for: bytes)
        } else if output.count <= room.count {
            room.copyBytes(from: output)
            written = output.count
        }
        totals.bytesOut += UInt64(written)
        return written
    }
}

// The protocol of BEP 15. Packets come in batches, for which the lock is taken once.
extension TrackerService {
    /// Leaves the answer to one packet in `scratch`; nothing if it deserves none.
    func answer(
        packet: RawSpan, from remote: Endpoint, at now: Moment, _ tracker: inout Tracker, _ scratch: inout PacketScratch
    ) {
        scratch.announced = nil
        if !scratch.output.isEmpty { scratch.output.removeAll(keepingCapacity: true) }
        scratch.totals.udpRequests += 1
        scratch.totals.bytesIn += UInt64(packet.byteCount)
        do throws(TrackerRequestError) {
            if UDPTrackerRequest.isAnnounce(packet) {
                // Most packets are announces, which are read without a stop at the enum of all kinds.
                guard shared.issuer.accepts(UDPTrackerRequest.connection(of: packet), from: remote.address, at: now)
                else { return }
                let request = try AnnounceRequest(udpPacket: packet)
                announce(
                    request, UDPTrackerRequest.transaction(of: packet), from: remote.address, at: now, &tracker,
                    &scratch)
            } else {
                answer(try UDPTrackerRequest(packet), from: remote, at: now, &tracker, &scratch)
            }
        } catch {
            scratch.totals.malformed += 1
            // Only a sender that has shown that it receives at its address is told what is wrong: otherwise we could be
            // used to flood somebody.
            guard packet.byteCount >= 16,
                shared.issuer.accepts(UDPTrackerRequest.connection(of: packet), from: remote.address, at: now)
            else { return }
            UDPTrackerAnswer.appendError(
                transaction: UDPTrackerRequest.transaction(of: packet), reason: error.reason, to: &scratch.output)
        }
    }

    private func answer(
        _ request: UDPTrackerRequest, from remote: Endpoint, at now: Moment, _ tracker: inout Tracker,
        _ scratch: inout PacketScratch
    ) {
        switch request {
        case .connect(let transaction):
            let connection = shared.issuer.issue(to: remote.address, at: now)
            UDPTrackerAnswer.appendConnect(transaction: transaction, connection: connection, to: &scratch.output)
        case .announce(let connection, let transaction, let announce):
            guard shared.issuer.accepts(connection, from: remote.address, at: now) else { return }
            self.announce(announce, transaction, from: remote.address, at: now, &tracker, &scratch)
        case .scrape(let connection, let transaction, let scrape):
            guard shared.issuer.accepts(connection, from: remote.address, at: now) else { return }
            guard scrape.infoHashes.contains(where: { tracker.serves($0) }) else {
                let reason = TrackerRefusal.notListed.reason
                UDPTrackerAnswer.appendError(transaction: transaction, reason: reason, to: &scratch.output)
                return log(.udp, RequestOrigin(connection: remote.address), .refused("\(reason)"))
            }
            let counts = scrape.infoHashes.map { tracker.serves($0) ? tracker.scrape($0) : ScrapeCounts() }
            UDPTrackerAnswer.appendScrape(transaction: transaction, counts, to: &scratch.output)
            log(.udp, RequestOrigin(connection: remote.address), .scrape(torrents: counts.count))
        }
    }

    /// Bytes of peers that fit a packet which no link on the way has to take apart: 1,280 less the headers.
    static let packetPeerBytes = 1_280 - 40 - 8 - 20

    private func announce(
        _ request: AnnounceRequest, _ transaction: TransactionID, from address: IPAddress, at now: Moment,
        _ tracker: inout Tracker, _ scratch: inout PacketScratch
    ) {
        let origin = RequestOrigin(connection: address, packetBytes: Self.packetPeerBytes)
        do throws(TrackerRefusal) {
            try tracker.announce(request, from: origin, at: now, answer: &scratch.answer)
            scratch.announced = transaction
            if shared.configuration.onRequest != nil { logAnnounce(request, .udp, origin, scratch.answer) }
        } catch {
            UDPTrackerAnswer.appendError(transaction: transaction, reason: error.reason, to: &scratch.output)
            log(.udp, origin, .refused("\(error.reason)"))
        }
    }
}
