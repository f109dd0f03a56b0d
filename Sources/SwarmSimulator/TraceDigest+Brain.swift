import SwarmEngine
import TorrentCore

// Effects and answers as words of a digest: a number for the kind, then every field.

extension TraceDigest {
    mutating func mix(_ effect: SwarmEffect) {
        switch effect {
        case .connect(let id, let endpoint):
            mix(1, id)
            mix(endpoint)
        case .close(let id, let reason):
            mix(2, id)
            mix(reason)
        case .send(let id, let message):
            mix(3, id)
            mix(message)
        case .sendBitfield(let id): mix(4, id)
        case .sendExtension(let id, .handshake): mix(5, id)
        case .sendExtension(let id, let output):
            mix(15, id)
            mix(output)
        case .serve(let id, let block):
            mix(6, id)
            mix(block.onWire)
        case .openPiece(let piece): mix(7, piece)
        case .verifyAndStore(let piece): mix(8, piece)
        case .discardPiece(let piece): mix(9, piece)
        case .forgetSlot(let id): mix(19, id)
        case .wantMemory: mix(14)
        case .verifyMetadata(let id):
            mix(16)
            mix(id.number)
        case .dropMetadata(let id):
            mix(17)
            mix(id.number)
        case .metadataLiar(let address):
            mix(18)
            mix(address)
        case .announce(let tracker, let event, let wanted):
            mix(10)
            mix(tracker.number)
            mix(event.rawValue)
            mix(wanted)
        case .completed: mix(11)
        case .banned(let address, let piece):
            mix(12, piece)
            mix(address)
        case .leftOut(let count, let source, let teller):
            mix(15)
            mix(count)
            mix(source.rawValue)
            mix(teller != nil)
            if let teller { mix(teller) }
        case .showsEverything: mix(19)
        case .starved(let isStarved):
            mix(13)
            mix(isStarved)
        }
    }

    private mutating func mix(_ output: ExtensionOutput) {
        switch output {
        case .handshake: mix(1)
        case .exchange: mix(2)
        case .metadataRequest(let piece): mix(3, number: piece)
        case .metadataReject(let piece): mix(4, number: piece)
        case .metadataData(let piece): mix(5, number: piece)
        case .lacks(let piece): mix(6, number: piece.number)
        }
    }

    private mutating func mix(_ kind: UInt64, _ id: ConnectionID) {
        mix(kind)
        mix(id)
    }

    private mutating func mix(_ kind: UInt64, _ piece: PieceIndex) {
        mix(kind)
        mix(piece.number)
    }

    private mutating func mix(_ reason: CloseReason) {
        switch reason {
        case .remoteClosed: mix(1)
        case .connectFailed: mix(2)
        case .handshakeFailed: mix(3)
        case .networkError: mix(4)
        case .protocolViolation(let violation):
            mix(5)
            mix(violation.rawValue)
        case .banned: mix(6)
        case .duplicate: mix(7)
        case .ourself: mix(8)
        case .idle: mix(9)
        case .notUseful: mix(10)
        case .stopping: mix(12)
        case .wrongTorrent: mix(13)
        case .tooMany: mix(14)
        case .notOfTracker: mix(15)
        case .noWay: mix(16)
        case .putOff: mix(17)
        }
    }

    private mutating func mix(_ message: PeerMessage) {
        switch message {
        case .keepAlive: mix(1)
        case .choke: mix(2)
        case .unchoke: mix(3)
        case .interested: mix(4)
        case .notInterested: mix(5)
        case .haveAll: mix(6)
        case .haveNone: mix(7)
        case .port(let port): mix(8, number: UInt32(port))
        case .have(let piece): mix(9, number: piece)
        case .suggest(let piece): mix(10, number: piece)
        case .allowedFast(let piece): mix(11, number: piece)
        case .request(let block): mix(12, block)
        case .cancel(let block): mix(13, block)
        case .reject(let block): mix(14, block)
        }
    }

    private mutating func mix(_ kind: UInt64, number: UInt32) {
        mix(kind)
        mix(number)
    }

    private mutating func mix(_ kind: UInt64, _ block: WireBlock) {
        mix(kind)
        mix(block)
    }

    mutating func mix(_ admission: BlockAdmission) {
        switch admission {
        case .accept(let block):
            mix(1)
            mix(block.onWire)
        case .discard:
            mix(2)
            // Frozen digests were made when this case had a reason.
            mix(UInt8(0))
        case .refuse: mix(3)
        }
    }

    mutating func mix(_ handshake: Handshake) {
        mix(handshake.infoHash.bytes)
        mix(handshake.peerID.bytes)
        mix(handshake.reserved.rawValue)
    }

    mutating func mix(_ handshake: ExtensionHandshake) { mix(handshake.encoded) }
}

// The figures of a brain; rates are rounded to bytes a second.
extension TraceDigest {
    mutating func mix(_ figures: SwarmFigures) {
        mix(figures.downloaded)
        mix(figures.uploaded)
        mix(figures.wasted)
        mix(figures.left)
        mix(Int64(figures.downloadRate.rounded()))
        mix(Int64(figures.uploadRate.rounded()))
        mix(figures.peers)
        mix(figures.seeds)
        mix(figures.useful)
        mix(figures.willing)
        mix(figures.connecting)
        mix(figures.known)
        mix(figures.availability)
        mix(figures.nextAnnounce?.nanoseconds)
    }

    mutating func mix(_ peer: ConnectionFigures) {
        mix(peer.id)
        mix(peer.endpoint)
        mix(peer.peerID.bytes)
        mix(peer.client)
        for flag in [
            peer.isOutgoing, peer.isChokingUs, peer.isInterestedInUs, peer.isChokedByUs, peer.isInteresting,
            peer.isSnubbed,
        ] {
            mix(flag)
        }
        mix(Int64(peer.downloadRate.rounded()))
        mix(Int64(peer.uploadRate.rounded()))
        mix(peer.downloaded)
        mix(peer.uploaded)
        mix(peer.pieces)
        mix(peer.requests)
        mix(peer.depth)
    }
}
