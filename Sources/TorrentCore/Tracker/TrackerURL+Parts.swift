// The parts of a tracker's URL, each checked on its own, and what is asked of it.

extension TrackerURL.Scheme {
    /// Nil for `udp`.
    public var defaultPort: UInt16? {
        switch self {
        case .http: 80
        case .https: 443
        case .udp: nil
        }
    }
}

extension TrackerURL {
    /// Host, without brackets, and the text behind its colon; nil if there is no colon.
    static func split(_ authority: Substring) throws(TrackerURLError) -> (host: Substring, port: Substring?) {
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { throw .badHost(String(authority)) }
            let host = authority[authority.index(after: authority.startIndex)..<close]
            let rest = authority[authority.index(after: close)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw .badHost(String(authority)) }
            guard host.contains(":") else { throw .badHost(String(host)) }
            return (host, rest.isEmpty ? nil : rest.dropFirst())
        }
        guard let colon = authority.firstIndex(of: ":") else { return (authority, nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    static func port(_ text: Substring?, of scheme: Scheme) throws(TrackerURLError) -> UInt16 {
        guard let text, !text.isEmpty else {
            guard let port = scheme.defaultPort else { throw .missingPort }
            return port
        }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(text), port != 0 else {
            throw .badPort(String(text))
        }
        return port
    }

    /// An IPv6 address, or a name or IPv4 address of letters, digits, `-`, `_` and `.` (RFC 1035, as practised).
    static func checked(host: Substring) throws(TrackerURLError) -> String {
        if host.contains(":") {
            guard let address = IPAddress(text: host) else { throw .badHost(String(host)) }
            return address.description
        }
        let isName = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isName, (1...253).contains(host.utf8.count) else { throw .badHost(String(host)) }
        return host.lowercased()
    }

    /// Without the white space at its ends, which is common in lists of trackers.
    static func trimmed(_ text: String) -> Substring {
        let isBlank = { (scalar: Unicode.Scalar) in scalar.value <= 0x20 }
        let scalars = text.unicodeScalars.drop(while: isBlank)
        guard let last = scalars.lastIndex(where: { !isBlank($0) }) else { return "" }
        return Substring(scalars[...last])
    }

    /// Printable ASCII; bytes above it are percent-coded.
    static func checked(userInfo: Substring) throws(TrackerURLError) -> String {
        guard userInfo.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") }) else {
            throw .badUserInfo
        }
        return String(decoding: PercentCoding.codingHigh(userInfo.utf8), as: UTF8.self)
    }

    /// Begins with `/`; spaces and bytes above ASCII are percent-coded, controls refused, a fragment cut off.
    static func checked(target: Substring) throws(TrackerURLError) -> String {
        var output: [UInt8] = target.utf8.first == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
        for byte in target.utf8.prefix(while: { $0 != UInt8(ascii: "#") }) {
            guard byte >= 0x20, byte != 0x7F else { throw .badTarget }
            if byte > 0x20, byte < 0x80 { output.append(byte) } else { PercentCoding.append([byte], to: &output) }
        }
        guard output.count <= lengthLimit * 3 else { throw .tooLong(bytes: output.count) }
        return String(decoding: output, as: UTF8.self)
    }

    /// Path and query that ask for `request`, joined to a query that the URL has already.
    public func target(for request: AnnounceRequest) -> [UInt8] {
        var output = joinedTarget
        request.appendQuery(to: &output)
        return output
    }

    /// The option of a UDP announce with path and query (BEP 41); empty if the path says nothing.
    public var urlData: [UInt8] {
        target == "/" || target == "/announce" ? [] : Array(target.utf8)
    }

    private var joinedTarget: [UInt8] {
        var output = Array(target.utf8)
        if !output.contains(UInt8(ascii: "?")) {
            output.append(UInt8(ascii: "?"))
        } else if let last = output.last, last != UInt8(ascii: "?"), last != UInt8(ascii: "&") {
            output.append(UInt8(ascii: "&"))
        }
        return output
    }

    /// A whole HTTP GET request for `target`, which a `target(for:)` made. `agent` is printable ASCII; with
    /// `acceptsGzip`, the answer may come compressed.
    public func httpRequest(_ target: [UInt8], agent: String, acceptsGzip: Bool = false) -> [UInt8] {
        var output: [UInt8] = []
        output.append(ascii: "GET ")
        output += target
        output.append(ascii: " HTTP/1.1\r\nHost: ")
        output += authority.utf8
        output.append(ascii: "\r\nUser-Agent: ")
        output += agent.utf8
        if !userInfo.isEmpty {
            output.append(ascii: "\r\nAuthorization: Basic ")
            output += Base64.encoded(PercentCoding.decoded(Array(userInfo.utf8)))
        }
        output.append(ascii: "\r\nAccept-Encoding: ")
        output.append(ascii: acceptsGzip ? "gzip" : "identity")
        output.append(ascii: "\r\nConnection: close\r\n\r\n")
        return output
    }

    /// The path does not contain "announce", unlike those of nearly all trackers.
    public var lacksAnnounce: Bool { !target.prefix { $0 != "?" }.contains("announce") }
}
