package import TorrentCore

/// The brain of one torrent: whom to talk to, what to ask of whom, whom to serve, when to announce.
///
/// It holds no socket, file, clock or payload. `take` tells it one thing that happened, at a time that the shell says,
/// and appends what is to be done to `effects`; so do the questions `admit`, `linkAccepted` and `pieceRejected`, which
/// are answered at once. `nextDeadline` says when it wants to be woken if nothing happens.
///
/// Three rooms own the state: `Membership` (who), `Download` (what) and `Uplink` (to whom). They do not know each
/// other: the extensions in Swarm+….swift say which of them hears of what, in which order. The way through them is
/// told in Architecture.md.
package struct Swarm: ~Copyable {
    package let configuration: SwarmConfiguration
    var membership: Membership
    var availability: Availability
    var download: Download
    var uplink: Uplink
    let metadata: MetadataServing
    var agenda: Agenda
    /// Extensions that peers were told of before it was known how many pieces there are.
    private(set) var namedBefore: [PeerExtension] = []

    /// A brain that has not begun: it waits for `.start`. `now` is the first moment that it knows.
    package init(_ configuration: SwarmConfiguration, at now: Moment) {
        precondition(configuration.have.count == configuration.geometry.pieceCount, "a bit a piece")
        self.configuration = configuration
        agenda = Agenda(seed: configuration.seed)
        availability = Availability(configuration)
        download = Download(
            configuration, manner: Uplink.manner(configuration), availability, using: &agenda.generator)
        membership = Membership(configuration, at: now, using: &agenda.generator)
        uplink = Uplink(configuration, using: &agenda.generator)
        // Like others, we leave it to the user of a private torrent to whom its dictionary goes (BEP 27).
        metadata = MetadataServing(byteCount: configuration.isPrivate ? 0 : configuration.metadataBytes)
    }

    /// Goes on where a swarm stopped that did not know how many pieces there are: with its trackers, its peers, and
    /// what they have said. They were told that we have nothing.
    init(
        _ configuration: SwarmConfiguration, members: consuming Membership, mayOpen: Int? = nil,
        _ early: [(peer: PeerConnection, messages: EarlyMessages)], at now: Moment, effects: inout SwarmEffects
    ) {
        self.init(configuration, at: now)
        membership = members
        namedBefore = MetadataSwarm.spoken
        agenda.open(at: now, &effects)
        _ = agenda.start()
        if let mayOpen { download.mayOpen(mayOpen, availability, &agenda) }
        let unwanted = membership.learned(isPrivate: configuration.isPrivate, peers: early.map(\.peer), &agenda)
        let hasTooMuchToTell = !uplink.hidesPieces && have.setCount > Self.mostToldOneByOne
        for (peer, _) in early {
            availability.joined(peer)
            agenda.deadlines.set(.patrol, noLaterThan: membership.deadline(of: peer))
            if hasTooMuchToTell { continue }
            if peer.isExtended { peer.send(.handshake, &agenda) }
            uplink.tellAll(to: peer, availability, &agenda)
        }
        for peer in hasTooMuchToTell ? early.map(\.peer) : unwanted { close(peer, .notUseful) }
        for (peer, messages) in early {
            messages.forEachMessage { message in
                switch message {
                case .handshake(let handshake): receivedExtensionHandshake(handshake, from: peer.id)
                case .message(let message): received(message, from: peer.id)
                case .bitfield(let bytes): bytes.withBytes { receivedBitfield($0, from: peer.id) }
                case .lack(let piece): received(.lacks(piece), from: peer.id)
                }
            }
        }
        for (peer, _) in early where !peer.isGone {
            uplink.begin(with: peer, expecting: membership.expectedCount, availability, &agenda)
        }
        membership.planExchange(with: availability.peers, &agenda)
        fillConnections()
        membership.announceDue(&agenda)
        agenda.close(&effects)
    }

    /// Who was told that we have nothing is told of each piece by a message of its own, of so many at the most. Where
    /// there are more, connections are made anew: a bitfield says it all.
    static let mostToldOneByOne = 4_096

    /// Started, and not yet stopped.
    package var isRunning: Bool { agenda.isRunning }
    /// What is stored and verified.
    package var have: Bitfield { availability.have }
    package var isComplete: Bool { availability.isComplete }
    /// Whether there is anything that we want of others. Where there is not, no peer has anything useful.
    package var isFetching: Bool { availability.isFetching }

    var geometry: TorrentGeometry { configuration.geometry }

    // MARK: Life

    mutating func start() {
        guard agenda.start() else { return }
        membership.schedule.start(at: agenda.now)
        membership.announceDue(&agenda)
        fillConnections()
    }

    /// Closes everything and announces `stopped` where we were known.
    mutating func stop() {
        guard agenda.stop() else { return }
        membership.stop(&agenda)
        uplink.stop(availability, &agenda)
        for peer in availability.peers {
            download.giveUpAll(of: peer)
            membership.closed(peer)
            agenda.effects.append(.close(peer.id, .stopping))
        }
        availability.everybodyLeft()
        download.stop(availability, &agenda)
    }
}
