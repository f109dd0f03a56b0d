/// Why a torrent or a node cannot go on, in one line: what happened, to what, what to do.
package struct PeerFailure: Error, Sendable, Hashable {
    /// What kind of failure it is; the command line has an exit code for each.
    package enum Kind: String, Sendable {
        case notFound, badTorrent, io, verifyFailed, unfinished, network, diskFull
    }

    package var kind: Kind
    /// May hold words of strangers.
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
