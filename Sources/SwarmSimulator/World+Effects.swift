import SwarmEngine
import TorrentCore

// What the shell of a simulated node does with the effects of its brain.

extension World {
    func carryOut(_ effect: SwarmEffect, of node: SimulatedNode) {
        switch effect {
        case .connect(let id, let endpoint):
            let mayCall = node.acquaintance.calls(endpoint, named: node.plan.named.map { nodes[$0].endpoint })
            if plan.isPrivate, !mayCall {
                fault("node \(node.number) calls \(endpoint), whom its tracker has not named")
            }
            connect(node, id, to: endpoint)
        case .close(let id, let reason): close(node, id, reason)
        case .send(let id, let message):
            if node.plan.isFreeRider, Self.isWithheld(message) { return }
            if node.plan.client != .ours, isKeptBack(message, by: node, over: id) { return }
            post(.message(message), from: node, id)
        case .sendBitfield(let id): post(.bitfield(node.brain.have.wire), from: node, id)
        case .sendExtension(let id, .handshake):
            post(.extensionHandshake(node.brain.extensionHandshake(listenPort: node.endpoint.port)), from: node, id)
        case .sendExtension(let id, let output):
            if let frame = node.brain.encoded(output, for: id, listenPort: node.endpoint.port) {
                post(.extended(frame), from: node, id)
            }
        case .serve(let id, let block): serve(node, id, block)
        case .openPiece(let piece):
            open(piece, at: node)
        case .verifyAndStore(let piece):
            queue.push(.checked(node: node.number, piece: piece), at: now + node.plan.diskTime)
        case .discardPiece(let piece):
            if node.unopened.remove(piece) == nil { closeBuffer(of: node, piece) }
            forgetAdmissions(to: piece, at: node)
        case .forgetSlot(let id): forgetAdmission(over: id, at: node)
        case .wantMemory:
            if node.plan.shortage.sharedPieces == 0 { fault("memory is wanted and not shared") }
        case .announce(let tracker, let event, _):
            report.announces.append(
                WorldReport.Announce(node: node.number, event: event, at: now - .zero))
            queue.push(.asked(node: node.number, tracker, event), at: now + .milliseconds(40))
        case .completed: completed(node)
        case .verifyMetadata, .dropMetadata, .metadataLiar: fault("node \(node.number) has its metadata")
        case .banned(let address, _):
            for other in nodes where other.endpoint.address == address && !plan.isOnLoopback {
                report.banned.append(other.number)
            }
        case .starved, .leftOut, .showsEverything: break
        }
    }

    /// Messages that a free rider does not send: they would let others ask for blocks.
    private static func isWithheld(_ message: PeerMessage) -> Bool {
        switch message {
        case .unchoke, .allowedFast: true
        default: false
        }
    }

    private func serve(_ node: SimulatedNode, _ id: ConnectionID, _ block: BlockRequest) {
        if !node.brain.have[block.piece] { fault("\(block.piece) served without having it") }
        if let stallsAt = node.plan.stallsAt, now >= .zero + stallsAt { return }
        if servesWrongly(block, from: node, id) { return }
        post(.piece(block, isCorrect: !happens(oneIn: node.plan.wrongOneIn)), from: node, id)
    }

    private func completed(_ node: SimulatedNode) {
        if isAwaited(node.plan) { awaitedCount -= 1 }
        report.completedAt[node.number] = now - .zero
        if !node.brain.isComplete { fault("node \(node.number) is not complete and says so") }
    }

    /// True for one in `count`; never if that is 0.
    func happens(oneIn count: Int) -> Bool {
        count > 0 && Int.random(in: 0..<count, using: &generator) == 0
    }

    private func open(_ piece: PieceIndex, at node: SimulatedNode) {
        if node.buffers[piece.position] != nil || node.unopened.contains(piece) { fault("\(piece) opened twice") }
        if happens(oneIn: node.plan.shortage.noMemoryOneIn) {
            node.unopened.insert(piece)
            return queue.push(.notOpened(node: node.number, piece: piece), at: now + node.plan.diskTime)
        }
        node.buffers[piece.position] = Array(repeating: nil, count: geometry.blockCount(of: piece))
        node.openBytes += geometry.length(of: piece)
        report.mostOpenBytes = max(report.mostOpenBytes, node.openBytes)
    }

    /// Other torrents of the node want more of its memory, or less: whether it asks for some or not.
    func shareMemory(of node: SimulatedNode) {
        guard node.isAlive else { return }
        tell(node, .mayOpen(Int32.random(in: 0...Int32(node.plan.shortage.sharedPieces), using: &generator)))
        if happens(oneIn: 2) { tell(node, .memoryIsWanted) }
        queue.push(
            .shareMemory(node.number), at: now + .milliseconds(Int.random(in: 100...4_000, using: &generator)))
    }

    func notOpened(_ node: SimulatedNode, _ piece: PieceIndex) {
        guard node.unopened.remove(piece) != nil else { return }
        tell(node, .pieceNotOpened(piece))
    }

    private func closeBuffer(of node: SimulatedNode, _ piece: PieceIndex) {
        if node.buffers[piece.position] == nil { fault("\(piece) closed and not open") }
        node.buffers[piece.position] = nil
        node.openBytes -= geometry.length(of: piece)
    }

    /// What comes of a block that has begun is dropped, though the piece may be open again by then.
    private func forgetAdmission(over id: ConnectionID, at node: SimulatedNode) {
        for index in links.indices {
            for side in links[index].sides.indices
            where links[index].sides[side].node == node.number && links[index].sides[side].id == id {
                links[index].sides[side].admission = .discard
            }
        }
    }

    private func forgetAdmissions(to piece: PieceIndex, at node: SimulatedNode) {
        guard plan.blocksTakeTime else { return }
        for index in links.indices {
            for side in links[index].sides.indices where links[index].sides[side].node == node.number {
                guard case .accept(let block)? = links[index].sides[side].admission, block.piece == piece else {
                    continue
                }
                links[index].sides[side].admission = .discard
            }
        }
    }

    // MARK: Disk

    func checked(_ node: SimulatedNode, _ piece: PieceIndex) {
        guard node.isAlive, let blocks = node.buffers[piece.position] else { return }
        if blocks.contains(where: { $0 == nil }) { fault("\(piece) is to be verified and has holes") }
        let marks = blocks.map { $0 ?? false }
        closeBuffer(of: node, piece)
        guard marks.allSatisfy({ $0 }) else { return reject(piece, marks, at: node) }
        if happens(oneIn: node.plan.shortage.storeFailsOneIn) {
            return tell(node, .pieceStoreFailed(piece))
        }
        if copies[piece.position] == 0 { noteFirstCopy() }
        copies[piece.position] += 1
        tell(node, .pieceStored(piece))
        for (name, marks) in node.attempts.removeValue(forKey: piece.position) ?? [] {
            let wrong = marks.indices.filter { !marks[$0] }
            note(remembers: node.brain.remembers(name), of: node)
            tell(node, .blocksDiffered(wrong, of: piece, in: name))
        }
        for leaver in nodes where hasLeavers && leaver.isAlive {
            guard let wanted = leaver.plan.leavesAtCopies, copies.allSatisfy({ $0 >= wanted }) else { continue }
            leave(leaver)
        }
    }

    private func reject(_ piece: PieceIndex, _ marks: [Bool], at node: SimulatedNode) {
        ask(node) {
            let name = $0.pieceRejected(piece, at: now, effects: &$1)
            note(attempt: name, of: node)
            if let name { node.attempts[piece.position, default: []].append((name, marks)) }
        }
    }

    /// A piece has its first copy outside the seeders. With the last such piece the leechers hold all of them.
    private func noteFirstCopy() {
        uncopiedCount -= 1
        guard uncopiedCount == 0 else { return }
        report.spreadAt = now - .zero
        report.sentBySeeders = nodes.filter(\.plan.isSeeder).reduce(0) { $0 + $1.brain.figures(at: now).uploaded }
    }
}
