import Testing
import TorrentCore

/// Messages of the DHT as strangers send them.
@Suite struct KRPCReadingTests {
    static let alphabet = "abcdefghij0123456789"
    static let target = "mnopqrstuvwxyz123456"

    static func read(_ text: String) throws(KRPCError) -> KRPCMessage { try read(Array(text.utf8)) }

    static func read(_ bytes: [UInt8]) throws(KRPCError) -> KRPCMessage {
        try bytes.withBytes { span throws(KRPCError) in try KRPCMessage(span) }
    }

    static func id(_ text: String) -> NodeID { NodeID(Bytes20(Array(text.utf8))!) }

    static func query(_ method: KRPCQuery.Method) -> KRPCMessage {
        .query(KRPCQuery(method, transaction: Array("aa".utf8), sender: id(alphabet)))
    }

    /// The messages of the standard, byte for byte.
    @Test(arguments: [
        ("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe", KRPCQuery.Method.ping),
        (
            "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe",
            .findNode(id(target))
        ),
        (
            "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers1:t2:aa1:y1:qe",
            .getPeers(InfoHash(id(target).bytes))
        ),
        (
            "d1:ad2:id20:abcdefghij012345678912:implied_porti1e9:info_hash20:mnopqrstuvwxyz1234564:porti6881e"
                + "5:token8:aoeusnthe1:q13:announce_peer1:t2:aa1:y1:qe",
            .announcePeer(
                InfoHash(id(target).bytes), port: 6_881, impliesPort: true, token: Array("aoeusnth".utf8))
        ),
    ])
    func questionsOfTheStandard(text: String, method: KRPCQuery.Method) throws {
        #expect(try Self.read(text) == Self.query(method))
    }

    @Test func answersOfTheStandard() throws {
        var response = KRPCResponse(transaction: Array("aa".utf8), sender: Self.id(Self.alphabet))
        response.token = Array("aoeusnth".utf8)
        response.values = ["axje.u", "idhtnm"].map { Endpoint(compact: Array($0.utf8))! }
        #expect(
            try Self.read(
                "d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re")
                == .response(response))
        let failure = KRPCFailure(
            transaction: Array("aa".utf8), code: 201, message: Array("A Generic Error Ocurred".utf8))
        #expect(try Self.read("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee") == .failure(failure))
    }

    /// What is wrong, where the message can still be answered, and with which words.
    @Test(arguments: [
        ("", KRPCError.Fault.malformed(at: 0), nil), ("i3e", .notDictionary, nil), ("d", .malformed(at: 1), nil),
        ("d1:t2:aa1:y1:q", .malformed(at: 14), nil), ("d1:te", .malformed(at: 4), nil),
        ("di1e1:ae", .malformed(at: 1), nil), ("d1:t99:aae", .malformed(at: 4), nil),
        ("d1:t-1:aae", .malformed(at: 4), nil), ("d1:t99999999999999999999:aae", .malformed(at: 8), nil),
        ("d1:xi-e1:t2:aa1:y1:qe", .malformed(at: 6), nil), ("d1:xi1.5e1:t2:aa1:y1:qe", .malformed(at: 6), nil),
        ("d1:xl1:te", .malformed(at: 9), nil), ("de", .missing(.transaction), nil),
        ("d1:y1:qe", .missing(.transaction), nil), ("d1:ti1e1:y1:qe", .wrong(.transaction), nil),
        ("d1:t2:aae", .missing(.kind), nil), ("d1:t2:aa1:y1:xe", .wrong(.kind), nil),
        ("d1:t2:aa1:y2:qqe", .wrong(.kind), nil), ("d1:t2:aa1:yi1ee", .wrong(.kind), nil),
        ("d1:t2:aa1:y1:re", .missing(.results), nil), ("d1:rle1:t2:aa1:y1:re", .wrong(.results), nil),
        ("d1:rde1:t2:aa1:y1:re", .missing(.sender), nil), ("d1:rd2:id3:abce1:t2:aa1:y1:re", .wrong(.sender), nil),
        ("d1:t2:aa1:y1:qe", .missing(.method), "no method"),
        ("d1:qi1e1:t2:aa1:y1:qe", .wrong(.method), "wrong method"),
        ("d1:q4:ping1:t2:aa1:y1:qe", .missing(.arguments), "no arguments"),
        ("d1:a4:ping1:q4:ping1:t2:aa1:y1:qe", .wrong(.arguments), "wrong arguments"),
        ("d1:ade1:q4:ping1:t2:aa1:y1:qe", .missing(.sender), "no id"),
        ("d1:ad2:id19:abcdefghij012345678e1:q4:ping1:t2:aa1:y1:qe", .wrong(.sender), "wrong id"),
        ("d1:ad2:id21:abcdefghij0123456789xe1:q4:ping1:t2:aa1:y1:qe", .wrong(.sender), "wrong id"),
        ("d1:ad2:idi7ee1:q4:ping1:t2:aa1:y1:qe", .wrong(.sender), "wrong id"),
    ])
    func badMessages(text: String, fault: KRPCError.Fault, answer: String?) {
        let error = #expect(throws: KRPCError.self) { try Self.read(text) }
        #expect(error?.fault == fault)
        #expect(error?.failure?.message == answer.map { Array($0.utf8) })
        #expect(error?.failure?.code == answer.map { _ in 203 })
    }

    /// Arguments that are missing or wrong, each in a question that is right otherwise.
    @Test(arguments: [
        ("find_node", "", KRPCError.Fault.missing(.target)), ("find_node", "6:target3:abc", .wrong(.target)),
        ("get_peers", "", .missing(.infoHash)), ("get_peers", "9:info_hashi1e", .wrong(.infoHash)),
        ("get", "", .missing(.target)), ("sample_infohashes", "6:targetle", .wrong(.target)),
        ("announce_peer", "4:porti1e5:token1:x", .missing(.infoHash)),
        ("announce_peer", "9:info_hash20:mnopqrstuvwxyz1234565:token1:x", .missing(.port)),
        ("announce_peer", "9:info_hash20:mnopqrstuvwxyz1234564:porti0e5:token1:x", .wrong(.port)),
        ("announce_peer", "9:info_hash20:mnopqrstuvwxyz1234564:porti65536e5:token1:x", .wrong(.port)),
        ("announce_peer", "9:info_hash20:mnopqrstuvwxyz1234564:port2:805:token1:x", .wrong(.port)),
        ("announce_peer", "9:info_hash20:mnopqrstuvwxyz1234564:porti80e", .missing(.token)),
        ("announce_peer", "9:info_hash20:mnopqrstuvwxyz1234564:porti80e5:tokeni1e", .wrong(.token)),
        ("put", "5:token1:x", .missing(.value)), ("put", "1:v1:x", .missing(.token)),
        ("put", "1:k3:abc5:token1:x1:v1:x", .wrong(.key)),
        ("put", "1:k32:\(key)3:seqi1e5:token1:x1:v1:x", .missing(.signature)),
        ("put", "1:k32:\(key)3:seqi1e3:sig3:abc5:token1:x1:v1:x", .wrong(.signature)),
        ("put", "1:k32:\(key)3:sig64:\(key)\(key)5:token1:x1:v1:x", .missing(.sequence)),
        ("put", "1:k32:\(key)3:seqi9223372036854775808e3:sig64:\(key)\(key)5:token1:x1:v1:x", .wrong(.sequence)),
        ("put", "3:cas1:x1:k32:\(key)3:seqi1e3:sig64:\(key)\(key)5:token1:x1:v1:x", .wrong(.replacedSequence)),
    ])
    func badArguments(method: String, arguments: String, fault: KRPCError.Fault) {
        let text = "d1:ad2:id20:\(Self.alphabet)\(arguments)e1:q\(method.utf8.count):\(method)1:t2:aa1:y1:qe"
        let error = #expect(throws: KRPCError.self) { try Self.read(text) }
        #expect(error == KRPCError(fault, transaction: Array("aa".utf8), isQuery: true))
    }

    private static let key = String(repeating: "k", count: 32)

    /// What may be left out and cannot be read counts as left out.
    @Test(arguments: [
        "4:want2:n4", "4:wantli1e2:n5e", "12:implied_port1:1", "4:porti99999999999999999999999e", "3:seq1:x",
        "1:xd1:yl1:zee",
    ])
    func malformedExtrasAreIgnored(arguments: String) throws {
        let text = "d1:ad2:id20:\(Self.alphabet)\(arguments)e2:ro1:11:q4:ping1:t2:aa1:v3:abc1:y1:qe"
        #expect(try Self.read(text) == Self.query(.ping))
    }

    @Test(arguments: [
        "5:nodes25:\(String(repeating: "n", count: 25))", "5:nodesle",
        "6:nodes639:\(String(repeating: "n", count: 39))",
        "6:values6:axje.u", "6:valuesl5:axje.i1elee", "7:samples19:mnopqrstuvwxyz12345", "3:numi-1e", "8:interval1:x",
        "5:tokeni1e", "3:seqle",
    ])
    func malformedResultsAreIgnored(results: String) throws {
        let response = KRPCResponse(transaction: Array("aa".utf8), sender: Self.id(Self.alphabet))
        let text = "d2:ip5:abcde1:rd2:id20:\(Self.alphabet)\(results)e1:t2:aa1:y1:re"
        #expect(try Self.read(text) == .response(response))
    }

    @Test func keysMayBeInAnyOrderAndTheFirstOfTwoCounts() throws {
        let text =
            "d1:y1:q1:t2:aa1:t2:bb1:q9:find_node1:ad6:target20:\(Self.target)2:id20:\(Self.alphabet)2:idi1eee"
        #expect(try Self.read(text) == Self.query(.findNode(Self.id(Self.target))))
    }

    @Test func whoWantsNodesOfWhichFamilyAndDoesNotAnswerSaysSo() throws {
        let text =
            "d1:ad2:id20:\(Self.alphabet)6:target20:\(Self.target)4:wantl2:n62:n42:n8ee1:q9:find_node"
            + "2:roi1e1:t2:aa1:y1:qe"
        guard case .query(let query) = try Self.read(text) else { return #expect(Bool(false), "a question") }
        #expect(query.wants == [.v4, .v6] && query.isReadOnly)
    }

    /// Newer questions are answered as `find_node` where they name a place.
    @Test func unknownMethods() throws {
        for (argument, target) in [
            ("6:target20:\(Self.target)", Self.id(Self.target)), ("9:info_hash20:\(Self.target)", Self.id(Self.target)),
            ("6:target3:abc", nil), ("", nil),
        ] {
            let text = "d1:ad2:id20:\(Self.alphabet)\(argument)e1:q4:vote1:t2:aa1:y1:qe"
            #expect(try Self.read(text) == Self.query(.unknown(target: target)))
        }
    }

    @Test func aPortThatIsImpliedNeedNotBeSaid() throws {
        let text =
            "d1:ad2:id20:\(Self.alphabet)12:implied_porti1e9:info_hash20:\(Self.target)5:token1:xe"
            + "1:q13:announce_peer1:t2:aa1:y1:qe"
        let infoHash = InfoHash(Self.id(Self.target).bytes)
        #expect(
            try Self.read(text)
                == Self.query(.announcePeer(infoHash, port: 0, impliesPort: true, token: Array("x".utf8))))
    }

    /// The families have lists of their own; where nobody can be, or an address in disguise, is left out.
    @Test func nodesAndPeersOfBothFamilies() throws {
        let (v4, v6) = ([UInt8](hex: "0708090a1ae1")!, [UInt8](hex: "20010db8000000000000000000000001" + "1ae1")!)
        let disguised = [UInt8](hex: "00000000000000000000ffff0708090a1ae1")!
        let name = Array(Self.target.utf8)
        var bytes = Array("d1:rd2:id20:\(Self.alphabet)5:nodes52:".utf8)
        bytes += name + v4 + name + v4.dropLast(2) + [0, 0] + Array("6:nodes676:".utf8) + name + v6 + name + disguised
        bytes += Array("6:valuesl6:".utf8) + v4 + Array("18:".utf8) + v6 + Array("18:".utf8) + disguised
        bytes += Array("ee1:t2:aa1:y1:re".utf8)
        guard case .response(let response) = try Self.read(bytes) else { return #expect(Bool(false), "an answer") }
        let (one, two) = (Endpoint(compact: v4)!, Endpoint(compact: v6)!)
        #expect(response.nodes == [DHTContact(Self.id(Self.target), one)])
        #expect(response.nodes6 == [DHTContact(Self.id(Self.target), two)])
        #expect(response.values == [one, two])
    }

    @Test func whatIsKeptComesByteForByte() throws {
        // Neither sorted nor in the shortest form: its place is the hash of just these bytes.
        let text = "d1:rd2:id20:\(Self.alphabet)1:vd1:bi007e1:ai1eee1:t2:aa1:y1:re"
        guard case .response(let response) = try Self.read(text) else { return #expect(Bool(false), "an answer") }
        #expect(response.item == KRPCItem(value: Array("d1:bi007e1:ai1ee".utf8)))
    }

    @Test func workAndMemoryAreBounded() {
        func fault(_ text: String) -> KRPCError.Fault? {
            #expect(throws: KRPCError.self) { try Self.read(text) }?.fault
        }
        let deep = String(repeating: "l", count: 100) + String(repeating: "e", count: 100)
        #expect(fault("d1:x" + deep + "1:t2:aa1:y1:qe") == .tooDeep)
        #expect(fault("d1:xl" + String(repeating: "0:", count: 1_500) + "e1:t2:aa1:y1:qe") == .tooManyValues)
        #expect(fault("d1:t2:aa1:x4100:" + String(repeating: "x", count: 4_100) + "e") == .tooLong(bytes: 4_117))
        let long = String(repeating: "t", count: 65)
        #expect(fault("d1:t65:\(long)1:y1:qe") == .wrong(.transaction))
    }
}

extension Endpoint {
    init?(compact bytes: [UInt8]) {
        guard let endpoint = bytes.withBytes({ Endpoint(compact: $0) }) else { return nil }
        self = endpoint
    }
}
