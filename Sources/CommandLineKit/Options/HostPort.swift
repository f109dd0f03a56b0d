/// A host, by name or address, and a port; nothing is looked up here.
package struct HostPort: Sendable, Equatable {
    /// Without the brackets of an IPv6 address; nil where only a port was given.
    package let host: String?
    package let port: UInt16

    package init(host: String?, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// "10.0.0.1:6881", "[::1]:6881", "example.org:80", "6881", ":6881".
    init?(_ text: String) {
        if let port = UInt16(text), ScaledNumber.isPlain(text) {
            self.init(host: nil, port: port)
            return
        }
        guard let colon = text.unicodeScalars.lastIndex(of: ":") else { return nil }
        let digits = String(text[text.unicodeScalars.index(after: colon)...])
        guard ScaledNumber.isPlain(digits), let port = UInt16(digits) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.unicodeScalars.contains(":") else { return nil }
        } else if host.unicodeScalars.contains(":") {
            // Without brackets the last group of an IPv6 address would be taken for the port.
            return nil
        }
        guard host.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F && $0 != "/" && $0 != "[" }) else {
            return nil
        }
        self.init(host: host.isEmpty ? nil : String(host), port: port)
    }
}

extension ValueParser<HostPort> {
    /// `PORT` or `ADDR:PORT`; port 0 lets the system choose.
    package static var listen: ValueParser<HostPort> {
        ValueParser(expected: "a port or an address with one (for example 6881, 127.0.0.1:6881 or [::1]:6881)") {
            HostPort($0)
        }
    }

    /// `HOST:PORT`, both needed, port not 0.
    package static var hostAndPort: ValueParser<HostPort> {
        ValueParser(expected: "HOST:PORT (for example 192.168.1.7:6881 or [::1]:6881)") { text in
            guard let value = HostPort(text), value.host != nil, value.port != 0 else { return nil }
            return value
        }
    }
}
