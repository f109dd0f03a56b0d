import DHTEngine
import Testing
import TorrentCore

/// What a node answers to those who ask.
@Suite struct AnsweringTests {
    private static let asker = Asked.address(1)
    private static let place = NodeID(Bytes20(high: 5, middle: 5, low: 5))

    @Test func everyAnswerSaysWhereTheQuestionCameFrom() {
        let node = Asked()
        let response = node.response(.ping, from: Self.asker)
        #expect(response?.seenAt == Endpoint(Self.asker, port: 6_881))
        #expect(response?.sender == Asked.ourID && response?.transaction == [1, 2])
        #expect(response?.nodes == nil && response?.token == nil && response?.values == [])
    }

    /// Without a wish those of the family that the question came by; with one exactly what is wished for (BEP 32).
    @Test(arguments: [true, false])
    func nodesOfTheFamiliesThatAreWanted(isV4: Bool) {
        let node = Asked(isV4: isV4)
        let asker = isV4 ? Self.asker : IPAddress.v6(0x2001 << 48, 1)
        for method in [
            KRPCQuery.Method.findNode(Self.place), .getPeers(InfoHash(Self.place.bytes)),
            .get(Self.place, newerThan: nil), .sampleInfohashes(Self.place), .unknown(target: Self.place),
        ] {
            for (wants, v4, v6) in [
                (KRPCQuery.Families(), isV4, !isV4), (.v4, true, false), (.v6, false, true), ([.v4, .v6], true, true),
            ] as [(KRPCQuery.Families, Bool, Bool)] {
                let response = node.response(method, from: asker, wants: wants)
                #expect(response?.nodes == (v4 ? Asked.closest : nil))
                #expect(response?.nodes6 == (v6 ? Asked.beside : nil))
            }
        }
    }

    @Test func whatHasNoPlaceIsNotKnown() {
        let node = Asked()
        #expect(node.refusal(.unknown(target: nil), from: Self.asker) == 204)
    }

    /// Whatever is malformed in a question is told; nothing else is answered, or two nodes would go on for ever.
    @Test func onlyQuestionsAreAnswered() {
        let node = Asked()
        let answer = node.answer(KRPCError(.missing(.target), transaction: [9], isQuery: true))
        let failure = KRPCFailure(transaction: [9], code: 203, message: Array("no target".utf8))
        #expect(answer?.withBytes { try? KRPCMessage($0) } == .failure(failure))
        for error in [
            KRPCError(.missing(.sender), transaction: [9], isQuery: false),
            KRPCError(.malformed(at: 3), transaction: nil, isQuery: true),
        ] { #expect(node.answer(error) == nil) }
    }

    @Test func aReadOnlyNodeAnswersNobody() {
        let node = Asked { $0.isReadOnly = true }
        #expect(node.ask(.ping, from: Self.asker) == nil)
        let error = KRPCError(.missing(.target), transaction: [9], isQuery: true)
        #expect(node.answer(error) == nil)
    }

    // MARK: Tokens

    @Test func aTokenIsGoodForFiveMinutesAtLeastAndTenAtTheMost() {
        for (seconds, isGood) in [(0, true), (299, true), (600, false), (3_600, false)] {
            // Wherever in its span of time it is given.
            for start in [0, 100, 299] {
                let node = Asked()
                node.now = .zero + .seconds(3_000 + start)
                let token = node.token(for: Self.asker)
                node.now = node.now + .seconds(seconds)
                let announce = KRPCQuery.Method.announcePeer(
                    Asked.infoHash(1), port: 1, impliesPort: false, token: token)
                #expect(node.refusal(announce, from: Self.asker) == (isGood ? nil : 203))
                #expect(node.answering.kept.peers == (isGood ? 1 : 0))
            }
        }
    }

    @Test func tokensOfOthersAndForgedOnesAreRefused() {
        let node = Asked()
        let token = node.token(for: Self.asker)
        #expect(token.count == 8)
        let other = Asked { $0.secret = 3 }
        var forged = [[], [0], token + [0], token.dropLast(), other.token(for: Self.asker)].map { Array($0) }
        for bit in 0..<64 {
            var changed = token
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            forged.append(changed)
        }
        for token in forged {
            let announce = KRPCQuery.Method.announcePeer(Asked.infoHash(1), port: 1, impliesPort: true, token: token)
            #expect(node.refusal(announce, from: Self.asker) == 203)
            let put = KRPCQuery.Method.put(KRPCItem(value: Array("1:x".utf8)), replacing: nil, token: token)
            #expect(node.refusal(put, from: Self.asker) == 203)
        }
        // Somebody else's.
        let announce = KRPCQuery.Method.announcePeer(Asked.infoHash(1), port: 1, impliesPort: true, token: token)
        for address in [Asked.address(2), .v4(0x2000_0102), .v6(0x2001 << 48, 1)] {
            #expect(node.refusal(announce, from: address) == 203)
        }
        #expect(node.answering.kept.peers == 0 && node.answering.kept.items == 0)
        #expect(node.refusal(announce, from: Self.asker) == nil)
    }

    // MARK: Limits

    @Test func whoAsksTooMuchIsNotHeard() {
        let node = Asked()
        func heard(_ count: Int, _ address: IPAddress) -> Int {
            (0..<count).count { _ in node.admits(address) }
        }
        #expect(heard(100, Self.asker) == 40)
        #expect(heard(100, Asked.address(2)) == 40)
        node.now = node.now + .seconds(1)
        #expect(heard(100, Self.asker) == 10)
        node.now = node.now + .seconds(60)
        #expect(heard(100, Self.asker) == 40)
        // One /64 is one customer.
        let addresses = (0..<100).map { IPAddress.v6(0x2001_0DB8 << 32, UInt64($0)) }
        #expect(addresses.count { node.admits($0) } == 40)
        #expect(node.admits(.v6(0x2001_0DB8 << 32 + 1, 1)))
        // And who has a /48 asks no more than eight of those.
        let wide = (0..<65_536).map { IPAddress.v6(0x2001_0DB8_0005 << 16 + UInt64($0), 1) }
        #expect(wide.count { node.admits($0) } == 8 * 40)
        // Programs of our own.
        #expect(heard(1_000, .loopbackV4) == 1_000)
    }

    /// Many others do not make the node forget who has asked too much: they have credit, and go first.
    @Test func whoIsOverTheLimitStaysKnown() {
        let node = Asked()
        for _ in 0..<40 { _ = node.admits(Self.asker) }
        for number in 0..<20_000 {
            node.now = node.now + .microseconds(10)
            #expect(node.admits(.v4(0x3000_0000 + UInt32(number))))
        }
        // In those 200 ms it has earned two.
        #expect((0..<40).count { _ in node.admits(Self.asker) } == 2)
    }

    @Test func thoseWhoMayNotBeThereGetSoManyBytesASecond() {
        let node = Asked()
        node.isProven = false
        let query = KRPCQuery(.findNode(Self.place), transaction: [1, 2], sender: Asked.asker)
        func bytes() -> Int {
            (0..<500).reduce(0) { sum, number in
                sum + (node.datagram(query, from: Endpoint(Asked.address(number), port: 1))?.count ?? 0)
            }
        }
        #expect((49_000...50_000).contains(bytes()))
        #expect(bytes() < 500)
        node.now = node.now + .milliseconds(500)
        #expect((24_000...25_500).contains(bytes()))
        // Refusals count too, and those who have answered us do not wait for others.
        let error = KRPCError(.missing(.target), transaction: [9], isQuery: true)
        while node.answer(error) != nil {}
        node.isProven = true
        #expect(bytes() > 100_000)
    }

    /// One site, and even five, ask as fast as they may for the longest that there is: others are answered.
    @Test func aFewDoNotUseUpWhatTheUnprovenGet() {
        let node = Asked()
        for number in 0..<200 { node.announce(Asked.infoHash(1), from: Asked.address(number)) }
        node.isProven = false
        var query = KRPCQuery(.getPeers(Asked.infoHash(1)), transaction: [1, 2], sender: Asked.asker)
        query.wants = [.v4, .v6]
        var (answered, mostOfFew, shortest) = (0, 0, Int.max)
        for second in 0..<20 {
            node.now = node.now + .seconds(1)
            var ofFew = 0
            for number in 0..<50 {
                // Two from one site at different addresses, four from others.
                let address =
                    number.isMultiple(of: 2) ? IPAddress.v4(0x4000_0000) : .v4(0x4000_0000 + UInt32(number % 8) << 8)
                ofFew += node.datagram(query, from: Endpoint(address, port: UInt16(1 + number)))?.count ?? 0
            }
            mostOfFew = max(mostOfFew, ofFew)
            let other = Endpoint(Asked.address(300 + second), port: 1)
            guard let bytes = node.datagram(query, from: other) else { continue }
            answered += 1
            guard case .response(let response)? = bytes.withBytes({ try? KRPCMessage($0) }) else { continue }
            #expect(response.token != nil && response.nodes?.count == 8 && response.values.count >= 8)
            shortest = min(shortest, bytes.count)
        }
        #expect(answered == 20)
        #expect(mostOfFew <= 5 * 5_000)
        #expect(shortest > 300)
    }

    /// When little is left, what is told is short, and enough to go on.
    @Test func whatIsLeftIsForShortAnswers() {
        let node = Asked()
        for number in 0..<200 { node.announce(Asked.infoHash(1), from: Asked.address(number)) }
        node.isProven = false
        var query = KRPCQuery(.getPeers(Asked.infoHash(1)), transaction: [1, 2], sender: Asked.asker)
        query.wants = [.v4, .v6]
        let answers = (0..<200).compactMap { node.datagram(query, from: Endpoint(Asked.address(300 + $0), port: 1)) }
        let short = answers.filter { $0.count < 450 }
        #expect(answers.count > 75, "fifty, were they all long")
        #expect((20...26).contains(answers.count - short.count))
        for bytes in short {
            guard case .response(let response)? = bytes.withBytes({ try? KRPCMessage($0) }) else {
                return #expect(Bool(false), "an answer")
            }
            #expect(response.values.count == 8 && response.nodes?.count == 8 && response.nodes6 == nil)
        }
    }

    /// Whoever shows a good token has shown where he is: what he announces is not kept without a word.
    @Test func aGoodTokenProves() {
        let node = Asked()
        let token = node.token(for: Self.asker)
        node.isProven = false
        let error = KRPCError(.missing(.target), transaction: [9], isQuery: true)
        for number in 0..<2_000 { _ = node.answer(error, from: Asked.address(number)) }
        #expect(node.answer(error, from: Asked.address(1)) == nil)
        func announce(_ token: [UInt8]) -> KRPCMessage? {
            let method = KRPCQuery.Method.announcePeer(Asked.infoHash(1), port: 1, impliesPort: true, token: token)
            return node.ask(method, from: Self.asker)
        }
        #expect(announce(token) != nil && node.answering.kept.peers == 1)
        #expect(announce([1, 2, 3]) == nil)
        let item = KRPCItem(value: Array("1:x".utf8))
        #expect(node.ask(.put(item, replacing: nil, token: token), from: Self.asker) != nil)
    }

    /// Whatever is kept: the longest answers of all methods stay within a datagram.
    @Test func theLongestAnswersKeepToTheLimit() {
        let node = Asked()
        for number in 0..<200 { node.announce(Asked.infoHash(1), from: Asked.address(number)) }
        for number in 0..<100 { node.announce(Asked.infoHash(number), from: Asked.address(300 + number)) }
        let transaction = [UInt8](repeating: 7, count: 64)
        for method in [
            KRPCQuery.Method.getPeers(Asked.infoHash(1)), .sampleInfohashes(Self.place), .findNode(Self.place),
        ] {
            var query = KRPCQuery(method, transaction: transaction, sender: Asked.asker)
            query.wants = [.v4, .v6]
            let bytes = node.datagram(query, from: Endpoint(Self.asker, port: 1)) ?? []
            #expect((600...1_024).contains(bytes.count))
        }
    }
}
