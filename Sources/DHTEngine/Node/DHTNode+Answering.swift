import TorrentCore

// What others ask.
extension DHTNode {
    mutating func heard(_ query: KRPCQuery, from sender: Endpoint, beside: (NodeID) -> [DHTContact]) {
        heard(from: DHTContact(query.sender, sender), isReadOnly: query.isReadOnly)
        guard !configuration.isReadOnly else { return }
        var response = KRPCResponse(transaction: query.transaction, sender: identity.id)
        response.seenAt = sender
        let target: NodeID? =
            switch query.method {
            case .findNode(let target): target
            case .getPeers(let infoHash): NodeID(infoHash)
            default: nil
            }
        if let target {
            let nodes = closest(to: target)
            if configuration.isV4 { response.nodes = nodes } else { response.nodes6 = nodes }
            response.token = [1, 2, 3, 4]
        }
        if case .getPeers(let infoHash) = query.method { response.values = kept[infoHash] ?? [] }
        if case .announcePeer(let infoHash, let port, let implies, _) = query.method {
            let peer = Endpoint(sender.address, port: implies ? sender.port : port)
            if kept[infoHash]?.contains(peer) != true { kept[infoHash, default: []].append(peer) }
        }
        send(response.encoded(), to: sender)
    }
}
