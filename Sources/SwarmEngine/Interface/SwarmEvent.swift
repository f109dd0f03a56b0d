package import TorrentCore

/// One thing that happened, as the shell tells it to the brain: `Swarm.take` says what follows. A value, so that a run
/// can be recorded and replayed; trivial, as effects are, so that telling it costs no reference counting.
///
/// What must be answered at once is asked by a call instead: `admit`, `linkAccepted`, `pieceRejected`.
package enum SwarmEvent: Hashable, Sendable, BitwiseCopyable {
    // MARK: Life

    case start
    case stop
    /// The moment that `nextDeadline` named has come.
    case deadlineReached

    // MARK: Connections

    /// The link is gone, or a `.connect` came to nothing.
    case linkClosed(ConnectionID, CloseReason)
    /// A peer said something that fits into registers; what does not is among the `SwarmNews`.
    case message(PeerMessage, from: ConnectionID)

    // MARK: Blocks

    /// An admitted block is whole in its buffer.
    case blockArrived(BlockRequest, from: ConnectionID)
    /// A block that was not admitted, or that there was no place for, has gone by.
    case blockDiscarded(WireBlock, from: ConnectionID)
    /// A `.serve` has left for the network.
    case blockSent(BlockRequest, to: ConnectionID)
    /// What we had to say to this peer was kept so long by a block on its way there.
    case messagesWaited(Duration, on: ConnectionID)

    // MARK: Pieces

    /// The hash is right, and the piece is written.
    case pieceStored(PieceIndex)
    /// The disk would not take it.
    case pieceStoreFailed(PieceIndex)
    /// There was no memory for a piece that was to be opened.
    case pieceNotOpened(PieceIndex)

    // MARK: Trackers

    /// `interval` and `minimum` are what the tracker wants kept between announces. Its peers come as `peersFound`.
    case announceAnswered(TrackerIndex, interval: Duration, minimum: Duration?)
    /// `retryIn` is what the tracker says of it; `isFinal`: asking it again soon is of no use.
    case announceFailed(TrackerIndex, retryIn: Duration?, isFinal: Bool)
}

/// The same, for what brings more than fits into registers; rare, and copied where it comes in.
package enum SwarmNews: Hashable, Sendable {
    /// A `.connect` came to a handshake, both ways.
    case linkOpened(ConnectionID, Handshake)
    /// The body of a `bitfield` message, unchecked (BEP 3).
    case bitfield([UInt8], from: ConnectionID)
    /// The first extended message (BEP 10).
    case extensionHandshake(ExtensionHandshake, from: ConnectionID)
    /// Addresses from a tracker, from the user or from other peers.
    case peersFound([Endpoint], from: PeerSource)
    /// The piece has come good; these of its blocks, by number, were different in that attempt. Said once of each
    /// attempt, even if no block differed.
    case blocksDiffered([Int], of: PieceIndex, in: RejectedAttempt)
}
