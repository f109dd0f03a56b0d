package import TorrentCore

/// What the brain wants done. Doing it never calls the brain: what it causes comes as an event in a later turn.
/// Trivial on purpose, as events are: no class, no array, no closure, so a queue of them costs no reference counting.
package enum SwarmEffect: Hashable, Sendable, BitwiseCopyable {
    // MARK: Connections

    /// Connect, shake hands, then call `linkOpened` or `linkClosed`.
    case connect(ConnectionID, Endpoint)
    /// End the connection; `linkClosed` is not called for it, and nothing more is to be delivered from it.
    case close(ConnectionID, CloseReason)
    /// Put this on the wire, in order.
    case send(ConnectionID, PeerMessage)
    /// Put our bitfield on the wire: as it is now, taken from `Swarm.have`.
    case sendBitfield(ConnectionID)
    /// Put our extension handshake on the wire (BEP 10).
    case sendExtensionHandshake(ConnectionID)
    /// Read this block from disk and send it as `piece`; call `blockSent` when it has left.
    case serve(ConnectionID, BlockRequest)

    // MARK: Pieces

    /// Have a buffer ready for this piece; its blocks are coming.
    case openPiece(PieceIndex)
    /// All blocks are there: hash and store, then call `pieceStored`, `pieceRejected` or `pieceStoreFailed`.
    /// The buffer now belongs to the worker.
    case verifyAndStore(PieceIndex)
    /// Nobody will send the rest: give the buffer back.
    case discardPiece(PieceIndex)

    // MARK: Trackers

    /// Announce to this tracker, then call `announceAnswered` or `announceFailed`.
    case announce(TrackerIndex, AnnounceEvent, wanted: Int32)

    // MARK: News for people

    /// Every wanted piece is stored.
    case completed
    /// The address sent a wrong block and is out for this session.
    case banned(IPAddress, PieceIndex)
    /// The swarm had nobody to talk to, and now has (or the other way round): words for the terminal.
    case starved(Bool)
}

/// Why the brain, or the wire, ended a connection.
package enum CloseReason: Hashable, Sendable, BitwiseCopyable {
    /// The other side closed, reset or never answered; also how the shell names what the network did.
    case remoteClosed, connectFailed, handshakeFailed, networkError
    /// It broke the protocol.
    case protocolViolation(Violation)
    case banned, duplicate, ourself, idle, notUseful, stopping, wrongTorrent
}

/// What a peer did that no correct one does.
package enum Violation: UInt8, Hashable, Sendable, BitwiseCopyable {
    case pieceOutOfRange, blockOutOfRange, blockTooLong, badBitfield, unaskedFast, malformedFrame
    case unaskedBlocks, requestFlood
}

/// Position in the swarm's list of trackers, as `SwarmConfiguration.trackers` counts them.
package struct TrackerIndex: Hashable, Sendable, BitwiseCopyable {
    package let number: Int32
    package init(_ number: Int) { self.number = Int32(truncatingIfNeeded: number) }
    package var position: Int { Int(number) }
}

/// The queue that a turn fills and the shell drains.
package typealias SwarmEffects = [SwarmEffect]
