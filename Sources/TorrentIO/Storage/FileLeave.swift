/// What may be done to a file of the payload that is there.
package enum FileLeave: UInt8, Sendable {
    /// Nothing: it is somebody else's. Writing bytes that are there already is allowed, since a piece may reach into
    /// it.
    case compare
    /// It holds a part of the torrent, and nobody knows who put it there: bytes that are zero may become others.
    case fill
    /// Everything: we made it, or wrote to it since the user said so.
    case write
    /// The user said so, and nothing was written yet: good for this run alone.
    case overwrite
}

/// What a `FileStorage` holds of one file: what stood at its path when it was last looked at, or written to, and what
/// may be done to it.
package struct FileHolding: Sendable, Equatable {
    /// Nil if there was nothing.
    package var standing: StandingFile?
    package var leave: FileLeave

    package init(standing: StandingFile? = nil, leave: FileLeave = .compare) {
        self.standing = standing
        self.leave = leave
    }
}
