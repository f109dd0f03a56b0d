import Testing
import TorrentCore

@Suite struct BencodeTests {
    private func decode(_ text: String, limits: BencodeLimits = .message) throws(BencodeError) -> BencodeValue {
        try BencodeValue(decoding: Array(text.utf8), limits: limits)
    }

    @Test(
        arguments: [
            ("i0e", 0), ("i-1e", -1), ("i42e", 42), ("i9e", 9), ("i10e", 10), ("i-100e", -100),
            ("i9223372036854775807e", Int64.max), ("i-9223372036854775808e", Int64.min),
        ] as [(String, Int64)])
    func `integers decode to the ends of 64 bits`(text: String, value: Int64) throws {
        #expect(try decode(text) == .integer(value))
        #expect(String(decoding: BencodeValue.integer(value).encoded, as: UTF8.self) == text)
    }

    @Test(
        arguments: [
            ("", .unexpectedEnd(at: 0)), ("i", .unexpectedEnd(at: 1)), ("i1", .unexpectedEnd(at: 2)),
            ("ie", .integerNotCanonical(at: 0)), ("i-e", .integerNotCanonical(at: 0)),
            ("i-0e", .integerNotCanonical(at: 0)), ("i00e", .integerNotCanonical(at: 0)),
            ("i03e", .integerNotCanonical(at: 0)), ("i-03e", .integerNotCanonical(at: 0)),
            ("i1.5e", .unexpectedByte(0x2E, at: 2)), ("i+1e", .integerNotCanonical(at: 0)),
            ("i9223372036854775808e", .integerOutOfRange(at: 0)), ("i-9223372036854775809e", .integerOutOfRange(at: 0)),
            ("3", .unexpectedEnd(at: 1)), ("3:ab", .stringBeyondEnd(length: 3, available: 2, at: 0)),
            ("03:abc", .lengthNotCanonical(at: 0)), ("3x", .unexpectedByte(0x78, at: 1)),
            ("-1:a", .unexpectedByte(0x2D, at: 0)), ("e", .unexpectedByte(0x65, at: 0)),
            ("l", .unexpectedEnd(at: 1)), ("li1e", .unexpectedEnd(at: 4)), ("di1ei2ee", .keyNotString(at: 1)),
            ("d1:ae", .valueMissing(at: 4)), ("d1:a", .unexpectedEnd(at: 4)),
            ("i1ei2e", .trailingBytes(count: 3, at: 3)),
            ("d1:ai1e1:ai2ee", .duplicateKey([0x61], at: 7)), ("d1:bi1e1:ai2e1:bi3ee", .duplicateKey([0x62], at: 13)),
        ] as [(String, BencodeError)])
    func `malformed input is named with its place`(text: String, error: BencodeError) {
        #expect(throws: error) { try decode(text) }
    }

    @Test(
        arguments: [
            ("i-0e", .paddedNumbers, 0), ("i00e", .paddedNumbers, 0), ("i03e", .paddedNumbers, 3),
            ("i-03e", .paddedNumbers, -3), ("03:abc", .paddedNumbers, nil), ("d1:ai1e1:ai2ee", .repeatedKeys, nil),
            ("d1:bi1e1:ai2e1:bi3ee", [.repeatedKeys, .unsortedKeys], nil), ("i5e", [], 5),
        ] as [(String, BencodeIrregularities, Int64?)])
    func `what is odd but clear is read where that is tolerated`(
        text: String, irregularities: BencodeIrregularities, value: Int64?
    ) throws {
        let document = try BencodeDocument(Array(text.utf8), isTolerant: true)
        #expect(document.irregularities == irregularities)
        #expect(document.root.integer == value)
        if irregularities.contains(.repeatedKeys) {
            #expect(document.root["a"]?.integer == (irregularities == .repeatedKeys ? 1 : 2))
            // Written once, and the first counts there too.
            #expect(document.root.value.dictionary?.pairs.first?.value.integer == document.root["a"]?.integer)
            #expect(document.root.value["b"]?.integer ?? 1 == 1)
        }
        for malformed in ["i+1e", "i e", "ie", "i-e", "i1.5e"] {
            #expect(throws: BencodeError.self) { try BencodeDocument(Array(malformed.utf8), isTolerant: true) }
        }
    }

    @Test func `a length that overflows is an error, not a trap`() {
        #expect(throws: BencodeError.self) { try decode("99999999999999999999999999:a") }
        #expect(throws: BencodeError.self) { try decode("9223372036854775807:a") }
    }

    @Test func `limits hold`() {
        let limits = BencodeLimits(byteCount: 40, depth: 3, items: 4)
        #expect(throws: BencodeError.tooDeep(limit: 3, at: 3)) { try decode("lllleeee", limits: limits) }
        #expect(throws: Never.self) { try decode("llleee", limits: limits) }
        #expect(throws: BencodeError.tooManyItems(limit: 4, at: 10)) { try decode("li1ei2ei3ei4ee", limits: limits) }
        #expect(throws: BencodeError.inputTooLong(bytes: 41, limit: 40)) {
            try decode("38:" + String(repeating: "x", count: 38), limits: limits)
        }
    }

    @Test func `unsorted keys are read, reported and written sorted`() throws {
        let document = try BencodeDocument(Array("d1:b1:x1:a1:ye".utf8))
        #expect(document.irregularities.contains(.unsortedKeys))
        #expect(document.root["a"]?.string == Array("y".utf8))
        #expect(document.root.value.encoded == Array("d1:a1:y1:b1:xe".utf8))
        #expect(try !BencodeDocument(Array("d1:a1:y1:b1:xe".utf8)).irregularities.contains(.unsortedKeys))
        // A shorter key sorts before a longer one that it begins.
        #expect(try !BencodeDocument(Array("d1:a1:y2:aa1:xe".utf8)).irregularities.contains(.unsortedKeys))
    }

    @Test func `raw ranges cover exactly the value`() throws {
        let document = try BencodeDocument(Array("d1:ai7e4:infod1:xl1:y3:abcee1:zlee".utf8))
        #expect(document.root["info"]?.rawBytes == Array("d1:xl1:y3:abcee".utf8))
        #expect(document.root["a"]?.rawBytes == Array("i7e".utf8))
        #expect(document.root["z"]?.list?.count == 0)
        #expect(document.root["info"]?["x"]?.list?.map { $0.text } == ["y", "abc"])
        #expect(document.root["missing"] == nil)
        #expect(document.root["a"]?.string == nil)
    }

    @Test func `bytes may follow only where they are allowed`() throws {
        let bytes = Array("d8:msg_typei1ee".utf8) + [1, 2, 3]
        #expect(throws: BencodeError.trailingBytes(count: 3, at: 15)) { try BencodeDocument(bytes) }
        #expect(try BencodeDocument(bytes, allowsTrailing: true).byteCount == 15)
    }

    @Test func `dictionaries stay sorted whatever the order of insertion`() {
        let value: BencodeValue = ["zz": 1, "a": ["x", 2], "m": ["k": "v"]]
        #expect(value.encoded == Array("d1:al1:xi2ee1:md1:k1:ve2:zzi1ee".utf8))
        var dictionary = BencodeDictionary()
        dictionary["b"] = 1
        dictionary["b"] = 2
        dictionary["a"] = 3
        dictionary["b"] = nil
        #expect(BencodeValue.dictionary(dictionary).encoded == Array("d1:ai3ee".utf8))
    }

    @Test func `random values survive a round trip`() throws {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<300 {
            let value = BencodeValue.random(depth: 4, using: &generator)
            #expect(try BencodeValue(decoding: value.encoded) == value)
        }
    }

    @Test func `mutated input never traps, and what is accepted encodes to itself`() {
        var generator = SplitMix64(seed: 2)
        let seeds = (0..<20).map { _ in BencodeValue.random(depth: 4, using: &generator).encoded }
        for round in 0..<4_000 {
            let bytes = seeds[round % seeds.count].mutated(using: &generator)
            guard let document = try? BencodeDocument(bytes), !document.irregularities.contains(.unsortedKeys) else {
                continue
            }
            #expect(document.root.value.encoded == bytes, "round \(round)")
        }
    }
}
