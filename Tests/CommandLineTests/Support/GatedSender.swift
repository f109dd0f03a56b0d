import Synchronization
import TestSupport

/// A seeder of the tests' own that shows some pieces at first and all of them once it is opened: a download stops
/// where the test wants it, whatever the machine's speed.
final class GatedSender: Sendable {
    let port: Int
    private let gate: Gate
    private let server: LoopbackServer

    /// Shows the pieces of `first` until `open`.
    init(_ shared: SharedTorrent, pieceLength: Int = 32 << 10, first: Range<Int>) throws {
        let gate = Gate(
            infoHash: shared.infoHash, payload: try shared.bytes(), pieceLength: pieceLength, first: first)
        self.gate = gate
        server = try LoopbackServer { gate.serve($0) }
        port = server.port
    }

    var options: [String] { ["--peer", "127.0.0.1:\(port)"] }

    /// From now on everything is there.
    func open() { gate.open() }

    /// Ends every connection, and takes no other.
    func leave() { server.stop() }
}

extension SharedTorrent {
    /// The payload in the order of its files.
    func bytes() throws -> [UInt8] {
        try payload.files.flatMap { try FileTree.read($0.path.isEmpty ? content : "\(content)/\($0.path)") }
    }
}

/// What the connections of a sender share.
private final class Gate: Sendable {
    private struct State {
        var shown: Set<Int>
        var lines: [Line] = []
    }

    private let infoHash: String
    private let payload: [UInt8]
    private let pieceLength: Int
    private let pieces: Int
    private let state: Mutex<State>

    init(infoHash: String, payload: [UInt8], pieceLength: Int, first: Range<Int>) {
        self.infoHash = infoHash
        self.payload = payload
        self.pieceLength = pieceLength
        pieces = (payload.count + pieceLength - 1) / pieceLength
        state = Mutex(State(shown: Set(first)))
    }

    func open() {
        state.withLock { state in
            let news = (0..<pieces).filter { !state.shown.contains($0) }
            state.shown.formUnion(news)
            let haves = news.flatMap { ScriptedPeer.message(4, ScriptedPeer.word($0)) }
            for line in state.lines { line.send(haves) }
        }
    }

    func serve(_ connection: LoopbackConnection) {
        guard connection.receiveExactly(68) != nil else { return }
        let line = Line(connection)
        state.withLock { state in
            var bits = [UInt8](repeating: 0, count: (pieces + 7) / 8)
            for piece in state.shown { bits[piece / 8] |= 0x80 >> UInt8(piece % 8) }
            line.send(ScriptedPeer.handshake(infoHash) + ScriptedPeer.message(5, bits) + ScriptedPeer.message(1))
            state.lines.append(line)
        }
        while let head = connection.receiveExactly(4) {
            let length = ScriptedPeer.number(head)
            guard length > 0 else { continue }
            guard let body = connection.receiveExactly(length) else { return }
            guard body[0] == 6, length == 13 else { continue }
            let start = ScriptedPeer.number(body[1..<5]) * pieceLength + ScriptedPeer.number(body[5..<9])
            let block = payload[start..<start + ScriptedPeer.number(body[9..<13])]
            line.send(ScriptedPeer.message(7, Array(body[1..<9]) + block))
        }
    }
}

/// A connection that two threads write to, a message each at a time.
private final class Line: Sendable {
    private let connection: LoopbackConnection
    private let writing = Mutex(())

    init(_ connection: LoopbackConnection) { self.connection = connection }

    func send(_ bytes: [UInt8]) {
        writing.withLock { _ in _ = connection.send(bytes) }
    }
}
