package import TorrentCore
package import TorrentIO

/// Fetches what URLs name, each over a connection of its own. Confined to its reactor.
package final class HTTPClient {
    let reactor: Reactor
    let resolver: Resolver
    /// The local address to leave by; nil leaves it to the system.
    let source: IPAddress?

    package init(reactor: Reactor, resolver: Resolver, source: IPAddress? = nil) {
        self.reactor = reactor
        self.resolver = resolver
        self.source = source
    }

    /// Looks the host up, asks the first of its addresses that takes a connection, and follows redirects of `GET` and
    /// `HEAD`. `connected` is reported for each connection, `head` for the last answer alone.
    ///
    /// What comes back need not be kept: the fetch lives until it has ended or is cancelled.
    @discardableResult
    package func fetch(
        _ request: HTTPRequest, at url: HTTPURL, limits: HTTPClientLimits = HTTPClientLimits(),
        listener: @escaping HTTPCall.Listener
    ) -> HTTPFetch {
        HTTPFetch(request, at: url, limits: limits, client: self, listener: listener)
    }
}
