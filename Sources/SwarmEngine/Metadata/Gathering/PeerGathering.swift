import TorrentCore

/// A peer before it is known how many pieces there are: what it has said of them, and what we get of the metadata.
struct PeerGathering {
    /// What it said, for when that is known.
    var early = EarlyMessages()
    /// Bytes of the metadata, as it says; nil if it has none, or is not believed.
    var claim: Int?
    /// A size that it named and that is above the limit.
    var refusedClaim: Int?
    /// How often it has named another size than before.
    var changes = 0
    /// Unanswered, oldest first.
    var requests: [MetadataRequest] = []
    /// The assembly that they are for, which its claim alone does not say for ever.
    var requestsAssembly: MetadataAssembly.ID?
    var window = MetadataWindow()
    var patience = Patience()
    /// The shortest time that it took to answer.
    var shortestTrip: Duration?
    /// Blocks that may still come though we have forgotten that we asked for them.
    var strays = 0
    /// Blocks that it sent unasked, or of a wrong length.
    var unasked = 0
    /// It said more than there was room for: once the pieces are known, the connection is to be made anew.
    var isToBeMadeAnew = false
    /// Requests for blocks of pieces that were refused.
    var refusedRequests = 0

    /// How often in a row it let us down, and until when it is not asked because of that.
    struct Patience {
        var refusals = 0
        var restsUntil = Moment.zero
        /// Of assemblies of its own.
        var turns = MetadataTurns()
    }

    func owes(_ piece: UInt32) -> Bool { requests.contains { $0.piece == piece } }
}

/// A block that a peer was asked for and has not sent.
struct MetadataRequest: Hashable {
    let piece: UInt32
    let sentAt: Moment
    /// Others may be asked for it.
    var isGivenUp = false
    /// Later requests that have been answered: all programs answer in order, so it has most likely been dropped.
    var overtaken = 0
}

// What the other rooms, and the brain, may read.
extension PeerConnection {
    /// It says that it has the metadata, and is believed.
    var hasMetadata: Bool { gathering.claim != nil }
    /// There was no room for all that it said of pieces.
    var hasSaidTooMuch: Bool { gathering.isToBeMadeAnew }
    /// A size that it named for the metadata and that is above the limit.
    var refusedClaim: Int? { gathering.refusedClaim }
}
