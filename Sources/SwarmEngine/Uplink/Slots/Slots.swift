import TorrentCore

/// Slots: several peers are served at once, chosen anew every 10 s.
final class Slots {
    var choker: ClassicChoker
    /// What was learned while turns were given, for when they are given again.
    var history: TurnHistory

    init(choker: ClassicChoker, history: TurnHistory) {
        self.choker = choker
        self.history = history
    }
}

extension Uplink {
    /// Holds a choke round: chokes and unchokes peers as the choker decides. While turns are given, advances them
    /// instead.
    mutating func holdRound(
        _ occasion: ClassicChoker.Occasion, expecting newcomers: Int, _ availability: borrowing Availability,
        _ agenda: inout Agenda
    ) {
        guard agenda.isRunning else { return }
        guard case .slots(let slots) = machine else {
            return advanceTurns(expecting: newcomers, availability, &agenda)
        }
        let isFetching = availability.isFetching
        let situation = ClassicChoker.Situation(
            now: agenda.now, occasion: occasion, isSeeding: !isFetching, sendRate: sent.rate(at: agenda.now),
            pieceLength: geometry.pieceLength, slots: limits.uploadSlots ?? rules.slots)
        // In a young swarm interest changes with every piece, and most of the time no slot is free.
        if occasion == .vacancy, agenda.deadlines.isSet(.round) {
            let served = availability.peers.count { $0.uplink.isInterestedInUs && !$0.uplink.isChokedByUs }
            if served >= ClassicChoker.slots(situation) { return }
        }
        let seen = availability.peers.filter { peer in
            !peer.uplink.flow.isStalled
                && (peer.uplink.isInterestedInUs || (isFetching && !peer.uplink.isChokedByUs))
        }
        let candidates = seen.map { Self.candidate($0, isFetching: isFetching, at: agenda.now) }
        let chosen = slots.choker.round(candidates, in: situation, using: &agenda.generator)
        for peer in availability.peers
        where !peer.uplink.isChokedByUs && !chosen.contains(where: { $0.id == peer.id }) {
            choke(peer, Self.whyLeftOut(peer, isFetching: isFetching, at: agenda.now), &agenda)
        }
        for choice in chosen {
            guard let reason = choice.reason, let peer = seen.first(where: { $0.id == choice.id }) else { continue }
            if peer.uplink.isChokedByUs {
                unchoke(peer, reason, &agenda)
            } else {
                peer.uplink.standing = .unchoked(reason)
            }
        }
        if seen.isEmpty {
            agenda.deadlines.clear(.round)
        } else if occasion == .timer || !agenda.deadlines.isSet(.round) {
            agenda.deadlines[.round] = agenda.now + ClassicChoker.interval
        }
    }

    /// Why a round chokes a peer.
    private static func whyLeftOut(_ peer: PeerConnection, isFetching: Bool, at now: Moment) -> ChokeReason {
        guard peer.uplink.isInterestedInUs else { return .wantsNothing }
        guard isFetching else { return .turnOver }
        if peer.giving(at: now).isSnubbed { return .snubs }
        return peer.uplink.standing == .unchoked(.optimistic) ? .turnOver : .outranked
    }

    private static func candidate(
        _ peer: PeerConnection, isFetching: Bool, at now: Moment
    ) -> ClassicChoker.Candidate {
        let giving = peer.giving(at: now)
        return ClassicChoker.Candidate(
            id: peer.id, isInterested: peer.uplink.isInterestedInUs, isUnchoked: !peer.uplink.isChokedByUs,
            isSnubbing: giving.isSnubbed && isFetching,
            receiveRate: giving.rate,
            sentSinceUnchoked: peer.uplink.sent.total - peer.uplink.sentWhenUnchoked, connectedAt: peer.connectedAt,
            unchokedAt: peer.uplink.unchokedAt, lastServedAt: peer.uplink.lastServedAt)
    }
}
