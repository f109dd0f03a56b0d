package import TorrentCore

/// The brain of one torrent: whom to talk to, what to ask of whom, whom to serve, when to announce.
///
/// It holds no socket, file, clock or payload. Each verb tells it one thing that happened, at a time that the shell
/// says, and appends what is to be done to `effects`. `nextDeadline` says when it wants to be woken if nothing happens.
package struct Swarm {
    package let configuration: SwarmConfiguration
    /// What is stored and verified.
    package private(set) var have: Bitfield

    package init(_ configuration: SwarmConfiguration, at now: Moment) {
        self.configuration = configuration
        have = configuration.have
    }

    /// When `deadlineReached` wants to be called, unless another verb moves it.
    package var nextDeadline: Moment { .distantFuture }
    package var isComplete: Bool { have.isFull }
    package func figures(at now: Moment) -> SwarmFigures { SwarmFigures() }

    // MARK: Life

    package mutating func start(at now: Moment, effects: inout SwarmEffects) {}
    /// Closes everything and announces `stopped` where we were known.
    package mutating func stop(at now: Moment, effects: inout SwarmEffects) {}
    package mutating func deadlineReached(at now: Moment, effects: inout SwarmEffects) {}

    // MARK: Connections

    /// Somebody connected to us and has shaken hands; nil means: close it. The shell has sent our handshake already,
    /// or sends it before any effect of this call.
    package mutating func linkAccepted(
        from endpoint: Endpoint, handshake: Handshake, at now: Moment, effects: inout SwarmEffects
    ) -> ConnectionID? { nil }
    /// A `.connect` came to a handshake, both ways.
    package mutating func linkOpened(
        _ id: ConnectionID, handshake: Handshake, at now: Moment, effects: inout SwarmEffects) {}
    /// The link is gone, or a `.connect` came to nothing. Unknown ids are let pass: the brain may have closed it first.
    package mutating func linkClosed(
        _ id: ConnectionID, reason: CloseReason, at now: Moment, effects: inout SwarmEffects) {}

    // MARK: Messages

    package mutating func received(
        _ message: PeerMessage, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects) {}
    package mutating func receivedBitfield(
        _ bytes: RawSpan, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects) {}

    // MARK: Blocks

    /// May the bytes of this block go into the buffer of its piece? Asked when a piece header has been read.
    package mutating func admit(
        _ block: WireBlock, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects) -> BlockAdmission {
        .discard(.unwanted)
    }
    /// An admitted block is whole in its buffer.
    package mutating func blockArrived(
        _ block: BlockRequest, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects) {}
    /// A discarded block has gone by: its bytes still count for the rate and free a place in the pipeline.
    package mutating func blockDiscarded(
        _ block: WireBlock, from id: ConnectionID, at now: Moment, effects: inout SwarmEffects) {}
    /// A `.serve` has left for the network.
    package mutating func blockSent(
        _ block: BlockRequest, to id: ConnectionID, at now: Moment, effects: inout SwarmEffects) {}

    // MARK: Pieces

    package mutating func pieceStored(_ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects) {}
    /// The hash differs. The shell keeps a digest of each block of this attempt (the first is attempt 0).
    package mutating func pieceRejected(_ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects) {}
    /// The disk would not take it; it has to be fetched again.
    package mutating func pieceStoreFailed(_ piece: PieceIndex, at now: Moment, effects: inout SwarmEffects) {}
    /// The piece has come good, and in an earlier rejected attempt these blocks were different: who sent them lied.
    package mutating func blocksDiffered(
        _ blocks: [Int], of piece: PieceIndex, attempt: Int, at now: Moment, effects: inout SwarmEffects) {}

    // MARK: Peers and trackers

    /// Addresses from a tracker, from the user or from other peers. Ours and unusable ones are dropped here.
    package mutating func peersFound(
        _ endpoints: [Endpoint], from source: PeerSource, at now: Moment, effects: inout SwarmEffects) {}
    package mutating func announceAnswered(
        _ tracker: TrackerIndex, interval: Duration, minimum: Duration?, peers: Int, at now: Moment,
        effects: inout SwarmEffects) {}
    /// `isFinal`: the tracker answered with a failure reason, so asking it again soon is of no use.
    package mutating func announceFailed(
        _ tracker: TrackerIndex, retryIn: Duration?, isFinal: Bool, at now: Moment, effects: inout SwarmEffects) {}
}

/// What to do with the bytes behind a piece header.
package enum BlockAdmission: Hashable, Sendable, BitwiseCopyable {
    case accept(BlockRequest)
    /// Read them and throw them away.
    case discard(DiscardReason)
    /// The brain has closed the connection.
    case refuse
}

package enum DiscardReason: UInt8, Hashable, Sendable, BitwiseCopyable {
    /// Another peer was faster, the piece is there already, or we cancelled.
    case unwanted
}

/// Where an address came from, by how far it is trusted.
package enum PeerSource: UInt8, Hashable, Sendable, BitwiseCopyable {
    case user, tracker, incoming
}

/// What a person or a script wants to know of a swarm. Bytes are payload bytes of this run, rates bytes a second.
package struct SwarmFigures: Hashable, Sendable {
    package var downloaded: Int64 = 0
    package var uploaded: Int64 = 0
    /// Bytes that came and were of no use: duplicates and blocks of rejected pieces.
    package var wasted: Int64 = 0
    /// Bytes of pieces not yet stored.
    package var left: Int64 = 0
    package var downloadRate: Double = 0
    package var uploadRate: Double = 0
    /// Connected, those that have everything included.
    package var peers = 0
    package var seeds = 0
    /// Known and not connected.
    package var known = 0
    /// Copies of the rarest piece among the connected, ourselves left out.
    package var availability = 0
    /// When a tracker will be asked next; nil if none will.
    package var nextAnnounce: Moment?

    package init() {}
}
