import TorrentCore

extension Fuzzer {
    /// Two peers shaking hands. The first byte says which of both we are, and how much of ours is sent at once.
    static let handshakeMachine = Fuzzer(
        "handshake-machine", "the end is the same in whatever parts it comes, and nothing past it is taken",
        inputLimit: 256
    ) {
        let id = Bytes20(high: 7, middle: 8, low: 9)
        var bytes: [UInt8] = []
        Handshake(infoHash: InfoHash(id), peerID: PeerID(id), reserved: .fast).append(to: &bytes)
        return [
            [0] + bytes, [1] + bytes + [0, 0, 0, 1, 2], [6] + bytes + bytes, [7] + bytes.prefix(67),
            [0] + Array("GET / HTTP/1.1\r\n\r\n".utf8), [1, 19, 66], [1],
        ]
    } run: { bytes in
        guard let kind = bytes.first else { return }
        let heard = Array(bytes.dropFirst())
        let whole = shake(kind, [heard])
        hold(shake(kind, pieces(of: heard)) == whole, "another end when it comes in pieces")
        hold(shake(kind, heard.map { [$0] }) == whole, "another end when it comes byte by byte")
        hold(shake(kind ^ 1, [heard]) == whole, "another end for the other side")
        switch whole {
        case .incomplete:
            hold(heard.count < Handshake.byteCount, "incomplete after \(heard.count) bytes")
        case .established(let theirs, let consumed):
            hold(consumed == Handshake.byteCount, "\(consumed) bytes of a handshake")
            var written: [UInt8] = []
            theirs.append(to: &written)
            hold(written == Array(heard.prefix(consumed)), "another handshake than came")
        case .failed(let error):
            hold(error == .notBitTorrent, "\(error)")
            hold(shake(kind, [heard + heard]) == whole, "more bytes make it a handshake")
        }
    }

    /// What becomes of it; `consumed` is of all parts.
    private static func shake(_ kind: UInt8, _ parts: [[UInt8]]) -> HandshakeMachine.Progress {
        var machine = kind & 1 == 0 ? HandshakeMachine.incoming() : speak(inParts: Int(kind >> 1))
        var taken = 0
        for part in parts {
            switch machine.take(part[...]) {
            case .incomplete: taken += part.count
            case .established(let theirs, let consumed): return .established(theirs, consumed: taken + consumed)
            case .failed(let error): return .failed(error)
            }
        }
        return .incomplete
    }

    /// One that has connected and said what it has to say, so many bytes at a time; all at once for 0.
    private static func speak(inParts length: Int) -> HandshakeMachine {
        let id = Bytes20(high: 1, middle: 2, low: 3)
        let ours = Handshake(infoHash: InfoHash(id), peerID: PeerID(id))
        var machine = HandshakeMachine.outgoing(saying: ours)
        var (said, wanted): ([UInt8], [UInt8]) = ([], [])
        ours.append(to: &wanted)
        while !machine.outbox.isEmpty {
            let part = machine.outbox.prefix(length == 0 ? .max : length)
            said += part
            machine.said(part.count)
        }
        hold(said == wanted, "ours is said otherwise")
        return machine
    }
}
