import SwarmEngine
import TorrentCore

// Links between nodes: what their shells do when one opens, closes, or brings something. The network carries them.

extension World: NetworkUser {
    func schedule(_ event: NetworkEvent<Parcel>, at moment: Moment) { queue.push(.network(event), at: moment) }

    func left(_ parcel: Parcel, flow: Int) {
        let sender = links[flow >> 1].sides[flow & 1]
        guard let block = parcel.served, let id = sender.id else { return }
        tell(nodes[sender.node], .blockSent(block, to: id))
    }

    func waited(_ time: Duration, flow: Int) {
        let sender = links[flow >> 1].sides[flow & 1]
        guard time >= .milliseconds(20), let id = sender.id else { return }
        tell(nodes[sender.node], .messagesWaited(time, on: id))
    }

    func handle(_ event: NetworkEvent<Parcel>) {
        switch event {
        case .lineIsFree(let line, let task): network.lineIsFree(line, task, for: self)
        case .acknowledged(let flow, let bytes): network.acknowledged(bytes, of: flow, for: self)
        case .begins(let parcel, let flow):
            guard case .piece(let block, _) = parcel else { return }
            headArrived(block, link: flow >> 1, side: 1 - flow & 1)
        case .arrived(let parcel, let flow): arrived(parcel, link: flow >> 1, side: 1 - flow & 1)
        case .reached(let datagram): network.reached(datagram, for: self)
        // No node has anything yet that hears them.
        case .delivered: break
        }
    }
}

extension World {
    // MARK: Opening and closing

    func connect(_ node: SimulatedNode, _ id: ConnectionID, to endpoint: Endpoint) {
        guard let target = nodeNumbers[endpoint] else {
            // There is no link, only an attempt that will fail.
            node.links[id] = -1
            return queue.push(.closed(node: node.number, id, .connectFailed), at: now + .seconds(1))
        }
        links.append(SimulatedLink(from: node.number, id: id, to: target))
        node.links[id] = network.connect(node.number, to: target)
        // One way for the SYN, one for its answer, and one for the first handshake.
        queue.push(.knock(link: links.count - 1), at: now.later(by: network.latency(node.number, target) * 3))
    }

    func knock(_ index: Int) {
        let link = links[index]
        let (from, to) = (nodes[link.sides[0].node], nodes[link.sides[1].node])
        guard let id = link.sides[0].id, from.isAlive else { return }
        let back = now.later(by: network.latency(from.number, to.number))
        guard to.isAlive else { return queue.push(.closed(node: from.number, id, .connectFailed), at: back) }
        let port = plan.isOnLoopback ? UInt16(40_000 + index % 20_000) : UInt16(50_000)
        let caller = Endpoint(from.endpoint.address, port: port)
        var accepted: ConnectionID?
        var isGreeted = false
        let handshake = handshake(of: from, with: to)
        ask(to) { brain, effects in
            note(handshake, to: to)
            accepted = brain.linkAccepted(from: caller, handshake: handshake, at: now, effects: &effects)
            note(accepted: accepted, of: to)
            isGreeted = accepted == nil && brain.greets(handshake, from: caller)
            if let accepted {
                link.sides[1].id = accepted
                to.links[accepted] = index
                queue.push(.opened(link: index), at: back)
            }
        }
        guard accepted == nil else { return }
        // It was refused. Its own handshake is on its way all the same, and tells why.
        let isMistaken = from === to || from.plan.hasOtherTorrent != to.plan.hasOtherTorrent
        if isMistaken || isGreeted { queue.push(.opened(link: index), at: back) }
        if !isMistaken { queue.push(.closed(node: from.number, id, .remoteClosed), at: back) }
    }

    func opened(_ index: Int) {
        let link = links[index]
        guard let id = link.sides[0].id else { return }
        let node = nodes[link.sides[0].node]
        let handshake = handshake(of: nodes[link.sides[1].node], with: node)
        ask(node) {
            note(handshake, to: node)
            $0.take(.linkOpened(id, handshake), at: now, effects: &$1)
        }
    }

    /// The handshake of `node`, with the extensions that both nodes speak.
    private func handshake(of node: SimulatedNode, with other: SimulatedNode) -> Handshake {
        var reserved: ReservedBits = []
        if node.plan.isFast && other.plan.isFast { reserved.insert(.fast) }
        if node.plan.isExtended && other.plan.isExtended { reserved.insert(.extended) }
        return Handshake(infoHash: Self.infoHash(of: node.plan), peerID: node.peerID, reserved: reserved)
    }

    func close(_ node: SimulatedNode, _ id: ConnectionID, _ reason: CloseReason) {
        if case .protocolViolation(let violation) = reason { report.violations.append(violation) }
        guard let index = node.links.removeValue(forKey: id), index >= 0 else { return }
        cut(
            link: index, side: links[index].sides[0].id == id && links[index].sides[0].node == node.number ? 0 : 1,
            reason: .remoteClosed)
    }

    /// One side of a link is closed; the other is told one way later.
    func cut(link index: Int, side: Int, reason: CloseReason) {
        let link = links[index]
        link.sides[side].id = nil
        network.clear(index << 1 | side)
        guard let other = link.sides[1 - side].id else { return }
        let far = link.sides[1 - side].node
        queue.push(.closed(node: far, other, reason), at: now.later(by: network.latency(link.sides[side].node, far)))
    }

    // MARK: Sending

    func post(_ parcel: Parcel, from node: SimulatedNode, _ id: ConnectionID) {
        guard let index = node.links[id], index >= 0 else { return fault("sent over a link that is closed") }
        let link = links[index]
        let side = link.sides[0].node == node.number && link.sides[0].id == id ? 0 : 1
        network.send(parcel, over: index << 1 | side, for: self)
    }

    // MARK: Receiving

    private func arrived(_ parcel: Parcel, link index: Int, side: Int) {
        guard let id = links[index].sides[side].id else { return }
        let node = nodes[links[index].sides[side].node]
        switch parcel {
        case .message(let message):
            if isIgnored(message, by: node) { return }
            if node.plan.client != .ours { return takeOrDelay(message, at: node, link: index, side: side) }
            tell(node, .message(message, from: id))
        case .bitfield(let bytes):
            tell(node, .bitfield(bytes, from: id))
        case .extensionHandshake(let handshake):
            tell(node, .extensionHandshake(handshake, from: id))
        case .extended(let frame): extended(frame, at: node, from: id)
        case .piece(let block, let isCorrect):
            links[index].sides[side].lastBlockAt = now
            let admission = links[index].sides[side].admission
            links[index].sides[side].admission = nil
            // The connection has ended between the header and the last byte.
            if admission != nil, node.links[id] != index { return }
            arrived(block.onWire, isCorrect: isCorrect, admission, at: node, from: id)
        case .strayPiece(let block): arrived(block, isCorrect: true, nil, at: node, from: id)
        case .forgotten: break
        }
    }

    /// A frame under the extension protocol is read as a shell reads it.
    private func extended(_ frame: [UInt8], at node: SimulatedNode, from id: ConnectionID) {
        let message: ExtensionMessage? = frame.withBytes { bytes in
            guard case .extended(let number, let body, _)? = try? reader.next(in: bytes),
                let row = PeerExtension(rawValue: number)
            else { return nil }
            return try? ExtensionMessage(row, parsing: bytes.extracting(body))
        }
        guard let message else { return fault("node \(node.number) cannot read what was sent to it") }
        tell(node, .extended(message, from: id))
    }

    private var reader: MessageReader { MessageReader(pieceCount: geometry.pieceCount) }

    /// The header of a block has arrived: the brain admits the block or not.
    private func headArrived(_ block: BlockRequest, link index: Int, side: Int) {
        guard let id = links[index].sides[side].id else { return }
        let node = nodes[links[index].sides[side].node]
        ask(node) { brain, effects in
            let admission = brain.admit(block.onWire, from: id, at: now, effects: &effects)
            note(admission, of: node)
            links[index].sides[side].admission = admission
            // Without a buffer now, the block is discarded even if there is one when its last byte arrives.
            if case .accept(let block) = admission, node.lacksBuffer(for: block) {
                links[index].sides[side].admission = .discard
            }
        }
    }

    /// A whole block has arrived. Unless its header came `earlier`, the brain admits it or not now.
    private func arrived(
        _ wire: WireBlock, isCorrect: Bool, _ earlier: BlockAdmission?, at node: SimulatedNode, from id: ConnectionID
    ) {
        ask(node) { brain, effects in
            let admission = earlier ?? brain.admit(wire, from: id, at: now, effects: &effects)
            if earlier == nil { note(admission, of: node) }
            switch admission {
            case .refuse: break
            case .accept(let block) where node.lacksBuffer(for: block):
                brain.take(.blockDiscarded(wire, from: id), at: now, effects: &effects)
            case .discard: brain.take(.blockDiscarded(wire, from: id), at: now, effects: &effects)
            case .accept(let block):
                let number = Int(block.begin) / TorrentGeometry.blockLength
                if node.buffers[block.piece.position] == nil { fault("\(block.piece) is written and not open") }
                if node.buffers[block.piece.position]?[number] != nil { fault("\(block.piece) is written twice") }
                node.buffers[block.piece.position]?[number] = isCorrect
                brain.take(.blockArrived(block, from: id), at: now, effects: &effects)
            }
        }
    }
}
