import DHTEngine
import Testing
import TorrentCore

/// Items that are kept for others (BEP 44).
@Suite struct KeptItemsTests {
    private static let giver = Asked.address(1)
    private static let key = [UInt8](repeating: 7, count: 32)
    private static let right = [UInt8](repeating: 1, count: 64)

    /// Signatures are right that are made of ones and of a message that tells all it has to.
    private static func node(_ change: (inout DHTConfiguration) -> Void = { _ in }) -> Asked {
        Asked {
            $0.checksSignature = { key, signature, message in
                key == Self.key && signature == Self.right && message.contains(UInt8(ascii: "v"))
            }
            change(&$0)
        }
    }

    private static func value(_ length: Int) -> [UInt8] {
        let digits = "\(length - 4)".utf8.count
        return Array("\(length - digits - 1):".utf8) + [UInt8](repeating: 9, count: length - digits - 1)
    }

    private static func signed(
        _ text: String, _ sequence: Int64, salt: [UInt8] = [], signature: [UInt8] = right
    ) -> KRPCItem {
        KRPCItem(
            value: Array("\(text.utf8.count):\(text)".utf8),
            signature: KRPCItem.Signature(key: key, signature: signature, sequence: sequence, salt: salt))
    }

    private static func put(_ item: KRPCItem, replacing: Int64? = nil, _ node: Asked) -> Int? {
        node.refusal(.put(item, replacing: replacing, token: node.token(for: giver)), from: giver)
    }

    private static func place(of item: KRPCItem) -> NodeID {
        NodeID(SHA1.digest(of: item.signature.map { $0.key + $0.salt } ?? item.value).bytes)
    }

    /// The example of the standard: the place of an item that never changes.
    @Test func anItemIsAtTheHashOfItsValue() throws {
        let node = Self.node()
        let item = KRPCItem(value: Array("12:Hello World!".utf8))
        #expect(Self.put(item, node) == nil)
        let place = try #require(NodeID(hex: "e5f96f6f38320f0f33959cb4d3d656452117aadb"))
        let response = node.response(.get(place, newerThan: nil), from: Asked.address(2))
        #expect(response?.item == item && response?.sequence == nil && response?.token != nil)
        #expect(response?.nodes == Asked.closest)
        #expect(node.response(.get(Asked.ourID, newerThan: nil), from: Asked.address(2))?.item == nil)
    }

    /// The examples of the standard: places of items that change.
    @Test func anItemIsAtTheHashOfItsKeyAndSalt() throws {
        let key = try #require(
            [UInt8](hex: "77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548"))
        for (salt, place, signed) in [
            ("", "4a533d47ec9c7d95b1ad75f576cffc641853b750", "3:seqi1e1:v12:Hello World!"),
            (
                "foobar", "411eba73b6f087ca51a3795d9c8c938d365e32c1",
                "4:salt6:foobar3:seqi1e1:v12:Hello World!"
            ),
        ] {
            let node = Asked { $0.checksSignature = { _, _, message in message == Array(signed.utf8) } }
            let item = KRPCItem(
                value: Array("12:Hello World!".utf8),
                signature: KRPCItem.Signature(
                    key: key, signature: Self.right, sequence: 1, salt: Array(salt.utf8)))
            #expect(Self.put(item, node) == nil)
            let response = node.response(
                .get(try #require(NodeID(hex: place)), newerThan: nil), from: Asked.address(2))
            #expect(response?.item?.value == item.value && response?.sequence == 1)
            // The salt is not told.
            #expect(response?.item?.signature?.salt == [])
        }
    }

    @Test func whatIsNotNewerIsNotSent() {
        let node = Self.node()
        #expect(Self.put(Self.signed("a", 5), node) == nil)
        for (sequence, isSent) in [(4, true), (5, false), (6, false)] as [(Int64, Bool)] {
            let method = KRPCQuery.Method.get(Self.place(of: Self.signed("a", 5)), newerThan: sequence)
            let response = node.response(method, from: Self.giver)
            #expect((response?.item != nil) == isSent && response?.sequence == 5)
        }
    }

    /// Each refusal with its code, and what was there stays.
    @Test func refusals() {
        let node = Self.node()
        #expect(Self.put(Self.signed("old", 5), node) == nil)
        let wrong = [UInt8](repeating: 2, count: 64)
        for (item, replacing, code) in [
            (KRPCItem(value: Self.value(1_001)), nil, 205), (Self.signed("new", 6, signature: wrong), nil, 206),
            (Self.signed("new", 6, salt: [UInt8](repeating: 1, count: 65)), nil, 207),
            (Self.signed("new", 6), 4, 301), (Self.signed("new", 4), nil, 302), (Self.signed("new", 5), nil, 302),
            (Self.signed("new", 5, signature: wrong), nil, 302), (Self.signed("new", -1), nil, 203),
        ] as [(KRPCItem, Int64?, Int)] {
            #expect(Self.put(item, replacing: replacing, node) == code)
            let response = node.response(.get(Self.place(of: Self.signed("", 0)), newerThan: nil), from: Self.giver)
            #expect(response?.item == Self.signed("old", 5))
        }
        #expect(Self.put(Self.signed("new", 6), replacing: 5, node) == nil)
        #expect(Self.put(Self.signed("newer", 7), node) == nil)
        // Another salt is another place; nothing is there to be replaced.
        #expect(Self.put(Self.signed("new", 1, salt: [1]), replacing: 9, node) == nil)
        #expect(node.answering.kept.items == 2)
    }

    @Test func whereNobodyCanCheckSignaturesNothingSignedIsKept() {
        let node = Self.node { $0.checksSignature = nil }
        let method = KRPCQuery.Method.put(
            Self.signed("a", 1), replacing: nil, token: node.token(for: Self.giver))
        guard case .failure(let failure)? = node.ask(method, from: Self.giver) else {
            return #expect(Bool(false), "a refusal")
        }
        #expect(failure.code == 202)
        #expect(failure.message == Array("signatures cannot be checked here".utf8))
        #expect(Self.put(KRPCItem(value: Array("1:x".utf8)), node) == nil)
    }

    @Test func anItemIsForgottenAfterTwoHoursUnlessItIsGivenAgain() {
        let node = Self.node()
        let item = Self.signed("a", 1)
        #expect(Self.put(item, node) == nil)
        node.now = node.now + .seconds(7_100)
        #expect(Self.put(item, node) == nil)
        node.now = node.now + .seconds(7_100)
        #expect(node.response(.get(Self.place(of: item), newerThan: nil), from: Self.giver)?.item == item)
        node.now = node.now + .seconds(101)
        #expect(node.response(.get(Self.place(of: item), newerThan: nil), from: Self.giver)?.item == nil)
        #expect(node.answering.nextDeadline <= node.now)
        node.answering.expire(at: node.now)
        #expect(node.answering.kept.items == 0 && node.answering.kept.itemBytes == 0)
        #expect(node.answering.nextDeadline == .distantFuture)
    }

    /// The longest that are taken can be told, in a datagram, to anybody.
    @Test func theLongestItemsAreTold() {
        let node = Self.node()
        for isSigned in [true, false] {
            let longest = isSigned ? 764 : 904
            var item = KRPCItem(value: Self.value(longest))
            if isSigned { item.signature = KRPCItem.Signature(key: Self.key, signature: Self.right, sequence: .max) }
            #expect(Self.put(item, node) == nil)
            let method = KRPCQuery.Method.get(Self.place(of: item), newerThan: nil)
            var query = KRPCQuery(method, transaction: [UInt8](repeating: 3, count: 16), sender: Asked.asker)
            query.wants = [.v4, .v6]
            let asker = Endpoint(.v6(0x2001 << 48, 1), port: 6_881)
            guard let bytes = node.datagram(query, from: asker),
                case .response(let response)? = bytes.withBytes({ try? KRPCMessage($0) })
            else { return #expect(Bool(false), "an answer") }
            #expect(response.item == item && bytes.count <= 1_024)
            item.value = Self.value(longest + 1)
            item.signature?.salt = [1]
            #expect(Self.put(item, node) == 205)
        }
    }

    // MARK: Room

    @Test func itemsTakeSoManyBytesAndThoseNearOurNameStay() {
        let node = Self.node { $0.limits.itemBytes = 20_000 }
        let items = (0..<200).map { KRPCItem(value: Array("i\($0)e".utf8)) }
        for (number, item) in items.enumerated() {
            let giver = Asked.address(number)
            _ = node.refusal(.put(item, replacing: nil, token: node.token(for: giver)), from: giver)
            #expect(node.answering.kept.itemBytes <= 20_000)
        }
        let kept = items.filter {
            node.response(.get(Self.place(of: $0), newerThan: nil), from: Self.giver)?.item != nil
        }
        #expect(kept.count == node.answering.kept.items && kept.count >= 40)
        let nearest = items.sorted { Self.place(of: $0) < Self.place(of: $1) }
        #expect(Set(kept) == Set(nearest.prefix(kept.count)))
    }

    @Test func oneSiteFillsNoMoreThanAnEighth() {
        let node = Self.node { $0.limits.itemBytes = 40_000 }
        let taken = (0..<50).count { Self.put(KRPCItem(value: Array("i\($0)e".utf8)), node) == nil }
        #expect((10...12).contains(taken))
        #expect(node.answering.kept.itemBytes <= 5_000)
    }

    @Test func soManySignaturesAreCheckedASecond() {
        let node = Self.node { $0.limits.itemBytes = 1 << 20 }
        let taken = (0..<200).count { Self.put(Self.signed("a", 1, salt: [UInt8($0)]), node) == nil }
        #expect(taken == 50)
        node.now = node.now + .seconds(1)
        #expect(Self.put(Self.signed("a", 1, salt: [222]), node) == nil)
    }
}
