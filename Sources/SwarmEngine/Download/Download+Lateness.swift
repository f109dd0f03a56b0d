import TorrentCore

// Blocks that have begun to arrive, and take too long: somebody may hold them on purpose.

/// A block whose header has come from a peer, and whose bytes are going to their place.
struct ArrivingBlock {
    let block: BlockRequest
    /// Its piece, which may have been given up meanwhile.
    let progress: PieceProgress
    /// When it is late, unless it has arrived.
    let lateAt: Moment
    /// It is: others may be asked for it, and whoever begins to send it before it has arrived gets its place.
    var isLate = false
}

/// How many there are now.
struct ArrivingCounts {
    var inTime = 0
    var late = 0
}

extension Download {
    /// A block that has begun may take so many times as long as this peer's blocks usually do, within these bounds; the
    /// shortest time if none of it has come lately.
    private static let usualTimes = 4.0
    private static let shortestPatience = Duration.seconds(2)
    private static let longestPatience = Duration.seconds(30)

    /// How long a block of this peer may be on its way from its header to its last byte.
    private func patience(with peer: PeerConnection, at now: Moment) -> Duration {
        let rate = peer.download.received.rate(at: now)
        guard rate > 0 else { return Self.shortestPatience }
        let usual = Duration.seconds(Self.usualTimes * Double(TorrentGeometry.blockLength) / rate)
        return min(max(usual, Self.shortestPatience), Self.longestPatience)
    }

    /// The bytes of a block go to their place from now on.
    mutating func begin(
        _ block: BlockRequest, of progress: PieceProgress, from peer: PeerConnection, _ agenda: inout Agenda
    ) {
        let lateAt = agenda.now + patience(with: peer, at: agenda.now)
        let arriving = ArrivingBlock(block: block, progress: progress, lateAt: lateAt)
        peer.download.arriving = arriving
        picker.setArriving(block, true)
        arrivals.inTime += 1
        agenda.deadlines.set(.arrival, noLaterThan: Self.look(at: arriving))
    }

    /// At whole seconds: the timer would be moved with every block otherwise.
    private static func look(at arriving: ArrivingBlock) -> Moment {
        let second: Int64 = 1_000_000_000
        return Moment(nanoseconds: (arriving.lateAt.nanoseconds + second - 1) / second * second)
    }

    /// Nothing more is to come of the block whose bytes have been coming from this peer.
    mutating func endArriving(from peer: PeerConnection, _ agenda: inout Agenda) {
        endArriving(from: peer)
        if arrivals.inTime == 0 { agenda.deadlines.clear(.arrival) }
    }

    mutating func endArriving(from peer: PeerConnection) {
        guard let arriving = peer.download.arriving else { return }
        peer.download.arriving = nil
        // The place of a late one is not its own any more.
        if arriving.isLate {
            arrivals.late -= 1
            setLate(arriving, false)
        } else {
            arrivals.inTime -= 1
            picker.setArriving(arriving.block, false)
        }
    }

    /// Whoever began to send this block before, and is late, has no place for the rest of it any more.
    mutating func takeOver(
        _ block: BlockRequest, _ availability: borrowing Availability, _ agenda: inout Agenda
    ) {
        guard arrivals.late > 0, let late = availability.peers.first(where: { $0.download.arriving?.block == block })
        else { return }
        endArriving(from: late)
        agenda.effects.append(.forgetSlot(late.id))
    }

    /// Finds those that are late by now.
    mutating func checkArrivals(_ availability: borrowing Availability, _ agenda: inout Agenda) {
        agenda.deadlines.clear(.arrival)
        for peer in availability.peers {
            guard let arriving = peer.download.arriving, !arriving.isLate else { continue }
            if arriving.lateAt <= agenda.now {
                isLate(arriving, from: peer, availability, &agenda)
            } else {
                agenda.deadlines.set(.arrival, noLaterThan: Self.look(at: arriving))
            }
        }
    }

    /// Others may be asked for a block that has begun and does not go on, and for all else that this peer was asked for
    /// if there are others: it would come behind. What still comes is taken, unless somebody else begins to send it
    /// first.
    private mutating func isLate(
        _ arriving: ArrivingBlock, from peer: PeerConnection, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        peer.download.arriving?.isLate = true
        arrivals.inTime -= 1
        arrivals.late += 1
        picker.setArriving(arriving.block, false)
        setLate(arriving, true)
        guard availability.peers.contains(where: { $0 !== peer && mayReplace(peer, $0) }) else { return }
        giveUpRequests(of: peer)
        renewInterest(availability, &agenda)
        refillAll(besides: peer.id, availability, &agenda)
    }

    /// As long as it is late and still coming, no read of another link is aimed at its place.
    private func setLate(_ arriving: ArrivingBlock, _ isLate: Bool) {
        if let number = geometry.number(of: arriving.block) { arriving.progress.setLate(number, isLate) }
    }

    /// It has something of what `peer` was asked for, and lets nobody wait.
    private func mayReplace(_ peer: PeerConnection, _ other: PeerConnection) -> Bool {
        guard !other.isLate, !other.isSnubbed else { return false }
        return peer.download.pipeline.positions.contains {
            other.pieces.have[peer.download.pipeline[$0].block.piece]
        }
    }
}
