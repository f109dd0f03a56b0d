import DHTEngine
import Testing
import TorrentCore

/// What a stranger may try: to fill the memory, or to have us send to others more than he sends.
@Suite struct FloodTests {
    /// Announces and items from everywhere, drawn by lot: whatever comes, limits hold, and in the end nothing is left.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func whateverIsGivenLimitsHold(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let node = Asked {
            $0.limits.keptTorrents = 20
            $0.limits.keptPeers = 60
            $0.limits.keptPeersATorrent = 8
            $0.limits.itemBytes = 8_000
            $0.checksSignature = { _, signature, _ in signature[0] < 200 }
        }
        for _ in 0..<3_000 {
            node.now = node.now + .milliseconds(Int64.random(in: 0..<10_000, using: &generator))
            if node.now >= node.answering.nextDeadline { node.answering.expire(at: node.now) }
            let address = Asked.address(Int.random(in: 0..<300, using: &generator))
            if Bool.random(using: &generator) {
                let torrent = Asked.infoHash(Int.random(in: 0..<40, using: &generator))
                node.announce(torrent, from: address, port: UInt16.random(in: 1..<9, using: &generator))
            } else {
                let number = UInt8.random(in: 0..<30, using: &generator)
                let signature = KRPCItem.Signature(
                    key: [UInt8](repeating: number, count: 32),
                    signature: [UInt8](repeating: UInt8.random(in: 0...255, using: &generator), count: 64),
                    sequence: Int64.random(in: 0..<5, using: &generator))
                let length = Int.random(in: 100..<900, using: &generator)
                let item = KRPCItem(
                    value: Array("\(length):".utf8) + [UInt8](repeating: number, count: length),
                    signature: Bool.random(using: &generator) ? signature : nil)
                _ = node.ask(.put(item, replacing: nil, token: node.token(for: address)), from: address)
            }
            #expect(node.answering.kept.torrents <= 20)
            #expect(node.answering.kept.peers <= 60)
            #expect(node.answering.kept.itemBytes <= 8_000)
        }
        #expect(node.answering.kept.peers > 20 && node.answering.kept.items > 3)
        node.now = node.now + .seconds(8_000)
        node.answering.expire(at: node.now)
        #expect(node.answering.kept.peers == 0 && node.answering.kept.torrents == 0)
        #expect(node.answering.kept.items == 0 && node.answering.kept.itemBytes == 0)
        #expect(node.answering.nextDeadline == .distantFuture)
    }

    /// Bytes of the longest answer for one byte of the shortest question. Whoever has answers sent to somebody else
    /// gets so much out of it, ten times a second to one address, and so many bytes a second to all together.
    @Test(arguments: [
        ("4:ping", "", 2), ("9:find_node", "6:target20:mnopqrstuvwxyz123456", 4),
        ("9:find_node", "6:target20:mnopqrstuvwxyz1234564:wantl2:n42:n6e", 7),
        ("9:get_peers", "9:info_hash20:mnopqrstuvwxyz123456", 12),
        ("3:get", "6:target20:mnopqrstuvwxyz123456", 13),
        ("17:sample_infohashes", "6:target20:mnopqrstuvwxyz123456", 11),
        ("1:x", "", 2),
    ])
    func noAnswerIsManyTimesItsQuestion(method: String, arguments: String, most: Int) throws {
        let target = Array("mnopqrstuvwxyz123456".utf8)
        let (node, asker) = (Asked(), Asked.address(1))
        for number in 0..<150 {
            node.announce(InfoHash(Bytes20(target)!), from: Asked.address(number))
            node.announce(Asked.infoHash(number), from: Asked.address(number))
        }
        let text = "d1:ad2:id20:abcdefghij0123456789\(arguments)e1:q\(method)1:t0:1:y1:qe"
        let question = Array(text.utf8)
        guard case .query(var query)? = question.withBytes({ try? KRPCMessage($0) }) else {
            return #expect(Bool(false), "a question")
        }
        // The longest item that there is, wherever it is asked for.
        let item = KRPCItem(value: Array("900:".utf8) + [UInt8](repeating: 1, count: 900))
        _ = node.ask(.put(item, replacing: nil, token: node.token(for: asker)), from: asker)
        if case .get = query.method { query.method = .get(NodeID(SHA1.digest(of: item.value).bytes), newerThan: nil) }
        let answer = try #require(node.datagram(query, from: Endpoint(asker, port: 1)))
        #expect(answer.count < question.count * most)
        // The bound is not far above what there is.
        #expect(answer.count * 2 > question.count * (most - 1))
    }

    @Test func whatIsNoQuestionIsAnsweredInAFewWords() throws {
        let question = Array("d1:t0:1:y1:qe".utf8)
        let error = #expect(throws: KRPCError.self) {
            try question.withBytes { span throws(KRPCError) in try KRPCMessage(span) }
        }
        let answer = Asked().answer(try #require(error)) ?? []
        #expect(!answer.isEmpty && answer.count < 4 * question.count)
    }
}
