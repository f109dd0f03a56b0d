import Testing
import TorrentCore

@testable import TorrentIO

/// The far end of one of a session's connections: what it heard, and what it is about to say.
final class FarPeer {
    let socket: Descriptor
    let address: IPAddress
    let isFast: Bool
    private let stage: SessionStage
    private let reader: MessageReader
    private var heard: [UInt8] = []
    private(set) var hasShakenHands = false
    private var outbox: [UInt8] = []
    /// Requests that it has not answered, in order.
    var requests: [WireBlock] = []
    /// Those that were taken back by a cancel.
    var cancelled: [WireBlock] = []
    /// What it was sent.
    private(set) var blocks: [(block: WireBlock, bytes: [UInt8])] = []
    /// What it was told under the extension protocol: the id, and what follows it.
    private(set) var extended: [(id: UInt8, body: [UInt8])] = []
    private(set) var isClosed = false

    init(_ socket: Descriptor, _ stage: SessionStage, address: IPAddress, isFast: Bool) {
        self.socket = socket
        self.stage = stage
        self.address = address
        self.isFast = isFast
        reader = MessageReader(pieceCount: stage.geometry.pieceCount)
    }

    // MARK: Saying

    func say(_ messages: PeerMessage...) {
        for message in messages { message.append(to: &outbox) }
    }

    /// Instead of a bitfield message made by hand.
    func sayBitfield(_ pieces: Bitfield) { pieces.appendMessage(to: &outbox) }

    func sayExtended(_ count: Int) {
        ExtendedMessage.append(id: 9, body: [UInt8](repeating: 7, count: count), to: &outbox)
    }

    /// Its extension handshake, or something under the id that we gave to an extension.
    func sayExtended(_ id: UInt8, _ body: [UInt8]) { ExtendedMessage.append(id: id, body: body, to: &outbox) }

    /// A block with its true bytes, or with one that is not.
    func send(_ block: WireBlock, isTrue: Bool = true) {
        PieceHeader(block).append(to: &outbox)
        outbox += stage.bytes(of: block)
        if !isTrue { outbox[outbox.count - 1] ^= 1 }
    }

    /// Answers what was taken back, as BEP 6 has it.
    func rejectCancelled() {
        if isFast { for block in cancelled { say(.reject(block)) } }
        cancelled = []
    }

    /// Answers the first request.
    func answer() { send(requests.removeFirst()) }

    /// Puts at most `count` bytes of what was said on the wire; false if there are none left.
    @discardableResult
    func push(_ count: Int = .max) throws -> Bool {
        guard !outbox.isEmpty, !isClosed else { return false }
        let part = min(count, outbox.count)
        let sent: Int?
        do {
            sent = try outbox.withUnsafeBytes {
                try socket.send(UnsafeRawBufferPointer(rebasing: $0[..<part]))
            }
        } catch {
            isClosed = true
            return false
        }
        outbox.removeFirst(sent ?? 0)
        return true
    }

    /// Breaks the connection off, in the middle of a block if need be.
    func leave() {
        isClosed = true
        socket.close()
        stage.runIteration()
    }

    /// All that was said arrives in as few reads as the link likes.
    func burst() throws {
        while try push() { stage.runIteration() }
        stage.runIteration()
        try listen()
    }

    // MARK: Hearing

    /// Reads what there is, and keeps its list of requests.
    func listen() throws {
        var part = [UInt8](repeating: 0, count: 65_536)
        while !isClosed {
            let count: Int?
            do { count = try socket.read(into: &part) } catch { count = 0 }
            guard let count else { break }
            if count == 0 { isClosed = true }
            heard += part[..<count]
        }
        if !hasShakenHands {
            guard heard.count >= Handshake.byteCount else { return }
            heard.removeFirst(Handshake.byteCount)
            hasShakenHands = true
        }
        var at = 0
        while let size = try take(from: at) { at += size }
        heard.removeFirst(at)
    }

    private func take(from start: Int) throws -> Int? {
        let frame = try heard.withBytes { try reader.next(in: $0.extracting(start...)) }
        switch frame {
        case .incomplete: return nil
        case .message(let message, let size):
            switch message {
            case .request(let block): requests.append(block)
            case .cancel(let block):
                if let position = requests.lastIndex(of: block) { cancelled.append(requests.remove(at: position)) }
            default: break
            }
            return size
        case .extended(let id, let body, let size):
            extended.append((id, Array(heard[start + body.lowerBound..<start + body.upperBound])))
            return size
        case .bitfield(_, let size), .unknown(let size): return size
        case .piece(let block, let size):
            let end = start + size + Int(block.length)
            guard heard.count >= end else { return nil }
            blocks.append((block, Array(heard[start + size..<end])))
            return end - start
        }
    }
}
