import Synchronization
import TestSupport

/// A peer of the tests' own that has nothing but the metadata of a torrent, and gives as many blocks of it as it is let
/// (BEP 9, 10). It does not speak through our codecs.
final class MetadataPeer: Sendable {
    let port: Int
    private let gate: Gate
    private let server: LoopbackServer

    /// `info` is what it gives for the torrent of this hash, the first `blocks` of it until `open`.
    init(_ info: [UInt8], of infoHash: String, blocks: Int = .max) throws {
        let gate = Gate(info: info, infoHash: infoHash, blocks: blocks)
        self.gate = gate
        server = try LoopbackServer { gate.serve($0) }
        port = server.port
    }

    var link: String { "magnet:?xt=urn:btih:\(gate.infoHash)&x.pe=127.0.0.1:\(port)" }

    /// From now on it gives all of it.
    func open() { gate.open() }

    /// Ends every connection, and takes no other.
    func leave() { server.stop() }
}

private final class Gate: Sendable {
    private struct State {
        var blocks: Int
        /// Requests that wait until it is open, each with whom to answer.
        var waiting: [@Sendable () -> Void] = []
    }

    let info: [UInt8]
    let infoHash: String
    private let state: Mutex<State>
    private static let blockBytes = 16_384
    /// Under which it wants to be asked.
    private static let ownID: UInt8 = 7

    init(info: [UInt8], infoHash: String, blocks: Int) {
        self.info = info
        self.infoHash = infoHash
        state = Mutex(State(blocks: blocks))
    }

    func open() {
        let waiting = state.withLock { state in
            state.blocks = .max
            defer { state.waiting = [] }
            return state.waiting
        }
        for answer in waiting { answer() }
    }

    func serve(_ connection: LoopbackConnection) {
        guard connection.receiveExactly(68) != nil else { return }
        var hello = ScriptedPeer.handshake(infoHash)
        hello[20 + 5] |= 0x10
        let extensions = "d1:md11:ut_metadatai\(Self.ownID)ee13:metadata_sizei\(info.count)ee"
        connection.send(hello + ScriptedPeer.message(20, [0] + Array(extensions.utf8)))
        var theirID: UInt8 = 0
        while let head = connection.receiveExactly(4) {
            let length = ScriptedPeer.number(head)
            guard length > 0 else { continue }
            guard let body = connection.receiveExactly(length) else { return }
            guard length > 2, body[0] == 20 else { continue }
            let text = String(decoding: body[2...], as: UTF8.self)
            if body[1] == 0 {
                theirID = UInt8(Self.number(behind: "11:ut_metadatai", in: text) ?? 0)
            } else if body[1] == Self.ownID, let piece = Self.number(behind: "5:piecei", in: text), theirID != 0 {
                answer(piece, as: theirID, over: connection)
            }
        }
    }

    private func answer(_ piece: Int, as id: UInt8, over connection: LoopbackConnection) {
        let block = info.dropFirst(piece * Self.blockBytes).prefix(Self.blockBytes)
        let head = "d8:msg_typei1e5:piecei\(piece)e10:total_sizei\(info.count)ee"
        let send: @Sendable () -> Void = {
            connection.send(ScriptedPeer.message(20, [id] + Array(head.utf8) + block))
        }
        let isGiven = state.withLock { state in
            if piece >= state.blocks { state.waiting.append(send) }
            return piece < state.blocks
        }
        if isGiven { send() }
    }

    private static func number(behind mark: String, in text: String) -> Int? {
        guard let range = text.firstRange(of: mark) else { return nil }
        return Int(text[range.upperBound...].prefix { $0.isNumber })
    }
}
