extension PeerID {
    /// What the program of a peer is called, with its version, as far as its id says: "qBittorrent 4.6.5" of
    /// `-qB4650-`, the letters themselves of programs that are not known (BEP 20); nil if it says nothing.
    package var clientName: String? {
        let bytes = bytes.array
        guard bytes[0] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[1...6].allSatisfy(\.isLetterOrDigit)
        else { return Self.mainline(bytes) }
        let letters = String(decoding: bytes[1...2], as: UTF8.self)
        let name = Self.programName(letters) ?? letters
        var version = bytes[3...6].compactMap { Int(String(Unicode.Scalar($0)), radix: 36) }
        while version.count > 2, version.last == 0 { version.removeLast() }
        return "\(name) \(version.map(String.init).joined(separator: "."))"
    }

    /// "M7-10-5--…".
    private static func mainline(_ bytes: [UInt8]) -> String? {
        guard bytes[0] == UInt8(ascii: "M") else { return nil }
        let parts = bytes[1..<8].split(separator: UInt8(ascii: "-"), maxSplits: 3)
        let version = parts.prefix(3).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        guard version.count == 3, version.allSatisfy({ 0...99 ~= $0 }) else { return nil }
        return "Mainline \(version.map(String.init).joined(separator: "."))"
    }

    private static func programName(_ letters: String) -> String? {
        switch letters {
        case "AZ": "Vuze"
        case "BC": "BitComet"
        case "BI": "BiglyBT"
        case "BT": "BitTorrent"
        case "DE": "Deluge"
        case "KT": "KTorrent"
        case "LT": "libtorrent"
        case "lt": "rTorrent"
        case "PI": "PicoTorrent"
        case "PS": "p2p-peer"
        case "qB": "qBittorrent"
        case "TB": "Tribler"
        case "TR": "Transmission"
        case "UT": "µTorrent"
        case "WW": "WebTorrent"
        default: nil
        }
    }
}
