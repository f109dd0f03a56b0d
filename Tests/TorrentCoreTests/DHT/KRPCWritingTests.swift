import Testing
import TorrentCore

/// Messages of the DHT as we send them.
@Suite struct KRPCWritingTests {
    private static let sender = KRPCReadingTests.id(KRPCReadingTests.alphabet)
    private static let target = KRPCReadingTests.id(KRPCReadingTests.target)
    private static let transaction = Array("aa".utf8)
    private static let version = "1:v4:PS\u{0}\u{1}"

    private static func response(_ change: (inout KRPCResponse) -> Void) -> KRPCResponse {
        var response = KRPCResponse(transaction: transaction, sender: sender)
        change(&response)
        return response
    }

    private static func peers(_ count: Int, isV4: Bool = true) -> [Endpoint] {
        (0..<count).map { Endpoint(isV4 ? .v4(0x0708_0900 + UInt32($0)) : .v6(0x2001 << 48, UInt64($0)), port: 6_881) }
    }

    private static func nodes(_ count: Int, isV4: Bool = true) -> [DHTContact] {
        peers(count, isV4: isV4).map { DHTContact(target, $0) }
    }

    @Test func itIsInTheOrderOfBencode() {
        var query = KRPCQuery(.findNode(Self.target), transaction: Self.transaction, sender: Self.sender)
        query.wants = [.v4, .v6]
        query.isReadOnly = true
        let text =
            "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz1234564:wantl2:n42:n6ee1:q9:find_node"
            + "2:roi1e1:t2:aa"
        #expect(query.encoded() == Array((text + Self.version + "1:y1:qe").utf8))
        let failure = KRPCFailure(.methodUnknown, transaction: Self.transaction, "no")
        #expect(failure.encoded() == Array(("d1:eli204e2:noe1:t2:aa" + Self.version + "1:y1:ee").utf8))
    }

    private static let item = KRPCItem(
        value: Array("12:Hello World!".utf8),
        signature: KRPCItem.Signature(
            key: [UInt8](repeating: 1, count: 32), signature: [UInt8](repeating: 2, count: 64), sequence: -3))

    /// Strict bencode, sorted, and read again as it was.
    @Test(
        arguments: [
            .query(KRPCQuery(.ping, transaction: [], sender: sender)),
            .query(KRPCQuery(.getPeers(InfoHash(target.bytes)), transaction: transaction, sender: sender)),
            .query(
                KRPCQuery(
                    .announcePeer(InfoHash(target.bytes), port: 0, impliesPort: true, token: [0, 255]),
                    transaction: transaction, sender: sender)),
            .query(KRPCQuery(.get(target, newerThan: .min), transaction: transaction, sender: sender)),
            .query(KRPCQuery(.put(item, replacing: 4, token: [7]), transaction: transaction, sender: sender)),
            .query(
                KRPCQuery(
                    .put(KRPCItem(value: Array("le".utf8)), replacing: nil, token: []), transaction: transaction,
                    sender: sender)),
            .query(KRPCQuery(.sampleInfohashes(target), transaction: transaction, sender: sender)),
            .query(KRPCQuery(.unknown(target: nil), transaction: transaction, sender: sender)),
            .response(response { _ in }),
            .response(
                response {
                    $0.seenAt = peers(1)[0]
                    $0.nodes = nodes(8)
                    $0.nodes6 = []
                    $0.values = peers(3) + peers(2, isV4: false)
                    $0.token = [1, 2, 3]
                }),
            .response(
                response {
                    $0.seenAt = peers(1, isV4: false)[0]
                    $0.nodes6 = nodes(8, isV4: false)
                    $0.item = item
                    $0.sequence = -3
                }),
            .response(
                response {
                    $0.samples = [InfoHash(target.bytes)]
                    $0.sampleCount = 1
                    $0.sampleInterval = 900
                }),
            .failure(KRPCFailure(.replacedMismatch, transaction: transaction, "no")),
        ] as [KRPCMessage])
    func whatIsWrittenIsReadAgain(message: KRPCMessage) throws {
        let bytes = message.encoded()
        #expect(try KRPCReadingTests.read(bytes) == message)
        #expect(try BencodeDocument(bytes).irregularities == [])
    }

    /// Whatever there is to tell: no byte above 1,024, nodes before peers, and as many of those as fit.
    @Test func noAnswerIsLongerThanTheLimit() throws {
        let both = Self.response {
            $0.seenAt = Self.peers(1, isV4: false)[0]
            $0.token = [UInt8](repeating: 7, count: 8)
            $0.nodes = Self.nodes(8)
            $0.nodes6 = Self.nodes(8, isV4: false)
            $0.values = Self.peers(500)
        }
        let bytes = both.encoded()
        #expect((1_017...1_024).contains(bytes.count))
        guard case .response(let read) = try KRPCReadingTests.read(bytes) else { return #expect(Bool(false), "read") }
        #expect(read.nodes == both.nodes && read.nodes6 == both.nodes6 && read.token == both.token)
        #expect(!read.values.isEmpty && read.values == Array(both.values.prefix(read.values.count)))
        for limit in stride(from: 100, through: 1_024, by: 7) { #expect(both.encoded(limit: limit).count <= limit) }
    }

    /// A long item leaves less room for nodes, and one that leaves none is not sent.
    @Test func whatIsKeptGoesBeforeNodes() throws {
        for (length, isThere, nodes) in [(500, true, 8), (880, true, 2), (1_000, false, 8)] {
            let response = Self.response {
                $0.item = KRPCItem(value: Array("\(length):".utf8) + [UInt8](repeating: 7, count: length))
                $0.nodes = Self.nodes(8)
            }
            guard case .response(let read) = try KRPCReadingTests.read(response.encoded()) else {
                return #expect(Bool(false), "read")
            }
            #expect((read.item != nil) == isThere)
            #expect(read.nodes?.count == nodes)
        }
    }

    @Test func theWordsOfARefusalAreCut() throws {
        let failure = KRPCFailure(transaction: [], code: 201, message: [UInt8](repeating: 7, count: 5_000))
        #expect(failure.encoded().count < 300)
    }
}
