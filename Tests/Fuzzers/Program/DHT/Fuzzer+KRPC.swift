import DHTEngine
import TorrentCore

extension Fuzzer {
    /// Messages of the DHT, and what a node answers to them.
    static let krpc = Fuzzer(
        "krpc", "what is read and written is read as the same, and no answer is longer than a datagram",
        inputLimit: 2_048
    ) {
        let sender = NodeID(Bytes20(Array("abcdefghij0123456789".utf8))!)
        let target = NodeID(Bytes20(Array("mnopqrstuvwxyz123456".utf8))!)
        let signature = KRPCItem.Signature(
            key: [UInt8](repeating: 1, count: 32), signature: [UInt8](repeating: 2, count: 64), sequence: 3,
            salt: [4])
        let item = KRPCItem(value: Array("12:Hello World!".utf8), signature: signature)
        var response = KRPCResponse(transaction: [1, 2], sender: sender)
        response.seenAt = Endpoint(.v4(0x0102_0304), port: 5)
        response.nodes = [DHTContact(target, Endpoint(.v4(0x0102_0304), port: 6))]
        response.nodes6 = [DHTContact(target, Endpoint(.v6(1 << 60, 7), port: 8))]
        response.values = [Endpoint(.v4(0x0102_0304), port: 9), Endpoint(.v6(1 << 60, 10), port: 11)]
        response.token = [12]
        var others = KRPCResponse(transaction: [], sender: sender)
        others.item = item
        (others.samples, others.sampleCount, others.sampleInterval) = ([InfoHash(target.bytes)], 1, 900)
        let methods: [KRPCQuery.Method] = [
            .ping, .findNode(target), .getPeers(InfoHash(target.bytes)), .get(target, newerThan: 3),
            .announcePeer(InfoHash(target.bytes), port: 80, impliesPort: true, token: [1, 2, 3, 4, 5, 6, 7, 8]),
            .put(item, replacing: 2, token: [1, 2, 3, 4, 5, 6, 7, 8]), .sampleInfohashes(target),
            .unknown(target: target),
        ]
        var seeds = methods.map { method in
            var query = KRPCQuery(method, transaction: [1, 2], sender: sender)
            query.wants = [.v4, .v6]
            return query.encoded()
        }
        seeds += [response.encoded(), others.encoded()]
        seeds.append(KRPCFailure(.protocolError, transaction: [1], "no").encoded())
        return seeds
    } run: { bytes in
        let sender = Endpoint(.v4(0x5060_7080), port: 1)
        var node = Answering(askedConfiguration)
        switch read(bytes) {
        case .success(let message):
            let written = message.encoded()
            check(message, as: written)
            guard case .query(let query) = message else { return }
            // The right token instead of any: so announces and items get further.
            for query in [query, query.with(token(of: &node, for: sender))] {
                check(answer(query, from: sender, &node))
            }
            hold(node.kept.peers <= 1 && node.kept.items <= 1, "more is kept than was given")
        case .failure(let error):
            guard let answer = node.answer(error, from: sender, isProven: true, at: .zero) else { return }
            hold(error.isQuery && error.transaction != nil, "an answer to what is no question")
            check(answer)
        }
    }

    private static func read(_ bytes: [UInt8]) -> Result<KRPCMessage, KRPCError> {
        bytes.withBytes { span in Result { () throws(KRPCError) in try KRPCMessage(span) } }
    }

    /// What was read comes back from what was written, unless it had to be cut.
    private static func check(_ message: KRPCMessage, as written: [UInt8]) {
        if !message.hasItem {
            // What is kept for others is passed on as it came.
            hold((try? BencodeDocument(written))?.irregularities == [], "bencode that is not canonical")
        }
        guard case .success(let again) = read(written) else { return hold(false, "our own message is refused") }
        if case .response = message {
            hold(written.count <= KRPCMessage.longest, "an answer of \(written.count) bytes")
            // What had to be left out may be left out again, and nothing else.
            hold(again.encoded() == written, "another answer when written again")
            guard written.count < 900 else { return }
        }
        if case .query(let query) = message, case .unknown = query.method { return }
        hold(again == message, "another message when written again")
    }

    private static let askedConfiguration = {
        var configuration = DHTConfiguration(isV4: true, seed: 1)
        configuration.checksSignature = { _, signature, _ in signature[0] == 2 }
        return configuration
    }()

    private static func answer(_ query: KRPCQuery, from sender: Endpoint, _ node: inout Answering) -> [UInt8] {
        let contacts = [DHTContact](repeating: DHTContact(query.sender, sender), count: 8)
        let beside = [DHTContact](repeating: DHTContact(query.sender, Endpoint(.v6(1 << 60, 1), port: 1)), count: 8)
        let answer = node.answer(
            query, from: sender, as: query.sender, isProven: true, closest: { _ in contacts }, beside: { _ in beside },
            at: .zero)
        hold(answer != nil, "a question without an answer")
        return answer ?? []
    }

    private static func check(_ answer: [UInt8]) {
        hold(answer.count <= KRPCMessage.longest, "an answer of \(answer.count) bytes")
        guard case .success(let message) = read(answer) else { return hold(false, "an answer that nobody can read") }
        if case .query = message { hold(false, "an answer that is a question") }
    }

    private static func token(of node: inout Answering, for sender: Endpoint) -> [UInt8] {
        let query = KRPCQuery(.getPeers(InfoHash(.zero)), transaction: [], sender: NodeID(.zero))
        guard case .success(.response(let response)) = read(answer(query, from: sender, &node)) else { return [] }
        return response.token ?? []
    }
}

extension KRPCMessage {
    fileprivate var hasItem: Bool {
        switch self {
        case .query(let query): if case .put = query.method { true } else { false }
        case .response(let response): response.item != nil
        case .failure: false
        }
    }
}

extension KRPCQuery {
    /// The same with another token.
    fileprivate func with(_ token: [UInt8]) -> KRPCQuery {
        var query = self
        switch method {
        case .announcePeer(let infoHash, let port, let impliesPort, _):
            query.method = .announcePeer(infoHash, port: port, impliesPort: impliesPort, token: token)
        case .put(let item, let replaced, _): query.method = .put(item, replacing: replaced, token: token)
        default: break
        }
        return query
    }
}
