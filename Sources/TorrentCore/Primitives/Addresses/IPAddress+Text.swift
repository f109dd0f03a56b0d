extension IPAddress: LosslessStringConvertible {
    /// Dotted IPv4 ("10.0.0.1") or IPv6 as in RFC 4291, with or without brackets; no names and no zones.
    public init?(_ text: String) {
        self.init(text: text[...])
    }

    /// The same of a part of a string.
    public init?(text: Substring) {
        if text.hasPrefix("[") {
            guard text.hasSuffix("]"), text.count > 2 else { return nil }
            self.init(v6Text: text.dropFirst().dropLast())
        } else if text.utf8.contains(UInt8(ascii: ":")) {
            self.init(v6Text: text)
        } else if let address = Self.v4(text) {
            self = .v4(address)
        } else {
            return nil
        }
    }

    private static func v4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard part.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), part.count <= 3, let byte = UInt8(part) else {
                return nil
            }
            address = address << 8 | UInt32(byte)
        }
        return address
    }

    private init?(v6Text text: Substring) {
        // At most one "::" stands for the zeros that fill up eight groups.
        var halves: [[UInt16]] = []
        var rest = text
        if let gap = text.firstRange(of: "::") {
            let after = text[gap.upperBound...]
            guard after.firstRange(of: "::") == nil, let head = Self.groups(text[..<gap.lowerBound], isEnd: false)
            else { return nil }
            halves.append(head)
            rest = after
        }
        guard let tail = Self.groups(rest, isEnd: true) else { return nil }
        halves.append(tail)
        let given = halves.reduce(0) { $0 + $1.count }
        guard halves.count == 2 ? given <= 7 : given == 8 else { return nil }
        let groups = halves[0] + Array(repeating: 0, count: 8 - given) + (halves.count == 2 ? halves[1] : [])
        self.init(
            high: groups[..<4].reduce(0) { $0 << 16 | UInt64($1) },
            low: groups[4...].reduce(0) { $0 << 16 | UInt64($1) })
    }

    /// Groups of one to four hexadecimal digits; the address's last may be a dotted IPv4 address, which is two groups.
    private static func groups(_ text: Substring, isEnd: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (position, part) in parts.enumerated() {
            if isEnd, position == parts.count - 1, part.contains("."), let address = v4(part) {
                groups += [UInt16(truncatingIfNeeded: address >> 16), UInt16(truncatingIfNeeded: address)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ UInt8(hexDigit: $0) != nil }),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    /// As people write it: IPv6 in the short form of RFC 5952.
    public var description: String {
        switch self {
        case .v4(let address):
            return [24, 16, 8, 0].map { String(UInt8(truncatingIfNeeded: address >> UInt32($0))) }
                .joined(separator: ".")
        case .v6(let high, let low):
            let groups = [high, low].flatMap { word in
                [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: word >> UInt64($0)) }
            }
            let zeros = Self.longestZeros(groups)
            guard zeros.count > 1 else { return groups.map { String($0, radix: 16) }.joined(separator: ":") }
            let head = groups[..<zeros.lowerBound].map { String($0, radix: 16) }.joined(separator: ":")
            let tail = groups[zeros.upperBound...].map { String($0, radix: 16) }.joined(separator: ":")
            return head + "::" + tail
        }
    }

    private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for position in 0...groups.count where position == groups.count || groups[position] != 0 {
            if position - start > best.count { best = start..<position }
            start = position + 1
        }
        return best
    }
}

extension Endpoint: LosslessStringConvertible {
    /// "10.0.0.1:6881" or "[::1]:6881".
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        // An IPv6 address needs its brackets here, or its last group would be taken for the port.
        guard host.hasPrefix("[") || !host.contains(":"), let address = IPAddress(text: host) else { return nil }
        self.init(address, port: port)
    }

    public var description: String { address.isV4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}
