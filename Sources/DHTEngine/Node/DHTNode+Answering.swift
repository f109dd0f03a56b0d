import TorrentCore

// What others ask.
extension DHTNode {
    mutating func heard(_ query: KRPCQuery, from sender: Endpoint, beside: (NodeID) -> [DHTContact]) {
        traffic.heard += 1
        guard answering.admits(sender.address, at: now) else {
            traffic.limited += 1
            return
        }
        let contact = DHTContact(query.sender, sender)
        if let answer = answer(query, of: contact, beside: beside) {
            traffic.served += 1
            send(answer, to: sender)
            // Who announces to us what we seek ourselves need not be looked for.
            if let (infoHash, peer) = answering.announced, seeking.contains(infoHash) {
                effects.append(.peersFound(infoHash, [peer], by: sender.address))
            }
        }
        heard(from: contact, isReadOnly: query.isReadOnly)
    }

    /// Apart, so that the table is not borrowed any more when it changes.
    private mutating func answer(
        _ query: KRPCQuery, of contact: DHTContact, beside: (NodeID) -> [DHTContact]
    ) -> [UInt8]? {
        let (nodes, second, sender) = (table, second, contact.endpoint.address)
        return answering.answer(
            query, from: contact.endpoint, as: identity.id, isProven: nodes.node(contact)?.isProven ?? false,
            closest: { nodes.closestGood(to: $0, count: 8, at: second, toldTo: sender) }, beside: beside, at: now)
    }

    /// What could not be read: whoever meant a question is told what was wrong with it.
    mutating func misunderstood(_ error: KRPCError, from sender: Endpoint) {
        traffic.useless += 1
        guard error.isQuery, answering.admits(sender.address, at: now),
            let answer = answering.answer(error, from: sender, isProven: false, at: now)
        else { return }
        send(answer, to: sender)
    }
}
