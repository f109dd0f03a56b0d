import DHTEngine
import TorrentCore

/// Questions of the DHT: admitted, read, looked up, answered and written, by a node that keeps 2,000 torrents, one of
/// them with as many peers as it may have, and by a table of 400 nodes.
func measureAnswering(_ bench: Bench) {
    var generator = SplitMix64(seed: 1)
    let ourID = NodeID.random(using: &generator)
    let contacts = (0..<8).map { number in
        DHTContact(.random(using: &generator), Endpoint(.v4(0x5000_0000 + UInt32(number)), port: 6_881))
    }
    let torrents = (0..<2_000).map { _ in InfoHash(NodeID.random(using: &generator).bytes) }
    var node = Answering(DHTConfiguration(isV4: true, seed: 1))
    for (number, torrent) in torrents.enumerated() {
        for peer in 0..<(number == 0 ? 200 : 1) {
            let address = IPAddress.v4(0x2000_0000 + UInt32(number) << 12 + UInt32(peer) << 8)
            announce(torrent, to: &node, from: Endpoint(address, port: 6_881), ourID)
        }
    }
    for (name, method) in [
        ("ping", KRPCQuery.Method.ping), ("find-node", .findNode(.random(using: &generator))),
        ("get-peers", .getPeers(torrents[1])), ("get-200-peers", .getPeers(torrents[0])),
    ] {
        let question = KRPCQuery(method, transaction: [1, 2], sender: .random(using: &generator)).encoded()
        var count: UInt32 = 0
        let time = bench.time {
            // Each from another address, and ever later.
            count &+= 0x1357
            let sender = Endpoint(.v4(0x5100_0000 | count & 0xFF_FFFF), port: 6_881)
            let now = Moment(nanoseconds: Int64(count) * 100_000)
            guard node.admits(sender.address, at: now),
                case .query(let query)? = question.withBytes({ try? KRPCMessage($0) })
            else { return }
            let answer = node.answer(
                query, from: sender, as: ourID, isProven: true, closest: { _ in contacts }, at: now)
            keep(answer)
        }
        bench.say("dht/\(name)", time / 1e3, "µs/answer")
    }
    let question = KRPCQuery(.getPeers(torrents[1]), transaction: [1, 2], sender: ourID).encoded()
    bench.say("dht/read", bench.time { keep(question.withBytes { try? KRPCMessage($0) }) }, "ns/question")
    bench.say("dht/read-document", bench.time { keep(try? BencodeDocument(question)) }, "ns/question")
}

private func announce(_ torrent: InfoHash, to node: inout Answering, from peer: Endpoint, _ ourID: NodeID) {
    func ask(_ method: KRPCQuery.Method, _ node: inout Answering) -> KRPCResponse? {
        let bytes = node.answer(
            KRPCQuery(method, transaction: [], sender: ourID), from: peer, as: ourID, isProven: true,
            closest: { _ in [] }, at: .zero)
        guard case .response(let response)? = bytes?.withBytes({ try? KRPCMessage($0) }) else { return nil }
        return response
    }
    guard let token = ask(.getPeers(torrent), &node)?.token,
        ask(.announcePeer(torrent, port: peer.port, impliesPort: false, token: token), &node) != nil
    else { preconditionFailure("an announce is taken") }
}
