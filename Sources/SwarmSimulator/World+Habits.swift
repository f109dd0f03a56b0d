import SwarmEngine
import TorrentCore

// Peers with bad habits. Their brains know nothing of them: the world carries out some effects wrongly, and now and
// then sends something that the brain did not want.

extension World {
    /// Sends what one of the node's habits demands, to one of its peers.
    func misbehave(_ node: SimulatedNode) {
        guard node.isAlive else { return }
        queue.push(.misbehave(node.number), at: now + node.plan.habitsEvery)
        let peers = node.brain.connectionList(at: now)
        guard let habit = node.plan.habits.randomElement(using: &generator),
            let peer = peers.randomElement(using: &generator), !node.isStopped
        else { return }
        for parcel in parcels(of: habit, of: node, for: peer.id) { post(parcel, from: node, peer.id) }
    }

    private func parcels(of habit: NodePlan.Habit, of node: SimulatedNode, for peer: ConnectionID) -> [Parcel] {
        let count = UInt32(geometry.pieceCount)
        let block = WireBlock(piece: count, begin: 0, length: 16_384)
        switch habit {
        case .namesNoPiece: return [.message(.have(count))]
        case .allowsNoPiece: return [.message(.allowedFast(count))]
        case .asksForNoPiece: return [.message(.request(block))]
        case .rejectsNoPiece: return [.message(.reject(block))]
        case .asksBeyondPiece:
            return [.message(.request(WireBlock(piece: 0, begin: UInt32(geometry.pieceLength), length: 1)))]
        case .asksForTooMuch:
            return [.message(.request(WireBlock(piece: 0, begin: 0, length: UInt32(geometry.pieceLength))))]
        case .floods: return (0..<24).map { _ in .message(.request(anyBlock().onWire)) }
        case .sendsStrayBlocks: return (0..<24).map { _ in .piece(anyBlock(), isCorrect: true) }
        case .sendsBlocksBeyondPiece: return [.strayPiece(block)]
        case .sendsLongBitfield: return [.bitfield(node.brain.have.wire + [0])]
        case .repeatsBitfield: return [.bitfield(node.brain.have.wire)]
        case .sendsFastMessages: return [.message(anyFastMessage())]
        case .chatters: return [.message(anyChatter())]
        case .allowsAnything: return (0..<4).map { _ in .message(.allowedFast(anyBlock().piece.number)) }
        case .cancels: return cancels(of: node, for: peer)
        case .rejects: return (0..<4).map { _ in .message(.reject(anyBlock().onWire)) }
        case .refusesToServe, .ignoresCancels: return []
        case .tellsOfAll: return [gossip()]
        }
    }

    /// Other peers, and addresses where nobody is, under the number that our brains want to be sent them.
    private func gossip() -> Parcel {
        var all = nodes.map(\.endpoint)
        all += (0..<4).map { Endpoint(.v4(0x0B00_0000 + $0), port: 6_881) }
        let told = all.shuffled(using: &generator).prefix(PeerExchange.mostSent).map { ExchangedPeer($0) }
        var frame: [UInt8] = []
        ExtensionMessage.exchange(PeerExchange(added: told)).append(as: PeerExtension.exchange.rawValue, to: &frame)
        return .extended(frame)
    }

    private func anyBlock() -> BlockRequest {
        let piece = geometry.piece(Int.random(in: 0..<geometry.pieceCount, using: &generator))
        return geometry.block(Int.random(in: 0..<geometry.blockCount(of: piece), using: &generator), of: piece)
    }

    private func anyFastMessage() -> PeerMessage {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .haveAll
        case 1: .haveNone
        case 2: .suggest(anyBlock().piece.number)
        default: .reject(anyBlock().onWire)
        }
    }

    private func anyChatter() -> PeerMessage {
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: .keepAlive
        case 1: .port(6_881)
        case 2: .choke
        case 3: .unchoke
        case 4: .interested
        case 5: .notInterested
        default: .have(anyBlock().piece.number)
        }
    }

    /// Cancels of requests that it has just sent, and of another block.
    private func cancels(of node: SimulatedNode, for peer: ConnectionID) -> [Parcel] {
        var parcels: [Parcel] = [.message(.cancel(anyBlock().onWire))]
        node.brain.forEachExpected(from: peer) { block in
            parcels.append(.message(.cancel(block.onWire)))
            return parcels.count < 4
        }
        return parcels
    }

    // MARK: Effects carried out wrongly

    /// Sends something else, or nothing, in place of a block. False: the block is to be served.
    func servesWrongly(_ block: BlockRequest, from node: SimulatedNode, _ id: ConnectionID) -> Bool {
        if node.plan.habits.contains(.refusesToServe) {
            if node.plan.isFast { post(.message(.reject(block.onWire)), from: node, id) }
            return true
        }
        guard happens(oneIn: node.plan.forgetsOneIn) else { return false }
        post(.forgotten(block), from: node, id)
        return true
    }

    func isIgnored(_ message: PeerMessage, by node: SimulatedNode) -> Bool {
        guard case .cancel = message else { return false }
        return node.plan.habits.contains(.ignoresCancels)
    }

    // MARK: Links that break

    /// Breaks a random connection of the node, for both sides.
    func breakLink(of node: SimulatedNode) {
        guard node.isAlive, let pause = node.plan.linkBreaksEvery else { return }
        queue.push(.breakLink(node.number), at: now + pause)
        guard let peer = node.brain.connectionList(at: now).randomElement(using: &generator),
            let index = node.links.removeValue(forKey: peer.id), index >= 0
        else { return }
        let sides = links[index].sides
        let side = sides[0].node == node.number && sides[0].id == peer.id ? 0 : 1
        cut(link: index, side: side, reason: .networkError)
        tell(node, .linkClosed(peer.id, .networkError))
    }
}
