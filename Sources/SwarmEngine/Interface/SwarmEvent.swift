package import TorrentCore

/// One thing that happened. The shell hands it to `Swarm.take`, which answers with effects. It is a value, so that a
/// run can be recorded and replayed, and trivial like effects, so that it costs no reference counting.
///
/// Three questions that need an answer at once are calls instead: `admit`, `linkAccepted`, `pieceRejected`.
package enum SwarmEvent: Hashable, Sendable, BitwiseCopyable {
    // MARK: Life

    /// The session begins: trackers are asked and peers connected to. A second one changes nothing.
    case start
    /// The session ends: every connection is closed, and trackers are told. A second one changes nothing.
    case stop
    /// The time `nextDeadline` has come.
    case deadlineReached
    /// From now on there are to be at most so many connections.
    case connectionsLimited(Int32)
    /// Others see us at this public address (BEP 40); of each family the last one counts.
    case externalAddress(IPAddress)

    // MARK: Connections

    /// The connection has ended, or a `.connect` has failed.
    case linkClosed(ConnectionID, CloseReason)
    /// A message of fixed length; those of variable length are `SwarmNews`.
    case message(PeerMessage, from: ConnectionID)

    // MARK: Blocks

    /// All bytes of an admitted block are in its buffer.
    case blockArrived(BlockRequest, from: ConnectionID)
    /// All bytes of a block were read and dropped: it was not admitted, or the shell had no buffer for it.
    case blockDiscarded(WireBlock, from: ConnectionID)
    /// The block of a `.serve` has left for the network.
    case blockSent(BlockRequest, to: ConnectionID)
    /// The blocks of all `.metadataData` to this peer have left for the network (BEP 9).
    case metadataSent(to: ConnectionID)
    /// Our messages to this peer, requests among them, had to wait this long behind a block of ours.
    case messagesWaited(Duration, on: ConnectionID)

    // MARK: Pieces

    /// The hash is right, and the piece has been written.
    case pieceStored(PieceIndex)
    /// The piece could not be written.
    case pieceStoreFailed(PieceIndex)
    /// There was no memory for the buffer of an `.openPiece`.
    case pieceNotOpened(PieceIndex)
    /// Memory is shared with other torrents: from now on so many pieces may be open at once, those that are open
    /// included. Before it is said first there is no such limit. Of metadata: so many parts of `MetadataRoom`.
    case mayOpen(Int32)
    /// Another torrent waits for memory: a piece, or metadata, that does not move is to be given up.
    case memoryIsWanted

    // MARK: Trackers

    /// `interval` and `minimum`: the time between announces that the tracker wants, and the least that it allows. Its
    /// peers come as `peersFound`.
    case announceAnswered(TrackerIndex, interval: Duration, minimum: Duration?)
    /// `retryIn`: when to ask again, if the tracker says so. `isFinal`: it refused, so asking again soon is of no use.
    case announceFailed(TrackerIndex, retryIn: Duration?, isFinal: Bool)
}

/// Events that hold arrays or are too large for registers. They are rare, so copying them does not matter.
package enum SwarmNews: Hashable, Sendable {
    /// A `.connect` has succeeded: both handshakes are done.
    case linkOpened(ConnectionID, Handshake)
    /// The body of a `bitfield` message, unchecked (BEP 3).
    case bitfield([UInt8], from: ConnectionID)
    /// The first extended message, or a later one of its kind (BEP 10).
    case extensionHandshake(ExtensionHandshake, from: ConnectionID)
    /// A message under an extension that we know.
    case extended(ExtensionMessage, from: ConnectionID)
    /// Addresses of peers, from a tracker or a peer at `by`; nil where people named them, or that is not known.
    case peersFound([Endpoint], from: PeerSource, by: IPAddress? = nil)
    /// Somebody has announced itself, for this torrent, at the tracker of this process.
    case newcomer(Endpoint)
    /// The piece is stored now, and these of its blocks, by number, were different in a rejected attempt. Told once for
    /// each attempt, even if no block differed.
    case blocksDiffered([Int], of: PieceIndex, in: RejectedAttempt)
}
