import TorrentCore

/// One connected peer: who it is, what it has, and a part for each room, which only that room reads and changes.
///
/// What the other rooms may know of a part stands beside it, as properties of the peer. A reference, for it is changed
/// in place a hundred thousand times a second; it belongs to one swarm and never leaves it.
final class PeerConnection {
    let id: ConnectionID
    let endpoint: Endpoint
    let peerID: PeerID
    let isOutgoing: Bool
    /// Both sides speak BEP 6.
    let isFast: Bool
    /// Both sides speak BEP 10.
    let isExtended: Bool
    let connectedAt: Moment

    /// What it has: changed by `Availability`.
    var pieces = PeerPieces.unknown

    /// By which ids it wants to be sent extensions: changed by `Swarm` alone, with its handshakes (BEP 10).
    var extensions = ExtensionIDs()

    /// What it has asked for of the metadata: changed by `MetadataServing` alone.
    var metadata = MetadataRequests()

    // A part a room; a house rule keeps each to its folder.
    var membership: PeerMembership
    var download = PeerDownload()
    var uplink = PeerUplink()
    var gathering = PeerGathering()

    init(id: ConnectionID, endpoint: Endpoint, handshake: Handshake, isOutgoing: Bool, at now: Moment) {
        self.id = id
        self.endpoint = endpoint
        self.isOutgoing = isOutgoing
        peerID = handshake.peerID
        isFast = handshake.reserved.contains(.fast)
        isExtended = handshake.reserved.contains(.extended)
        connectedAt = now
        membership = PeerMembership(listensAt: isOutgoing ? endpoint : nil, at: now)
    }
}

// MARK: What one room is handed of another

/// Who sent a block, remembered longer than the connection: Download keeps it, Membership bans by it.
struct Contributor: Hashable {
    let connection: ConnectionID
    let endpoint: Endpoint
    let peerID: PeerID
    /// Where it listens, if that is known.
    let listensAt: Endpoint?
}

/// What a peer gives us, as far as it matters to what we give it: Download says it, the chokers of Uplink go by it.
struct Giving {
    /// Bytes a second over 20 s.
    let rate: Double
    /// It owes us blocks and has sent none for long.
    let isSnubbed: Bool
    /// Bytes of its blocks in pieces that came good.
    let verifiedBytes: Int64
}

/// How those who give to us are to be asked. Uplink says it, and `Swarm` hands it to Download, since we take others to
/// share out their uplinks as we do.
struct AskingManner: Hashable {
    /// A piece is asked of one peer, as long as there are pieces to begin, and who has nothing that is not on its way
    /// is told that we are not interested.
    var keepsPiecesWhole: Bool
    /// A whole piece is asked for at once.
    var asksAtOnce: Bool
}
