import Glibc
import TestSupport
import TorrentCore

/// What a peer says to a link, made up from a seed: blocks that were asked for, mostly in order, with everything else
/// that a peer may say in between.
struct LinkScript {
    /// One thing that was said, as the link's owner should hear it.
    enum Said: Hashable, Sendable {
        case message(PeerMessage)
        case bitfield(Int)
        case extended(UInt8, Int)
        case block(WireBlock)
        /// A block that nobody asked for.
        case stray(WireBlock)
    }

    /// The payload that everything is about.
    static let payload = pattern(300_001)

    /// Blocks in the order in which the link asks for them.
    private(set) var asked: [WireBlock] = []
    private(set) var said: [Said] = []
    private(set) var bytes: [UInt8] = []
    private var generator: SplitMix64

    init(seed: UInt64, geometry: TorrentGeometry) {
        generator = SplitMix64(seed: seed)
        for piece in geometry.pieces {
            for number in 0..<geometry.blockCount(of: piece) {
                asked.append(geometry.block(number, of: piece).onWire)
            }
        }
        asked.shuffle(using: &generator)
        var order = asked
        let swaps = Int.random(in: 0...3, using: &generator)
        for _ in 0..<swaps {
            order.swapAt(
                Int.random(in: order.indices, using: &generator), Int.random(in: order.indices, using: &generator))
        }
        // A script in four is nothing but blocks, so that long runs without a word between them are tried too.
        let isChatty = Int.random(in: 0..<4, using: &generator) > 0
        for block in order {
            if isChatty { chat() }
            say(.block(block), block, geometry)
        }
        say(.message(.keepAlive))
    }

    private mutating func chat() {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: say(.message(.have(UInt32.random(in: 0..<5, using: &generator))))
        case 1: say(.message(.keepAlive))
        case 2: say(.message(.unchoke))
        case 3:
            said.append(.bitfield(1))
            Bitfield(count: 5).appendMessage(to: &bytes)
        case 4:
            let body = pattern(Int.random(in: 0...20_000, using: &generator))
            said.append(.extended(7, body.count))
            ExtendedMessage.append(id: 7, body: body, to: &bytes)
        case 5:
            let stray = WireBlock(piece: 9, begin: 0, length: UInt32.random(in: 1...100_000, using: &generator))
            said.append(.stray(stray))
            PieceHeader(stray).append(to: &bytes)
            bytes += [UInt8](repeating: 0xEE, count: Int(stray.length))
        default: break
        }
    }

    private mutating func say(_ message: Said) {
        guard case .message(let wire) = message else { return }
        said.append(message)
        wire.append(to: &bytes)
    }

    private mutating func say(_ block: Said, _ wire: WireBlock, _ geometry: TorrentGeometry) {
        said.append(block)
        PieceHeader(wire).append(to: &bytes)
        let start = Int(wire.piece) * geometry.pieceLength + Int(wire.begin)
        bytes += Self.payload[start..<start + Int(wire.length)]
    }

    /// Sends everything in pieces of random length, and waits for room where there is none.
    mutating func send(to descriptor: Int32, longest: Int) -> Bool {
        var at = 0
        while at < bytes.count {
            let count = min(bytes.count - at, Int.random(in: 1...longest, using: &generator))
            let sent = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + at, count) }
            if sent < 0 { return false }
            at += sent
        }
        return true
    }
}
