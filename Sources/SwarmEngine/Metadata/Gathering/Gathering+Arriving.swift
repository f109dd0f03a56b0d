import TorrentCore

// Blocks of metadata that are sent to us (BEP 9).

extension Gathering {
    /// What to do with the bytes of a block.
    enum Arrival {
        case keep(MetadataPlace)
        case discard
        case violation(Violation)
    }

    /// Blocks that a peer may send unasked, or of a wrong length, before that is a violation.
    private static let mostUnasked = 16

    /// A block has come, of which the peer says that the whole has `totalSize` bytes.
    mutating func arrived(
        _ piece: UInt32, totalSize: Int64, length: Int, _ digest: SHA1Digest, from peer: PeerConnection,
        _ agenda: inout Agenda
    ) -> Arrival {
        guard let place = peer.gathering.requests.firstIndex(where: { $0.piece == piece }),
            let position = positionOfRequests(of: peer)
        else { return unexpected(length, from: peer) }
        let request = peer.gathering.requests.remove(at: place)
        let size = assemblies[position].size
        guard let range = MetadataMessage.range(of: piece, in: size), range.count == length, totalSize == size else {
            if !request.isGivenUp { withAssembly(at: position) { $0.giveUp(piece) } }
            return unasked(length, from: peer)
        }
        answered(request, at: place, by: peer, &agenda)
        if !request.isGivenUp { withAssembly(at: position) { $0.giveUp(piece) } }
        guard !assemblies[position].isVerifying, !assemblies[position].isHere(piece) else {
            cameInVain(length)
            return .discard
        }
        let sender = peer.contributor
        withAssembly(at: position) { $0.receive(piece, digest, length: length, from: sender, at: agenda.now) }
        moved(at: agenda.now)
        if assemblies[position].isVerifying { agenda.effects.append(.verifyMetadata(assemblies[position].id)) }
        return .keep(MetadataPlace(assembly: assemblies[position].id, size: size, offset: range.lowerBound))
    }

    private mutating func answered(
        _ request: MetadataRequest, at place: Int, by peer: PeerConnection, _ agenda: inout Agenda
    ) {
        let trip = agenda.now - request.sentAt
        peer.gathering.shortestTrip = min(peer.gathering.shortestTrip ?? trip, trip)
        peer.gathering.patience.refusals = 0
        peer.gathering.patience.restsUntil = .zero
        peer.gathering.window.answered()
        peer.traded(at: agenda.now)
        overtakeRequests(before: place, of: peer, &agenda)
    }

    /// Nothing of the kind is waited for; once it was, maybe.
    private mutating func unexpected(_ length: Int, from peer: PeerConnection) -> Arrival {
        guard peer.gathering.strays > 0 else { return unasked(length, from: peer) }
        peer.gathering.strays = min(peer.gathering.strays, Self.mostStrays) - 1
        cameInVain(length)
        return .discard
    }

    private mutating func unasked(_ length: Int, from peer: PeerConnection) -> Arrival {
        cameInVain(length)
        peer.gathering.unasked += 1
        return peer.gathering.unasked > Self.mostUnasked ? .violation(.unaskedBlocks) : .discard
    }
}
