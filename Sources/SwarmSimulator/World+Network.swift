import SwarmEngine
import TorrentCore

// Lines and links. The line of a node sends one parcel at a time, its links are served round robin. A parcel travels
// for the sum of both latencies and arrives as fast as the receiver's line allows.

extension World {
    /// One way, in nanoseconds.
    private func latency(_ left: Int, _ right: Int) -> Int64 {
        nodes[left].latency + nodes[right].latency
    }

    /// A round trip, in nanoseconds.
    private func trip(_ link: SimulatedLink) -> Int64 { 2 * latency(link.sides[0].node, link.sides[1].node) }

    // MARK: Opening and closing

    func connect(_ node: SimulatedNode, _ id: ConnectionID, to endpoint: Endpoint) {
        guard let target = nodeNumbers[endpoint] else {
            // There is no link, only an attempt that will fail.
            node.links[id] = -1
            return queue.push(.closed(node: node.number, id, .connectFailed), at: now + .seconds(1))
        }
        links.append(SimulatedLink(from: node.number, id: id, to: target))
        node.links[id] = links.count - 1
        // One way for the SYN, one for its answer, and one for the first handshake.
        queue.push(.knock(link: links.count - 1), at: now.later(by: latency(node.number, target) * 3))
    }

    func knock(_ index: Int) {
        let link = links[index]
        let (from, to) = (nodes[link.sides[0].node], nodes[link.sides[1].node])
        guard let id = link.sides[0].id, from.isAlive else { return }
        let back = now.later(by: latency(from.number, to.number))
        guard to.isAlive else { return queue.push(.closed(node: from.number, id, .connectFailed), at: back) }
        let port = plan.isOnLoopback ? UInt16(40_000 + index % 20_000) : UInt16(50_000)
        let caller = Endpoint(from.endpoint.address, port: port)
        var accepted: ConnectionID?
        let handshake = handshake(of: from, with: to)
        ask(to) { brain, effects in
            note(handshake, to: to)
            accepted = brain.linkAccepted(from: caller, handshake: handshake, at: now, effects: &effects)
            note(accepted: accepted, of: to)
            if let accepted {
                link.sides[1].id = accepted
                to.links[accepted] = index
                queue.push(.opened(link: index), at: back)
            }
        }
        guard accepted == nil else { return }
        // It was refused. Its own handshake is on its way all the same, and tells why.
        let isMistaken = from === to || from.plan.hasOtherTorrent != to.plan.hasOtherTorrent
        queue.push(isMistaken ? .opened(link: index) : .closed(node: from.number, id, .remoteClosed), at: back)
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
        link.sides[side].queue = []
        link.sides[side].head = 0
        link.sides[side].heldMessages = []
        link.sides[side].unpassable = 0
        guard let other = link.sides[1 - side].id else { return }
        let far = link.sides[1 - side].node
        queue.push(.closed(node: far, other, reason), at: now.later(by: latency(link.sides[side].node, far)))
    }

    // MARK: Sending

    func post(_ parcel: Parcel, from node: SimulatedNode, _ id: ConnectionID) {
        guard let index = node.links[id], index >= 0 else { return fault("sent over a link that is closed") }
        let link = links[index]
        let side = link.sides[0].node == node.number && link.sides[0].id == id ? 0 : 1
        if case .message = parcel, link.sides[side].unpassable == 0 {
            // Messages are so small that they take no time on the line, but they wait for the end of a block of their
            // link.
            guard node.onLine == index << 1 | side else { return depart(parcel, link: index, side: side) }
            if link.sides[side].heldMessages.isEmpty { link.sides[side].heldSince = now }
            return link.sides[side].heldMessages.append(parcel)
        }
        if case .piece = parcel {} else { link.sides[side].unpassable += 1 }
        link.sides[side].queue.append(parcel)
        if !link.sides[side].isReady {
            link.sides[side].isReady = true
            node.readyDirections.append(index << 1 | side)
        }
        if !node.isSending { sendNext(node) }
    }

    func sendNext(_ node: SimulatedNode) {
        guard !node.hasVanished else { return }
        for _ in 0..<node.readyDirections.count {
            let direction = node.readyDirections.removeFirst()
            let (index, side) = (direction >> 1, direction & 1)
            let link = links[index]
            guard link.sides[side].head < link.sides[side].queue.count else {
                link.sides[side].isReady = false
                continue
            }
            // A sleeping node acknowledges nothing, so the rest stays in the queue for good.
            if nodes[link.sides[1 - side].node].hasVanished { continue }
            if let ramp = plan.ramp, !ramp.maySend(&link.sides[side].ramp, trip: trip(link), at: now) {
                node.readyDirections.append(direction)
                continue
            }
            node.isSending = true
            node.onLine = direction
            let bytes = link.sides[side].queue[link.sides[side].head].bytes
            let time = Int64(Double(bytes) / node.plan.upload * 1e9)
            if plan.blocksTakeTime { sendHead(link: index, side: side) }
            return queue.push(.sent(node: node.number, link: index, side: side), at: now.later(by: time))
        }
    }

    /// The header of a block that goes on the line now arrives before its last byte.
    private func sendHead(link index: Int, side: Int) {
        let sender = links[index].sides[side]
        guard case .piece(let block, _) = sender.queue[sender.head] else { return }
        let soonest = now.later(by: latency(sender.node, links[index].sides[1 - side].node))
        queue.push(.head(block, link: index, side: 1 - side), at: max(soonest, sender.arrivesUntil))
    }

    /// The line has sent the parcel that it was busy with.
    func lineIsFree(_ node: SimulatedNode, link index: Int, side: Int) {
        node.isSending = false
        node.onLine = nil
        let link = links[index]
        if link.sides[side].head < link.sides[side].queue.count {
            let parcel = link.sides[side].queue[link.sides[side].head]
            link.sides[side].head += 1
            depart(parcel, link: index, side: side)
            if case .piece = parcel {} else { link.sides[side].unpassable -= 1 }
            sendHeldMessages(link: index, side: side)
            if link.sides[side].head == link.sides[side].queue.count {
                link.sides[side].queue.removeAll(keepingCapacity: true)
                link.sides[side].head = 0
                link.sides[side].isReady = false
            } else {
                node.readyDirections.append(index << 1 | side)
            }
            if let block = parcel.served, let id = link.sides[side].id {
                tell(node, .blockSent(block, to: id))
            }
        } else {
            link.sides[side].isReady = false
        }
        if !node.isSending { sendNext(node) }
    }

    /// Sends the messages that waited for the end of a block.
    private func sendHeldMessages(link index: Int, side: Int) {
        let link = links[index]
        guard !link.sides[side].heldMessages.isEmpty else { return }
        let messages = link.sides[side].heldMessages
        link.sides[side].heldMessages = []
        for message in messages { depart(message, link: index, side: side) }
        let waited = now - link.sides[side].heldSince
        guard waited >= .milliseconds(20), let id = link.sides[side].id else { return }
        tell(nodes[link.sides[side].node], .messagesWaited(waited, on: id))
    }

    /// Sends a parcel on its way: works out when it arrives.
    private func depart(_ parcel: Parcel, link index: Int, side: Int) {
        if case .forgotten = parcel { return }
        let link = links[index]
        let receiver = nodes[link.sides[1 - side].node]
        var first = now.later(by: latency(link.sides[side].node, receiver.number))
        if let ramp = plan.ramp, case .piece = parcel {
            let delay = ramp.delay(&link.sides[side].ramp, bytes: parcel.bytes, trip: trip(link), &generator)
            first = first.later(by: delay)
        }
        first = max(first, link.sides[side].arrivesUntil)
        let arrival = max(first, receiver.receivedUntil)
            .later(by: Int64(Double(parcel.bytes) / receiver.plan.download * 1e9))
        receiver.receivedUntil = max(receiver.receivedUntil, arrival)
        link.sides[side].arrivesUntil = arrival
        queue.push(.arrived(parcel, link: index, side: 1 - side), at: arrival)
        if plan.ramp != nil, case .piece = parcel {
            let back = arrival.later(by: trip(link) / 2)
            link.sides[side].ramp.sent(parcel.bytes, at: now)
            queue.push(.acknowledged(link: index, side: side, bytes: parcel.bytes), at: back)
        }
    }

    func acknowledged(_ bytes: Int64, link index: Int, side: Int) {
        let link = links[index]
        let node = nodes[link.sides[side].node]
        plan.ramp?.acknowledged(&link.sides[side].ramp, bytes: bytes)
        if !node.isSending { sendNext(node) }
    }

    // MARK: Receiving

    func arrived(_ parcel: Parcel, link index: Int, side: Int) {
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

    /// The header of a block has arrived: the brain admits the block or not.
    func headArrived(_ block: BlockRequest, link index: Int, side: Int) {
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
