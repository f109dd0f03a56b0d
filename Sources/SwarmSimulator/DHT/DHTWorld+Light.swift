import TorrentCore

// What light nodes answer: as a node of plain Kademlia does, or as a liar.

extension DHTWorld {
    /// The datagram that goes back, if any does.
    func answer(_ bytes: [UInt8], from sender: Endpoint, at receiver: Endpoint) -> [UInt8]? {
        guard let query = query(in: bytes) else { return nil }
        let place = query.method.place
        if let id = light.aim(at: receiver) { return answer(query, from: sender, as: id, .aims, number: nil) }
        if let number = light.lureNumber(at: receiver) {
            let near = place ?? query.sender
            let isFitting = crowd.plan.lies.contains(.fittingNames)
            let id = (isFitting ? light.fittingLure(number, near: near) : light.lure(number, near: near)).id
            return answer(query, from: sender, as: id, .lures, number: nil)
        }
        guard let number = light.number(at: receiver) else { return nil }
        let dweller = crowd.dwellers[number]
        guard dweller.manner != .dead else { return nil }
        return answer(query, from: sender, as: dweller.id, dweller.manner, number: number)
    }

    private func query(in bytes: [UInt8]) -> KRPCQuery? {
        guard let message = try? bytes.withBytes({ bytes throws(KRPCError) in try KRPCMessage(bytes) }),
            case .query(let query) = message
        else { return nil }
        return query
    }

    private func answer(
        _ query: KRPCQuery, from sender: Endpoint, as id: NodeID, _ manner: DHTDweller.Manner, number: Int?
    ) -> [UInt8] {
        var response = KRPCResponse(transaction: query.transaction, sender: id)
        response.seenAt = sender
        let token = token(of: id, for: sender)
        switch query.method {
        case .ping: break
        case .findNode(let place): response.nodes = nodes(near: place, from: manner, number)
        case .getPeers(let infoHash):
            response.nodes = nodes(near: NodeID(infoHash), from: manner, number)
            response.token = token
            if manner == .honest, let number { response.values = light.peers(of: infoHash, at: number, now: now) }
        case .announcePeer(let infoHash, let port, let impliesPort, let given):
            guard given.prefix(token.count) == token[...] else {
                light.forged += 1
                return KRPCFailure(transaction: query.transaction, code: 203, message: Array("token".utf8)).encoded()
            }
            if manner == .honest, let number {
                let peer = Endpoint(sender.address, port: impliesPort ? sender.port : port)
                light.keep(peer, of: infoHash, at: number, until: now + .seconds(1_800))
            }
        default: return KRPCFailure(transaction: query.transaction, code: 204, message: []).encoded()
        }
        if manner.isLiar { response.lie(crowd.plan.lies, draw: &crowd.draw) }
        return response.encoded()
    }

    private func nodes(near place: NodeID, from manner: DHTDweller.Manner, _ number: Int?) -> [DHTContact] {
        switch manner {
        case .strays where crowd.plan.lies.contains(.wrongNames):
            return crowd.closestHonest(8, to: place).flatMap { number in
                let honest = crowd.dwellers[number].contact
                return (1...2).map { DHTContact(honest.id.imitated(near: place, variant: $0), honest.endpoint) }
            }
        case .lures where crowd.plan.lies.contains(.fittingNames):
            return light.fittingLures(near: place, areClones: crowd.plan.lies.contains(.clones))
        case .strays: return (0..<8).map { _ in crowd.anybody() }
        case .lures: return (0..<8).map { _ in light.lure(crowd.draw.index(below: DHTLightNodes.lures), near: place) }
        case .aims: return (0..<8).map { _ in crowd.draw.pick(light.attack?.identities ?? []) }
        case .honest, .real, .dead:
            guard let number else { return [] }
            if let attack = light.attack, attack.target == place { return crowd.answer(of: number, under: attack) }
            return crowd.answer(of: number, near: place)
        }
    }

    /// A node knows its own tokens again.
    private func token(of id: NodeID, for sender: Endpoint) -> [UInt8] {
        var digest = TraceDigest()
        digest.mix(id.bytes)
        digest.mix(sender.address)
        var token: [UInt8] = []
        token.appendBigEndian(UInt32(truncatingIfNeeded: digest.value))
        return token
    }
}

extension KRPCQuery.Method {
    /// The place in the space that a question is about.
    fileprivate var place: NodeID? {
        switch self {
        case .ping: nil
        case .findNode(let place), .get(let place, _), .sampleInfohashes(let place): place
        case .getPeers(let infoHash), .announcePeer(let infoHash, _, _, _): NodeID(infoHash)
        case .put: nil
        case .unknown(let place): place
        }
    }
}
