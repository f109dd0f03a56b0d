import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

extension PeerSession {
    /// The part of the interpreter that has to do with others and not with content.
    func performAmongContacts(_ effect: SwarmEffect) {
        switch effect {
        case .connect(let id, let endpoint): connect(id, endpoint)
        case .close(let id, let reason): close(id, reason)
        case .send(let id, let message):
            neighbours.tell(message, isOurs: true, over: id)
            links.send(to: id) { $0.send(message) }
        case .sendExtension(let id, let output): send(output, to: id)
        case .announce(let tracker, let event, let wanted): trackers.announce(tracker, event, wanted: Int(wanted))
        case .banned(let address, let piece):
            notice("banned", "\(address) sent a wrong block of \(piece) and is banned")
        case .metadataLiar(let address): notice("banned", "\(address) sent wrong metadata and is banned")
        case .leftOut(let count, let source, let teller): tellLeftOut(Int(count), source, by: teller)
        case .starved(let isStarved):
            guard isStarved else { return }
            neighbours.becameLonely()
            dht.starved()
        // What came of it is gone: another session has taken over.
        case .verifyMetadata, .dropMetadata: break
        case .sendBitfield, .serve, .openPiece, .verifyAndStore, .discardPiece, .forgetSlot, .wantMemory, .completed,
            .showsEverything:
            preconditionFailure("a brain without pieces has no such wish")
        }
    }

    /// Once a list, for whoever wants to know why there are fewer peers than somebody says.
    private func tellLeftOut(_ count: Int, _ source: PeerSource, by teller: IPAddress?) {
        let peers = count == 1 ? "1 address" : "\(count) addresses"
        let who: String =
            switch source {
            case .user: "of those that were named"
            case .link: "in the link"
            case .incoming: "of peers that connected"
            case .tracker: "from the tracker\(teller.map { " at \($0)" } ?? "")"
            case .exchange: "from the peer\(teller.map { " at \($0)" } ?? "")"
            case .dht: "from the DHT"
            case .lan: "on the local network"
            }
        notice("peer_addresses", "\(peers) \(who) left out: nobody can be reached there", isDetail: true)
    }

    /// Effects carry no bytes: the brain is asked for what it has to say now, and what we have of the metadata goes
    /// behind it.
    private func send(_ output: ExtensionOutput, to id: ConnectionID) {
        guard var bytes = encoded(output, for: id) else { return }
        neighbours.tell(output.word(bytes, of: infoBytes?.count ?? 0), isOurs: true, over: id)
        guard case .metadataData(let piece) = output else { return links.send(to: id) { $0.send(encoded: bytes) } }
        guard let info = infoBytes, let range = MetadataMessage.range(of: piece, in: info.count) else { return }
        bytes += info[range]
        links.send(to: id) { $0.send(awaited: bytes) }
    }
}

extension ExtensionOutput {
    /// What its bytes say to people. `count` is that of the metadata.
    fileprivate func word(_ frame: [UInt8], of count: Int) -> PeerWord.Kind? {
        let body = Array(frame.dropFirst(ExtendedMessage.headBytes))
        switch self {
        case .handshake:
            return (try? body.withBytes { (bytes) throws(WireError) in try ExtensionHandshake(parsing: bytes) })
                .map { .extensionHandshake($0) }
        case .exchange:
            return (try? body.withBytes { (bytes) throws(WireError) in try PeerExchange(parsing: bytes) })
                .map { .extended(.exchange($0)) }
        case .metadataRequest(let piece): return .extended(.metadata(.request(piece: piece)))
        case .metadataReject(let piece): return .extended(.metadata(.reject(piece: piece)))
        case .metadataData(let piece):
            let length = MetadataMessage.range(of: piece, in: count)?.count ?? 0
            return .extended(.metadata(.data(piece: piece, totalSize: Int64(count), length: length)))
        case .lacks(let piece): return .extended(.lacks(piece.number))
        }
    }
}

extension ArraySlice<SwarmEffect> {
    /// The brain does not close this connection again.
    func keeps(_ id: ConnectionID) -> Bool {
        !contains { effect in
            if case .close(id, _) = effect { true } else { false }
        }
    }
}
