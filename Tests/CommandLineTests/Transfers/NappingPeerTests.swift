import TestSupport
import Testing

/// A leecher with the habits of rqbit: it asks for piece after piece as long as it knows of one, whether or not the one
/// before has come, and sleeps when it knows of none.
@Suite("A peer that naps")
struct NappingPeerTests {
    @Test("A seeder gives it no reason to")
    func alone() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 1 << 20))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            let length = shared.payload.length
            var leecher = NappingPeer(
                try LoopbackConnection(connectingTo: try await seeder.listeningPort()), length: length)
            let isComplete = leecher.fetch(shared.infoHash)
            #expect(isComplete && leecher.received == length)
            #expect(leecher.naps == 0)
            #expect(leecher.chokes == 0)
        }
    }
}

/// Pieces of 32 KiB, as the stage makes them, of two blocks each.
private struct NappingPeer {
    private let connection: LoopbackConnection
    private let length: Int
    private var known: Set<Int> = []
    private var asked: Set<Int> = []
    private var isUnchoked = false
    private(set) var received = 0
    private(set) var naps = 0
    private(set) var chokes = 0

    private static let pieceLength = 32 << 10
    private static let blockLength = 16 << 10

    init(_ connection: LoopbackConnection, length: Int) {
        self.connection = connection
        self.length = length
    }

    private var pieceCount: Int { (length + Self.pieceLength - 1) / Self.pieceLength }

    /// False if the other side hung up, or it would sleep for the third time.
    mutating func fetch(_ infoHash: String) -> Bool {
        connection.send(ScriptedPeer.handshake(infoHash))
        guard connection.receiveExactly(68) != nil else { return false }
        while known.isEmpty { guard hear() else { return false } }
        connection.send(ScriptedPeer.message(2))
        while received < length {
            while !isUnchoked { guard hear() else { return false } }
            if let piece = known.subtracting(asked).min() {
                ask(for: piece)
                continue
            }
            if asked.count < pieceCount {
                naps += 1
                guard naps < 3 else { return false }
            }
            guard hear() else { return false }
        }
        return true
    }

    private mutating func ask(for piece: Int) {
        asked.insert(piece)
        let end = min(length, (piece + 1) * Self.pieceLength)
        for start in stride(from: piece * Self.pieceLength, to: end, by: Self.blockLength) {
            let numbers = [piece, start - piece * Self.pieceLength, min(Self.blockLength, end - start)]
            connection.send(ScriptedPeer.message(6, numbers.flatMap(ScriptedPeer.word)))
        }
    }

    /// One message.
    private mutating func hear() -> Bool {
        guard let head = connection.receiveExactly(4) else { return false }
        let size = ScriptedPeer.number(head)
        guard size > 0 else { return true }
        guard let body = connection.receiveExactly(size) else { return false }
        switch body[0] {
        case 0: (isUnchoked, chokes) = (false, chokes + 1)
        case 1: isUnchoked = true
        case 4: known.insert(ScriptedPeer.number(body[1..<5]))
        case 5: known = Set((0..<pieceCount).filter { body[1 + $0 / 8] << UInt8($0 % 8) & 0x80 != 0 })
        case 7: received += size - 9
        default: break
        }
        return true
    }
}
