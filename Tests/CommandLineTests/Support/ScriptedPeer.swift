import TestSupport

/// A peer that the tests play themselves, wire byte by wire byte, to be as bad as they need.
enum ScriptedPeer {
    /// The 68 bytes that open a connection (BEP 3), without extensions.
    static func handshake(_ infoHash: String, id: String = "-XX0000-scriptedpeer") -> [UInt8] {
        let hash = stride(from: 0, to: 40, by: 2).compactMap { UInt8(infoHash.dropFirst($0).prefix(2), radix: 16) }
        return [19] + Array("BitTorrent protocol".utf8) + [UInt8](repeating: 0, count: 8) + hash + Array(id.utf8)
    }

    static func message(_ id: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
        word(1 + payload.count) + [id] + payload
    }

    static func word(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    static func number(_ bytes: some Collection<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    /// Has everything, unchokes, and answers each request with bytes that are wrong.
    static func lie(_ connection: LoopbackConnection, _ infoHash: String, pieces: Int) {
        guard connection.receiveExactly(68) != nil else { return }
        var bits = [UInt8](repeating: 0, count: (pieces + 7) / 8)
        for piece in 0..<pieces { bits[piece / 8] |= 0x80 >> UInt8(piece % 8) }
        connection.send(handshake(infoHash) + message(5, bits) + message(1))
        while let head = connection.receiveExactly(4) {
            let length = number(head)
            guard length > 0 else { continue }
            guard let body = connection.receiveExactly(length) else { return }
            guard body[0] == 6, length == 13 else { continue }
            let block = [UInt8](repeating: 0x5a, count: number(body[9..<13]))
            connection.send(message(7, Array(body[1..<9]) + block))
        }
    }

    /// Byte strings that no well-behaved peer sends after its handshake.
    static let nonsense: [(name: String, bytes: [UInt8])] = [
        ("a frame of 4 GiB", [0xff, 0xff, 0xff, 0xff, 5]),
        ("a frame of 2 MiB", word(2 << 20) + [7] + [UInt8](repeating: 0, count: 4096)),
        ("an unknown message", message(200, [1, 2, 3])),
        ("a have of another torrent", message(4, word(1 << 30))),
        ("a have without an index", message(4)),
        ("a bitfield of the wrong size", message(5, [UInt8](repeating: 0xff, count: 999))),
        ("a request of 1 GiB", message(2) + message(6, word(0) + word(0) + word(1 << 30))),
        ("a request beyond the end", message(2) + message(6, word(9999) + word(0) + word(16384))),
        ("a block nobody asked for", message(7, word(0) + word(0) + [UInt8](repeating: 1, count: 16384))),
        ("a block at a crooked place", message(7, word(0) + word(77) + [1])),
        ("a cancel of nothing", message(8, word(0) + word(0) + word(16384))),
        ("noise", [UInt8](repeating: 0x47, count: 5000)),
    ]
}
