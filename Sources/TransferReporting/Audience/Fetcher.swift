internal import CommandLineKit
package import TorrentCore

/// One who fetches what is shared here, or has everything by now.
package struct Fetcher: Sendable, Equatable {
    package let id: PeerID
    /// Where it is, as far as we know: the end of its connection, or where it listens.
    package var endpoint: Endpoint
    /// What it wants to be called: untrusted text.
    package var name: String?
    /// The name of its program, once it has sent it: untrusted text.
    package var client: String?
    /// Pieces that it has.
    package var havePieces = 0
    /// Bytes a second that we give it.
    package var rate: Double = 0
    package var isConnected = false
    package var hasEverything = false
    /// What the last look has seen.
    var before = Look()
    /// What a pipe was told last.
    var printedPieces: Int?

    struct Look: Sendable, Equatable {
        var isConnected = false
        var havePieces = 0
    }

    package init(_ id: PeerID, at endpoint: Endpoint, name: String? = nil) {
        self.id = id
        self.endpoint = endpoint
        self.name = name
    }

    /// "anna at 192.168.1.7", or "192.168.1.7:6881" of who has no name.
    var label: TerminalText {
        if let name, !name.isEmpty { return "\(name) at \(endpoint.address)" }
        return "\(endpoint)"
    }

    /// The same where there is little room.
    var shortLabel: TerminalText {
        if let name, !name.isEmpty { return TerminalText(name) }
        return "\(endpoint)"
    }
}
