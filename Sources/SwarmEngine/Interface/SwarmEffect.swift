package import TorrentCore

/// What the brain wants done. Carrying it out never calls the brain: the result comes later, as an event of its own.
/// Trivial on purpose, like events: no class, array or closure, so a queue of them costs no reference counting.
package enum SwarmEffect: Hashable, Sendable, BitwiseCopyable {
    // MARK: Connections

    /// Connect and shake hands; `linkOpened` or `linkClosed` tells the result.
    case connect(ConnectionID, Endpoint)
    /// End the connection. No `linkClosed` follows, nor any other event of this connection.
    case close(ConnectionID, CloseReason)
    /// Send this message, after those before it.
    case send(ConnectionID, PeerMessage)
    /// Send our bitfield: what `Swarm.have` is at this moment.
    case sendBitfield(ConnectionID)
    /// Send this under the extension protocol (BEP 10): its bytes are what `Swarm.encoded` is at this moment.
    case sendExtension(ConnectionID, ExtensionOutput)
    /// Read this block from disk and send it as `piece`; `blockSent` follows when it has left.
    case serve(ConnectionID, BlockRequest)

    // MARK: Pieces

    /// Keep a buffer ready for this piece: its blocks are being asked for.
    case openPiece(PieceIndex)
    /// All blocks have arrived: hash and store the piece. `pieceStored`, `pieceRejected` or `pieceStoreFailed` follows.
    /// The buffer now belongs to the worker.
    case verifyAndStore(PieceIndex)
    /// The piece is given up for now: free its buffer.
    case discardPiece(PieceIndex)
    /// What still comes of the block that this peer is sending goes nowhere: another one sends it, too, and is quicker.
    case forgetSlot(ConnectionID)
    /// One more piece, or part of metadata, would be opened if the shell allowed it: `mayOpen` says when it does. Not
    /// said again before that.
    case wantMemory

    // MARK: Metadata

    /// All blocks are there: hash the whole. `assemblyVerified` or `assemblyRejected` follows.
    case verifyMetadata(MetadataAssembly.ID)
    /// What came of this metadata is of no use: free its bytes. If it is being hashed, nobody waits for the verdict.
    case dropMetadata(MetadataAssembly.ID)

    // MARK: Trackers

    /// Announce to this tracker; `announceAnswered` or `announceFailed` follows.
    case announce(TrackerIndex, AnnounceEvent, wanted: Int32)

    // MARK: News for people

    /// Every wanted piece is stored.
    case completed
    /// A peer at this address sent a wrong block and is banned for this session.
    case banned(IPAddress, PieceIndex)
    /// So many addresses were not taken, of a list that came in this way from somebody at this address: nobody can be
    /// there, or nobody who is where it is can know.
    case leftOut(Int32, of: PeerSource, by: IPAddress?)
    /// We were super-seeding, and somebody else has everything now: from here on we are a seed as any other (BEP 16).
    case showsEverything
    /// A peer at this address sent wrong metadata and is banned for this session.
    case metadataLiar(IPAddress)
    /// True: no connection is left, or being made. False: there is one again. For the terminal.
    case starved(Bool)
}

/// Why the brain, or the wire, ended a connection.
package enum CloseReason: Hashable, Sendable, BitwiseCopyable {
    /// The peer closed, reset or never answered; the shell uses these for what the network did.
    case remoteClosed, connectFailed, handshakeFailed, networkError
    /// The peer broke the protocol.
    case protocolViolation(Violation)
    /// It sent wrong blocks, now or over an earlier connection.
    case banned
    /// There is another connection to the same peer.
    case duplicate
    /// We had connected to ourselves.
    case ourself
    /// Nothing came from it for too long.
    case idle
    /// Neither will ever give the other anything, or another peer needs the place more.
    case notUseful
    /// The session ends.
    case stopping
    /// Its handshake names another torrent.
    case wrongTorrent
    /// There are to be fewer connections now.
    case tooMany
    /// The torrent is private, and keeps to the peers of the tracker that answers now (BEP 27).
    case notOfTracker
    /// Our own system did not begin the connection: it knows no way there, or has no room for another one.
    case noWay
    /// The shell did not begin the connection: enough others have been tried there in vain, over all torrents.
    case putOff
}

/// What a peer did that no correct one does.
package enum Violation: UInt8, Hashable, Sendable, BitwiseCopyable {
    /// It speaks of a piece that the torrent does not have.
    case pieceOutOfRange
    /// It speaks of bytes beyond the end of a piece, or of none.
    case blockOutOfRange
    /// It asks for more than `SwarmLimits` lets it ask for at once.
    case blockTooLong
    /// Its list of pieces has another length than the torrent's.
    case badBitfield
    /// It sends messages of the fast extension, which was not agreed on (BEP 6).
    case unaskedFast
    /// It sends what no reader can make sense of.
    case malformedFrame
    /// It sent too many blocks that nobody had asked for.
    case unaskedBlocks
    /// It had far more requests rejected than may wait.
    case requestFlood
    /// It said far too much that means nothing, and sent or took no block meanwhile.
    case chatter
}

/// Position of a tracker in the list of all tiers, one after the other: see `SwarmConfiguration.trackerTiers`.
package struct TrackerIndex: Hashable, Sendable, BitwiseCopyable {
    /// The position as it is recorded and compared.
    package let number: Int32
    package init(_ number: Int) { self.number = Int32(truncatingIfNeeded: number) }
    /// As an array subscript.
    package var position: Int { Int(number) }
}

/// The queue that the brain fills and the shell carries out.
package typealias SwarmEffects = [SwarmEffect]
