import HTTPService
import TorrentCore
import TrackerEngine

/// Who may change the catalogue.
enum CatalogueAccess {
    /// This machine, or who has the token.
    case owner
    /// Anybody, where everybody may; by the address whose quota it is.
    case stranger(IPAddress)

    init(
        _ head: HTTPRequestHead, in bytes: RawSpan, from origin: RequestOrigin, _ configuration: TrackerConfiguration
    ) throws(CatalogueRefusal) {
        let token = configuration.catalogue.token
        // First, for a token that is meant for another tracker shall not lock the owner out.
        if Self.isOfThisMachine(head, in: bytes, origin, configuration.policy) {
            self = .owner
        } else if let token, let said = head.field("authorization", in: bytes) {
            guard Self.names(token, said) else { throw .tokenWrong }
            self = .owner
        } else if configuration.catalogue.isOpen {
            self = .stranger(configuration.policy.source(of: origin).ofOneNetwork)
        } else {
            throw token == nil ? .noToken : .notAllowed
        }
    }

    /// Whether the value of `Authorization` is `Bearer` with the token (RFC 6750). Takes as long for any other: the
    /// digests are compared whole.
    private static func names(_ token: [UInt8], _ said: [UInt8]) -> Bool {
        let scheme = said.prefix(7)
        guard String(decoding: scheme, as: UTF8.self).lowercased() == "bearer " else { return false }
        let (theirs, ours) = (SHA256.digest(of: Array(said.dropFirst(7))).array, SHA256.digest(of: token).array)
        return zip(theirs, ours).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// From this machine, and not by way of a proxy or of a page in a browser: a name of some page's own may be made
    /// to lead here (DNS rebinding), so that the host must be an address or `localhost`. Proxies that keep silent on
    /// their clients mostly speak HTTP/1.0.
    private static func isOfThisMachine(
        _ head: HTTPRequestHead, in bytes: RawSpan, _ origin: RequestOrigin, _ policy: TrackerPolicy
    ) -> Bool {
        guard origin.connection.isLoopback, !policy.trustedProxies.contains(origin.connection), !head.isForwarded,
            !head.isHTTP10, head.field("forwarded", in: bytes) == nil, head.field("via", in: bytes) == nil,
            head.field("x-real-ip", in: bytes) == nil, head.field("origin", in: bytes) == nil
        else { return false }
        return AskedHost(head, in: bytes)?.isSafe ?? false
    }
}

extension IPAddress {
    /// What one household has: an IPv4 address, or a /64 of IPv6.
    fileprivate var ofOneNetwork: IPAddress {
        if case .v6(let high, _) = self { .v6(high, 0) } else { self }
    }
}
