import SwarmEngine
import TorrentCore

/// The peer's brain with a million pieces and 500 peers, of whom each tenth has all and the others every second piece.
func measurePicker(_ bench: Bench) {
    var swarm = PickerSwarm(pieces: bench.isShort ? 10_000 : 1_000_000, peers: bench.isShort ? 50 : 500)
    let name = "picker/\(swarm.geometry.pieceCount) pieces, \(swarm.peerCount) peers"
    let joining = bench.timeOnce { swarm.joinAll() }
    bench.say("\(name): bitfield", joining / Double(swarm.peerCount) / 1e3, "us")
    let first = bench.timeOnce { swarm.unchoke(0) }
    bench.say("\(name): first pick, sorts", first / 1e6, "ms")
    let have = bench.time { swarm.have() }
    bench.say("\(name): have", have, "ns")
    var picks = 0
    let picking = bench.timeOnce { for peer in 1..<min(20, swarm.peerCount) { picks += swarm.unchoke(peer) } }
    bench.say("\(name): pick", picking / Double(max(1, picks)), "ns")
    let blocks = bench.isShort ? 200 : 20_000
    var (arriving, storing) = (0.0, 0.0)
    var stored = 0
    for _ in 0..<blocks {
        arriving += bench.timeOnce { swarm.deliver() }
        guard !swarm.verified.isEmpty else { continue }
        stored += swarm.verified.count
        storing += bench.timeOnce { swarm.store() }
    }
    bench.say("\(name): block arrived", arriving / Double(blocks), "ns")
    bench.say("\(name): piece stored", storing / Double(max(1, stored)), "ns")
}

/// A swarm whose peers answer each request in order.
private struct PickerSwarm: ~Copyable {
    var swarm: Swarm
    let geometry: TorrentGeometry
    let peerCount: Int
    private var now = Moment(nanoseconds: 1_000_000_000)
    private var effects: SwarmEffects = []
    private var peers: [ConnectionID] = []
    private var generator = SplitMix64(seed: 3)
    /// Requests not yet answered, in order, from `nextRequest` on.
    private var requests: [(peer: ConnectionID, block: WireBlock)] = []
    private var nextRequest = 0
    private(set) var verified: [PieceIndex] = []

    private static let infoHash = InfoHash(Bytes20(high: 7, middle: 7, low: 7))

    init(pieces: Int, peers: Int) {
        let length = 32 << 10
        guard let geometry = TorrentGeometry(totalLength: Int64(pieces * length), pieceLength: length) else {
            preconditionFailure("a payload")
        }
        self.geometry = geometry
        peerCount = peers
        var configuration = SwarmConfiguration(
            geometry: geometry, infoHash: Self.infoHash, ourID: PeerID(Bytes20(high: 1, middle: 0, low: 0)),
            have: Bitfield(count: pieces), seed: 1)
        configuration.limits.connections = peers
        swarm = Swarm(configuration, at: now)
        swarm.take(.start, at: now, effects: &effects)
    }

    mutating func joinAll() {
        for number in 0..<peerCount {
            let handshake = Handshake(
                infoHash: Self.infoHash, peerID: PeerID(Bytes20(high: UInt64(number) + 2, middle: 0, low: 0)),
                reserved: .fast)
            let endpoint = Endpoint(.v4(0x0800_0000 + UInt32(number) * 65_536), port: 6_881)
            guard let id = swarm.linkAccepted(from: endpoint, handshake: handshake, at: now, effects: &effects) else {
                preconditionFailure("there is room for every peer")
            }
            peers.append(id)
            if number % 10 == 0 {
                swarm.take(.message(.haveAll, from: id), at: now, effects: &effects)
            } else {
                var wire = [UInt8](repeating: number % 2 == 0 ? 0x55 : 0xAA, count: (geometry.pieceCount + 7) / 8)
                if geometry.pieceCount % 8 != 0 { wire[wire.count - 1] = 0 }
                swarm.take(.bitfield(wire, from: id), at: now, effects: &effects)
            }
        }
        drain()
    }

    /// How many blocks the peer is asked for.
    @discardableResult
    mutating func unchoke(_ peer: Int) -> Int {
        let before = requests.count
        swarm.take(.message(.unchoke, from: peers[peer]), at: now, effects: &effects)
        drain()
        return requests.count - before
    }

    /// A peer that has every second piece gets another.
    mutating func have() {
        var number = Int.random(in: 0..<peerCount, using: &generator)
        if number % 10 == 0 { number += 1 }
        let piece = UInt32(Int.random(in: 0..<geometry.pieceCount, using: &generator))
        swarm.take(.message(.have(piece), from: peers[number]), at: now, effects: &effects)
        effects.removeAll(keepingCapacity: true)
    }

    /// The oldest request is answered.
    mutating func deliver() {
        guard nextRequest < requests.count else { return }
        let (peer, block) = requests[nextRequest]
        nextRequest += 1
        now = now + .microseconds(20)
        if case .accept(let accepted) = swarm.admit(block, from: peer, at: now, effects: &effects) {
            swarm.take(.blockArrived(accepted, from: peer), at: now, effects: &effects)
        } else {
            swarm.take(.blockDiscarded(block, from: peer), at: now, effects: &effects)
        }
        drain()
    }

    mutating func store() {
        for piece in verified { swarm.take(.pieceStored(piece), at: now, effects: &effects) }
        verified.removeAll(keepingCapacity: true)
        effects.removeAll(keepingCapacity: true)
    }

    private mutating func drain() {
        for effect in effects {
            switch effect {
            case .send(let peer, .request(let block)): requests.append((peer, block))
            case .verifyAndStore(let piece): verified.append(piece)
            default: break
            }
        }
        effects.removeAll(keepingCapacity: true)
    }
}
