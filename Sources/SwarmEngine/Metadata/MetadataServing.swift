import TorrentCore

/// Gives the info dictionary to whoever asks for it (BEP 9), from memory. A peer gets some blocks, and the next when
/// they have left: one at first, twice as many each time that its line took them quickly, fewer where it is slow. So
/// blocks of pieces, and messages, never wait long behind them. What is given counts as messages do: not as payload,
/// and against no rate limit.
struct MetadataServing {
    /// Bytes of the dictionary; 0 where there is none to be given.
    let byteCount: Int

    /// Requests of one peer that wait; further ones are rejected.
    static let mostWaiting = 256
    /// A peer is given each block so often, taken all together.
    static let timesServed = 4
    /// Requests of one peer that are rejected before that counts as hostile.
    static let mostRefused = 4_096

    var isOn: Bool { byteCount > 0 }

    /// A peer asks for a block. Returns what that breaks of the protocol, if anything.
    func requested(_ piece: UInt32, by peer: PeerConnection, _ agenda: inout Agenda) -> Violation? {
        // Who does not say under which id it is to be answered gets none. Who has nothing must reject.
        guard peer.extensions.speaks(.metadata) else { return nil }
        guard MetadataMessage.range(of: piece, in: byteCount) != nil, mayServe(peer) else {
            peer.metadata.refused += 1
            guard peer.metadata.refused <= Self.mostRefused else { return .requestFlood }
            agenda.effects.append(.sendExtension(peer.id, .metadataReject(piece)))
            return nil
        }
        peer.metadata.waiting.append(piece)
        give(to: peer, &agenda)
        return nil
    }

    /// All blocks that were given to this peer have left.
    func sent(to peer: PeerConnection, _ agenda: inout Agenda) {
        peer.metadata.underWay.haveLeft(at: agenda.now)
        give(to: peer, &agenda)
    }

    private func mayServe(_ peer: PeerConnection) -> Bool {
        let most = MetadataMessage.blockCount(of: byteCount) * Self.timesServed
        return peer.metadata.waiting.count < Self.mostWaiting
            && peer.metadata.served + peer.metadata.waiting.count < most
    }

    private func give(to peer: PeerConnection, _ agenda: inout Agenda) {
        // Who takes the extension back waits for nothing more.
        if !peer.extensions.speaks(.metadata) { peer.metadata.waiting = [] }
        let blocks = peer.metadata.waiting.prefix(peer.metadata.underWay.room)
        guard !blocks.isEmpty else { return }
        for piece in blocks { agenda.effects.append(.sendExtension(peer.id, .metadataData(piece))) }
        peer.metadata.underWay.given(blocks.count, at: agenda.now)
        peer.metadata.served += blocks.count
        peer.metadata.waiting.removeFirst(blocks.count)
    }
}

/// What a peer has asked for of the metadata, and what became of it.
struct MetadataRequests {
    /// Blocks that it waits for, first ones first.
    fileprivate(set) var waiting: [UInt32] = []
    fileprivate(set) var underWay = BlocksUnderWay()
    /// Blocks that were handed over for it.
    fileprivate(set) var served = 0
    /// Requests that were rejected.
    fileprivate(set) var refused = 0
}

/// How many blocks of metadata are on their way to a peer, and how many may be: as many as its line takes in a moment.
struct BlocksUnderWay {
    private(set) var count = 0
    private(set) var depth = 1
    /// When the first of them was given.
    private var since = Moment.zero

    /// Half a megabyte, which is half of what may wait in a link.
    static let deepest = 32
    /// Where blocks leave within the first time there may be twice as many, where it takes the second half of them.
    static let (quick, slow) = (Duration.milliseconds(20), Duration.milliseconds(100))

    /// How many more may be given now.
    var room: Int { depth - count }

    mutating func given(_ blocks: Int, at now: Moment) {
        if count == 0 { since = now }
        count += blocks
    }

    mutating func haveLeft(at now: Moment) {
        let time = now - since
        if count == depth, time <= Self.quick { depth = min(2 * depth, Self.deepest) }
        if time >= Self.slow { depth = max(1, depth / 2) }
        count = 0
    }
}
