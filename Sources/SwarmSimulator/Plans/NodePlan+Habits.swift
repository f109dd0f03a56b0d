extension NodePlan {
    /// The program whose timing a node imitates, besides its rules.
    package enum Client: Hashable, Sendable {
        /// It does what its rules say, at once.
        case ours
        /// It asks for nothing for ten seconds after a choke, and announces no pieces to seeders.
        case rTorrent
        /// With nothing to ask for it looks again only every five seconds, and it announces no pieces to seeders
        /// either.
        case rqbit
    }

    /// What our peers do not do: some of it breaks the protocol, the rest is odd and has to be tolerated.
    package enum Habit: Hashable, Sendable, CaseIterable {
        /// It names a piece that does not exist: in a `have`, allowed fast, a request, a reject.
        case namesNoPiece, allowsNoPiece, asksForNoPiece, rejectsNoPiece
        /// It asks for bytes beyond a piece, or for a block that is too long.
        case asksBeyondPiece, asksForTooMuch
        /// It sends many requests, choked or not.
        case floods
        /// It sends blocks that were not asked for, or that do not exist.
        case sendsStrayBlocks, sendsBlocksBeyondPiece
        /// Its bitfield is a byte too long, or comes again and again.
        case sendsLongBitfield, repeatsBitfield
        /// It sends messages of BEP 6, also to peers that do not speak it.
        case sendsFastMessages
        /// It sends needless messages: keep-alives, ports, chokes and unchokes, interest, haves.
        case chatters
        /// It allows pieces that it may not have (allowed fast).
        case allowsAnything
        /// It cancels its requests, and rejects blocks that it was not asked for.
        case cancels, rejects
        /// It serves nothing, and rejects the requests if it speaks BEP 6.
        case refusesToServe
        /// It ignores cancels.
        case ignoresCancels
        /// It tells of all nodes and of addresses without one (BEP 11), as no peer of a private torrent may.
        case tellsOfAll
    }
}
