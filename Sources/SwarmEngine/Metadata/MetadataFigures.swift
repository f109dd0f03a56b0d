package import TorrentCore

/// What a person or a script wants to know while metadata is fetched.
package struct MetadataFigures: Hashable, Sendable {
    /// Bytes of the metadata: verified, or else as those say of whom we have most. Nil if nobody has said.
    package var size: Int?
    /// Bytes of it that are there.
    package var received = 0
    /// It is whole, and its hash is the info hash.
    package var isVerified = false
    /// Bytes that came in vain, those of wrong metadata among them.
    package var wasted: Int64 = 0
    /// Bytes that the shell keeps now, over all assemblies.
    package var kept = 0
    /// Connected peers.
    package var peers = 0
    /// The same by how we came to be connected.
    package var origins = SourceCounts()
    /// Those of them that say they have the metadata, and are believed.
    package var sources = 0
    /// Nothing has come of it for a while, from any of those.
    package var isStill = false
    /// Connected peers whose metadata would be larger than the limit.
    package var oversized = 0
    /// The largest size that a peer named and that is above the limit; nil if none did.
    package var largestRefused: Int?
    /// Connections being made.
    package var connecting = 0
    /// Known peers that are not connected.
    package var known = 0
    /// When a tracker will be asked next; nil if none will.
    package var nextAnnounce: Moment?

    package init() {}
}
