/// The schemes that a kind of URL may have, by their names in front of `://`.
public protocol URLScheme: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// Nil where a URL must name its port.
    var defaultPort: UInt16? { get }
    /// The schemes in words, for whoever wrote another one: "neither http:// nor https://".
    static var noneOfThem: String { get }
}

/// The schemes of the web.
public enum HTTPScheme: String, URLScheme, BitwiseCopyable {
    case http, https

    /// 80 and 443 (RFC 9110, 4.2).
    public var defaultPort: UInt16? { self == .http ? 80 : 443 }
    /// For whoever wrote another scheme, or none.
    public static var noneOfThem: String { "neither http:// nor https://" }
}

/// Where something is on the web.
public typealias HTTPURL = NetworkURL<HTTPScheme>

/// Where something is on the network: "scheme://name:password@host:port/path?query", checked once, safe to put into a
/// request (RFC 3986).
public struct NetworkURL<Scheme: URLScheme>: Hashable, Sendable {
    public let scheme: Scheme
    /// A name, or an address without brackets; lowercase.
    public let host: String
    public let port: UInt16
    /// Path and query, beginning with `/`: printable ASCII alone, so that nothing in it ends a line of a request.
    public let target: String
    /// Name and password as the URL has them, to be said to the server (RFC 7617); empty if there are none.
    public let userInfo: String

    /// Bytes that a URL may have.
    public static var lengthLimit: Int { 2_048 }

    public init(
        scheme: Scheme, host: String, port: UInt16, target: String, userInfo: String = ""
    ) throws(NetworkURLError<Scheme>) {
        self.scheme = scheme
        self.userInfo = try Self.checked(userInfo: userInfo[...])
        self.host = try Self.checked(host: host[...])
        guard port != 0 else { throw .badPort("0") }
        self.port = port
        self.target = try Self.checked(target: target[...])
    }

    /// Reads "http://name:password@host:port/path?query"; a fragment and blanks around it are left out. Where no port
    /// is given, the scheme's own is meant.
    public init(_ text: String) throws(NetworkURLError<Scheme>) {
        guard text.utf8.count <= Self.lengthLimit else { throw .tooLong(bytes: text.utf8.count) }
        // By scalars: a combining mark makes another Character of the delimiter before it.
        let scalars = Self.trimmed(text).unicodeScalars
        guard let mark = scalars.firstRange(of: "://".unicodeScalars) else { throw .noScheme }
        let name = String(scalars[..<mark.lowerBound])
        guard let scheme = Scheme(rawValue: name.lowercased()) else { throw .unknownScheme(name) }
        let rest = scalars[mark.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let at = authority.lastIndex(of: "@")
        userInfo = try Self.checked(userInfo: Substring(at.map { authority[..<$0] } ?? authority.prefix(0)))
        let place = at.map { authority[authority.index(after: $0)...] } ?? authority
        let (host, port) = try Self.split(Substring(place))
        self.scheme = scheme
        self.host = try Self.checked(host: host)
        self.port = try Self.port(port, of: scheme)
        target = try Self.checked(target: Substring(rest[authority.endIndex...]))
    }

    /// The host as a URL writes it, IPv6 in brackets, with the port if it is not the scheme's own: a `Host` header.
    public var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    /// The host as an address; nil if it is a name.
    public var address: IPAddress? { IPAddress(host) }
}

extension NetworkURL: CustomStringConvertible {
    /// Without name and password, for it is shown.
    public var description: String { "\(scheme.rawValue)://\(authority)\(target)" }
}

/// What is wrong with a URL.
public enum NetworkURLError<Scheme: URLScheme>: Error, Hashable, Sendable {
    case tooLong(bytes: Int)
    case noScheme
    case unknownScheme(String)
    /// A name or password before the host with a space or control character.
    case badUserInfo
    case badHost(String)
    case badPort(String)
    /// No port, though the scheme has none of its own.
    case missingPort
    /// A control character, which would end a line of the request.
    case badTarget
}

extension NetworkURLError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLong(let bytes): "\(bytes) bytes, above the limit of \(NetworkURL<Scheme>.lengthLimit)"
        case .noScheme: "begins with \(Scheme.noneOfThem)"
        case .unknownScheme(let scheme): "\(scheme):// is \(Scheme.noneOfThem)"
        case .badUserInfo: "has a malformed user name or password"
        case .badHost(let host): "\"\(host)\" is no host name or address"
        case .badPort(let port): "\"\(port)\" is no port"
        case .missingPort:
            Scheme.allCases.filter { $0.defaultPort == nil }.map { "\($0.rawValue)://" }.joined(separator: ", ")
                + " needs a port"
        case .badTarget: "has a control character"
        }
    }
}
