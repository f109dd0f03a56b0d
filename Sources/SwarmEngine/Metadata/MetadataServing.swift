import TorrentCore

/// Gives the info dictionary to whoever asks for it (BEP 9). Each peer gets one block, and the next when that has left:
/// so blocks of pieces go between, and no queue of a link holds more than one. What is given counts as messages do: not
/// as payload, and against no rate limit.
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
        giveNext(to: peer, &agenda)
        return nil
    }

    /// The block of a `.metadataData` has left.
    func sent(to peer: PeerConnection, _ agenda: inout Agenda) {
        peer.metadata.isUnderWay = false
        giveNext(to: peer, &agenda)
    }

    private func mayServe(_ peer: PeerConnection) -> Bool {
        let most = MetadataMessage.blockCount(of: byteCount) * Self.timesServed
        return peer.metadata.waiting.count < Self.mostWaiting
            && peer.metadata.served + peer.metadata.waiting.count < most
    }

    private func giveNext(to peer: PeerConnection, _ agenda: inout Agenda) {
        guard !peer.metadata.isUnderWay, !peer.metadata.waiting.isEmpty else { return }
        peer.metadata.isUnderWay = true
        peer.metadata.served += 1
        agenda.effects.append(.sendExtension(peer.id, .metadataData(peer.metadata.waiting.removeFirst())))
    }
}

/// What a peer has asked for of the metadata, and what became of it.
struct MetadataRequests {
    /// Blocks that it waits for, first ones first.
    fileprivate(set) var waiting: [UInt32] = []
    /// One is on its way to it.
    fileprivate(set) var isUnderWay = false
    /// Blocks that were handed over for it.
    fileprivate(set) var served = 0
    /// Requests that were rejected.
    fileprivate(set) var refused = 0
}
