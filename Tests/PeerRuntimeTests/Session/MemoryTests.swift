import Glibc
import Synchronization
import Testing
import TorrentCore

@testable import PeerRuntime
@testable import TorrentIO

/// The system has no memory for a piece: the download says so, and goes on with what there is.
@Suite struct MemoryTests {
    /// Lends memory for at most so many pieces at once; counts how often it had to say no.
    private final class Lender: Sendable {
        private struct State {
            var left: Int
            var refusals = 0
        }
        private let state: Mutex<State>

        init(pieces: Int) { state = Mutex(State(left: pieces)) }

        func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
            let lends = state.withLock { state in
                guard state.left > 0 else {
                    state.refusals += 1
                    return false
                }
                state.left -= 1
                return true
            }
            guard lends else { return nil }
            let base = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            return base == MAP_FAILED ? nil : base
        }

        func lend(_ pieces: Int) { state.withLock { $0.left += pieces } }
        var refusals: Int { state.withLock(\.refusals) }
    }

    /// Answers all requests until the session has everything or the iterations are used up; how many blocks that took.
    private func serve(
        _ staged: StagedSession, by peer: FarPeer, iterations: Int, each time: Duration
    ) throws -> Int {
        var sent = 0
        for _ in 0..<iterations where !staged.session.have.isFull {
            try peer.burst()
            peer.rejectCancelled()
            while !peer.requests.isEmpty {
                peer.answer()
                sent += 1
            }
            staged.stage.runIteration(after: time)
            staged.stage.settle()
        }
        return sent
    }

    /// Memory for two pieces has to do for sixteen.
    @Test(arguments: [ReservedBits.fast, []])
    func aFewBuffersAreEnough(reserved: ReservedBits) throws {
        let lender = Lender(pieces: 2)
        let stage = try SessionStage(
            length: 1 << 20, pieceLength: 65_536,
            buffers: PieceBufferPool(budget: 32 << 20, idleLimit: 32 << 20) { lender.map($0) })
        let staged = StagedSession(stage)
        defer { staged.stop() }
        let peer = try staged.join(reserved)
        peer.sayBitfield(Bitfield(count: stage.geometry.pieceCount, filled: true))
        peer.say(.unchoke)
        let sent = try serve(staged, by: peer, iterations: 2_000, each: .milliseconds(5))
        #expect(staged.session.have.isFull)
        #expect(lender.refusals > 0)
        #expect(staged.codes.contains("no_memory"))
        // Nothing is fetched again and again: what was taken back had been answered already.
        #expect(sent <= 3 * 64)
    }

    /// Memory for no piece at all: it waits, and goes on once there is some.
    @Test func withoutMemoryItWaits() throws {
        let lender = Lender(pieces: 0)
        let stage = try SessionStage(
            length: 256 << 10, pieceLength: 65_536,
            buffers: PieceBufferPool(budget: 32 << 20, idleLimit: 32 << 20) { lender.map($0) })
        let staged = StagedSession(stage)
        defer { staged.stop() }
        let peer = try staged.join(.fast)
        peer.say(.haveAll, .unchoke)
        let sent = try serve(staged, by: peer, iterations: 400, each: .milliseconds(50))
        #expect(staged.session.have.isEmpty)
        // In twenty seconds or so it has tried every two.
        #expect((5...40).contains(lender.refusals))
        #expect(sent <= 40 * 8)
        lender.lend(4)
        _ = try serve(staged, by: peer, iterations: 400, each: .milliseconds(50))
        #expect(staged.session.have.isFull)
        #expect(staged.codes == ["no_memory"])
    }
}
