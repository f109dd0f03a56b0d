import TorrentCore

// What peers say, blocks apart: who hears of which message.

extension Swarm {
    mutating func received(_ message: PeerMessage, from id: ConnectionID) {
        guard let peer = membership.peer(id) else { return }
        peer.heard(at: agenda.now)
        if message.isChatter, peer.chatters(at: agenda.now) { return violate(.chatter, by: peer) }
        switch message {
        // The port is for our node of the DHT (BEP 5), which hears of it elsewhere.
        case .keepAlive, .port: break
        case .choke: download.choked(by: peer, availability, &agenda)
        case .unchoke: download.unchoked(by: peer, availability, &agenda)
        case .interested:
            uplink.becameInterested(peer, expecting: membership.expectedCount, availability, &agenda)
        case .notInterested:
            uplink.lostInterest(peer, expecting: membership.expectedCount, availability, &agenda)
        case .have(let number):
            guard let piece = geometry.piece(at: number) else { return violate(.pieceOutOfRange, by: peer) }
            has(peer, piece)
        case .request(let block):
            let violation = uplink.requested(
                block, by: peer, expecting: membership.expectedCount, availability, &agenda)
            if let violation { violate(violation, by: peer) }
        case .cancel(let block): uplink.cancelled(block, by: peer, &agenda)
        case .haveAll, .haveNone, .suggest, .reject, .allowedFast:
            // Without the extension, BEP 6 wants the connection closed.
            guard peer.isFast else { return violate(.unaskedFast, by: peer) }
            receivedFast(message, from: peer)
        }
    }

    private mutating func receivedFast(_ message: PeerMessage, from peer: PeerConnection) {
        switch message {
        case .haveAll: tookPieces(Bitfield(count: geometry.pieceCount, filled: true), of: peer)
        case .haveNone: tookPieces(Bitfield(count: geometry.pieceCount), of: peer)
        case .reject(let block):
            let violation = download.rejected(block, by: peer, availability, &agenda)
            if let violation { violate(violation, by: peer) }
        case .allowedFast(let number):
            guard let piece = geometry.piece(at: number) else { return violate(.pieceOutOfRange, by: peer) }
            download.allowedFast(piece, by: peer, availability, &agenda)
        default: break
        }
    }

    mutating func receivedBitfield(_ bytes: RawSpan, from id: ConnectionID) {
        guard let peer = membership.peer(id) else { return }
        peer.heard(at: agenda.now)
        guard let pieces = Bitfield(wire: bytes, count: geometry.pieceCount) else {
            return violate(.badBitfield, by: peer)
        }
        tookPieces(pieces, of: peer)
    }

    // MARK: What a peer has

    /// The first word of a peer: all that it has.
    private mutating func tookPieces(_ pieces: Bitfield, of peer: PeerConnection) {
        guard !peer.pieces.isTold else { return alsoHas(peer, pieces) }
        availability.told(pieces, by: peer)
        download.copiesCame(with: peer, availability, &agenda)
        if pieces.isFull {
            membership.becameSeed(peer)
            anotherHasEverything()
        } else {
            uplink.told(pieces, by: peer, expecting: membership.expectedCount, availability, &agenda)
        }
        if isComplete, peer.pieces.isSeed { return close(peer, .notUseful) }
        download.countUseful(of: peer, availability)
        uplink.grantFast(to: peer, availability, &agenda)
        download.told(by: peer, availability, &agenda)
    }

    /// aria2 sends another bitfield instead of many haves, though BEP 3 has it as the first message only.
    private mutating func alsoHas(_ peer: PeerConnection, _ pieces: Bitfield) {
        for index in 0..<pieces.wordCount {
            forEachBit(pieces.word(index) & ~peer.pieces.have.word(index), index) { position in
                has(peer, geometry.piece(position))
            }
        }
    }

    /// There is another seed: nothing is hidden any more (BEP 16). A super-seeder may have far too much to tell who saw
    /// little of it; then the connection is made anew, as after a promotion.
    private mutating func anotherHasEverything() {
        guard uplink.isSuperSeeding else { return uplink.somebodyElseHasEverything() }
        // While it is hidden: whoever stays is told the rest as soon as it is not.
        for peer in availability.peers where uplink.hiddenCount(from: peer) > Self.mostToldOneByOne {
            close(peer, .notUseful)
        }
        uplink.somebodyElseHasEverything()
        agenda.effects.append(.showsEverything)
        reviewUplink()
    }

    private mutating func has(_ peer: PeerConnection, _ piece: PieceIndex) {
        guard availability.told(piece, by: peer) else {
            if peer.chatters(at: agenda.now) { violate(.chatter, by: peer) }
            return
        }
        download.copyCame(of: piece, availability, &agenda)
        if uplink.delivered(piece, to: peer, at: agenda.now) { reviewUplink() }
        uplink.told(piece, by: peer, expecting: membership.expectedCount, availability, &agenda)
        if peer.pieces.isSeed {
            membership.becameSeed(peer)
            anotherHasEverything()
            if isComplete { return close(peer, .notUseful) }
        }
        download.told(piece, by: peer, availability, &agenda)
    }
}
