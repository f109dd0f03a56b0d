// The parts of a URL, each checked on its own.

extension NetworkURL {
    /// Host, without brackets, and the text behind its colon; nil if there is no colon.
    static func split(_ authority: Substring) throws(NetworkURLError<Scheme>) -> (host: Substring, port: Substring?) {
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

    static func port(_ text: Substring?, of scheme: Scheme) throws(NetworkURLError<Scheme>) -> UInt16 {
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
    static func checked(host: Substring) throws(NetworkURLError<Scheme>) -> String {
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
    static func checked(userInfo: Substring) throws(NetworkURLError<Scheme>) -> String {
        guard userInfo.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") }) else {
            throw .badUserInfo
        }
        return String(decoding: PercentCoding.codingHigh(userInfo.utf8), as: UTF8.self)
    }

    /// Begins with `/`; spaces and bytes above ASCII are percent-coded, controls refused, a fragment cut off.
    static func checked(target: Substring) throws(NetworkURLError<Scheme>) -> String {
        var output: [UInt8] = target.utf8.first == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
        for byte in target.utf8.prefix(while: { $0 != UInt8(ascii: "#") }) {
            guard byte >= 0x20, byte != 0x7F else { throw .badTarget }
            if byte > 0x20, byte < 0x80 { output.append(byte) } else { PercentCoding.append([byte], to: &output) }
        }
        guard output.count <= lengthLimit * 3 else { throw .tooLong(bytes: output.count) }
        return String(decoding: output, as: UTF8.self)
    }
}
