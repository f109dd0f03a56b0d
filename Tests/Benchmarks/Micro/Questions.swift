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
        announce(torrent, to: &node, from: .v4(0x2000_0000 + UInt32(number) << 8), ourID)
    }
    for peer in 1..<UInt32(200) { announce(torrents[0], to: &node, from: .v4(0x3000_0000 + peer << 8), ourID) }
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
    measureFull(bench, &node, ourID, using: &generator)
    let question = KRPCQuery(.getPeers(torrents[1]), transaction: [1, 2], sender: ourID).encoded()
    bench.say("dht/read", bench.time { keep(question.withBytes { try? KRPCMessage($0) }) }, "ns/question")
    bench.say("dht/read-document", bench.time { keep(try? BencodeDocument(question)) }, "ns/question")
}

/// Announces of torrents that are not known yet, to a node that has no room: each looks for one that may go.
private func measureFull(
    _ bench: Bench, _ node: inout Answering, _ ourID: NodeID, using generator: inout SplitMix64
) {
    let sender = Endpoint(.loopbackV4, port: 6_881)
    guard let token = response(to: .getPeers(InfoHash(.zero)), of: &node, sender, ourID)?.token else { return }
    let questions = (0..<10_000).map { _ in
        let torrent = InfoHash(NodeID.random(sharing: 1, with: ourID, using: &generator).bytes)
        return KRPCQuery(
            .announcePeer(torrent, port: 80, impliesPort: false, token: token), transaction: [1, 2], sender: ourID)
    }
    var count = 0
    let time = bench.time {
        count = (count + 1) % questions.count
        keep(
            node.answer(
                questions[count], from: sender, as: ourID, isProven: true, closest: { _ in [] }, at: .zero))
    }
    bench.say("dht/announce-without-room", time / 1e3, "µs/answer")
}

private func response(
    to method: KRPCQuery.Method, of node: inout Answering, _ sender: Endpoint, _ ourID: NodeID
) -> KRPCResponse? {
    let bytes = node.answer(
        KRPCQuery(method, transaction: [], sender: ourID), from: sender, as: ourID, isProven: true,
        closest: { _ in [] }, at: .zero)
    guard case .response(let response)? = bytes?.withBytes({ try? KRPCMessage($0) }) else { return nil }
    return response
}

private func announce(_ torrent: InfoHash, to node: inout Answering, from address: IPAddress, _ ourID: NodeID) {
    let peer = Endpoint(address, port: 6_881)
    guard let token = response(to: .getPeers(torrent), of: &node, peer, ourID)?.token,
        response(
            to: .announcePeer(torrent, port: peer.port, impliesPort: false, token: token), of: &node, peer, ourID)
            != nil
    else { preconditionFailure("an announce is taken") }
}
