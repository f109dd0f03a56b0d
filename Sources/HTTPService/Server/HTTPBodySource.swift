import TorrentIO

/// Where the body of a streamed answer comes from: a log, events, a large file. On the server's reactor.
///
/// It is asked for the next piece once the client has taken the last one, so an answer takes no more memory than a
/// piece or two, however slow its reader is.
package protocol HTTPBodySource: AnyObject {
    /// The answer begins. Whoever may say `.later` keeps `outlet`.
    func begin(_ outlet: HTTPOutlet)

    /// Appends what comes next to the empty `piece`, at most `room` bytes.
    func next(into piece: inout [UInt8], room: Int) -> HTTPBodyStep

    /// Nothing more will be asked for; called once.
    func ended(_ end: HTTPStreamEnd)
}

/// How a stream goes on after a piece.
package enum HTTPBodyStep {
    /// Ask again when the piece has left; without a piece this means `later`.
    case more
    /// There is nothing more now: the source will call `HTTPOutlet.resume`.
    case later
    /// That was the last one.
    case end
    /// The rest cannot be had. The connection is cut, so that the client takes nothing for whole that is not.
    case broken
}

/// How a stream came to its end.
package enum HTTPStreamEnd: Hashable, Sendable {
    /// All that the source had is with the kernel.
    case whole
    /// The client asked for the head alone.
    case headOnly
    /// The client has closed, or did not read for too long, or the server was stopped.
    case clientGone
    /// The source said so, or gave less or more than it had promised.
    case broken
}

/// The connection as a source sees it.
package final class HTTPOutlet {
    // Only connections that stream have weak references to them, which makes the others slower.
    private weak var connection: HTTPConnection?
    private var isWoken = false

    init(_ connection: HTTPConnection) { self.connection = connection }

    /// There is something again: the source will be asked for it, in a later iteration of the reactor.
    package func resume() {
        guard !isWoken, let connection else { return }
        isWoken = true
        connection.server.reactor.performLater { [self] in
            isWoken = false
            self.connection?.sourceHasMore()
        }
    }
}
