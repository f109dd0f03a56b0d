/// A request as a client sends it, each on a connection of its own (RFC 9110, RFC 9112).
public struct HTTPRequest: Hashable, Sendable {
    /// What a client asks for.
    public enum Method: String, Hashable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case delete = "DELETE"
    }

    /// A header line that nothing of a stranger can end.
    public struct Field: Hashable, Sendable {
        let name: String
        let value: String

        /// Nil unless both are printable ASCII, without a colon in the name.
        public init?(_ name: String, _ value: String) {
            let isPrintable = { (text: String) in text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
            guard !name.isEmpty, isPrintable(name), isPrintable(value),
                !name.contains(where: { $0 == ":" || $0 == " " })
            else { return nil }
            self.name = name
            self.value = value
        }

        private init(known name: String, _ value: String) { (self.name, self.value) = (name, value) }

        /// Asks for a part: from `first` to `last`, both within it, or to the end (RFC 9110, 14.2).
        public static func range(from first: UInt64, through last: UInt64?) -> Field {
            Field(known: "Range", "bytes=\(first)-" + (last.map { "\($0)" } ?? ""))
        }
    }

    public var method = Method.get
    /// Path and query: printable ASCII.
    public private(set) var target: [UInt8]
    private var authority: String
    private var userInfo: String
    /// How we call ourselves: printable ASCII.
    public let agent: String
    /// The answer may come compressed.
    public var acceptsGzip = false
    /// Further header lines. They go along with redirects, which are followed for
    /// `get` and `head` alone: there they must not be secrets.
    public var fields: [Field] = []
    /// Sent with its length if there is any, or if the method is `post`.
    public var body: [UInt8] = []

    /// Asks for what is at `url`, or for `target` there, which is as printable as a URL's own.
    public init<Scheme>(_ url: NetworkURL<Scheme>, target: [UInt8]? = nil, agent: String) {
        self.target = target ?? Array(url.target.utf8)
        authority = url.authority
        userInfo = url.userInfo
        self.agent = agent
    }

    /// The same request to another place.
    public func aimed(at url: HTTPURL) -> HTTPRequest {
        var request = self
        request.target = Array(url.target.utf8)
        request.authority = url.authority
        request.userInfo = url.userInfo
        return request
    }

    /// The request on the wire.
    public var bytes: [UInt8] {
        var output = Array(method.rawValue.utf8)
        output.append(ascii: " ")
        output += target
        output.append(ascii: " HTTP/1.1\r\nHost: ")
        output += authority.utf8
        output.append(ascii: "\r\nUser-Agent: ")
        output += agent.utf8
        if !userInfo.isEmpty {
            output.append(ascii: "\r\nAuthorization: Basic ")
            output += Base64.encoded(PercentCoding.decoded(Array(userInfo.utf8)))
        }
        for field in fields { output += "\r\n\(field.name): \(field.value)".utf8 }
        if !body.isEmpty || method == .post {
            output.append(ascii: "\r\nContent-Length: ")
            output.append(decimal: body.count)
        }
        output.append(ascii: "\r\nAccept-Encoding: ")
        output.append(ascii: acceptsGzip ? "gzip" : "identity")
        output.append(ascii: "\r\nConnection: close\r\n\r\n")
        return output + body
    }
}
