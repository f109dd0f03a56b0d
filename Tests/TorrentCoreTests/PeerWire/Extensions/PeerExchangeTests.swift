import Testing
import TorrentCore

@Suite struct PeerExchangeTests {
    static let four = Endpoint(.v4(0x0102_0304), port: 0x1AE1)
    static let six = Endpoint(.v6(0x2001_0DB8 << 32, 1), port: 0x1AE1)

    static func parse(_ bytes: [UInt8]) throws(WireError) -> PeerExchange {
        try bytes.withBytes { span throws(WireError) in try PeerExchange(parsing: span) }
    }

    static func body(_ exchange: PeerExchange) -> [UInt8] {
        var bytes: [UInt8] = []
        exchange.append(to: &bytes)
        return bytes
    }

    @Test func bytesAreThoseOfTheStandard() throws {
        let both = PeerExchange(
            added: [ExchangedPeer(Self.six, .uploadOnly), ExchangedPeer(Self.four, [.reachable, .utp])],
            dropped: [Self.six, Endpoint(.v4(0x0A00_0001), port: 1)])
        let packed = both.added.map { $0.endpoint }
        #expect(packed.count == 2)
        var wanted = Array("d5:added6:".utf8) + [1, 2, 3, 4, 0x1A, 0xE1] + Array("7:added.f1:".utf8) + [0x14]
        wanted +=
            Array("6:added618:".utf8) + [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1, 0x1A, 0xE1]
        wanted += Array("8:added6.f1:".utf8) + [2] + Array("7:dropped6:".utf8) + [10, 0, 0, 1, 0, 1]
        wanted += Array("8:dropped618:".utf8) + [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11)
        wanted += [1, 0x1A, 0xE1] + Array("e".utf8)
        #expect(Self.body(both) == wanted)
        let read = try Self.parse(wanted)
        // IPv4 stands first.
        #expect(read.added == [both.added[1], both.added[0]])
        #expect(read.dropped == [both.dropped[1], both.dropped[0]])
    }

    /// One of the four lists has to be there.
    @Test func anEmptyOneSaysSo() throws {
        #expect(String(decoding: Self.body(PeerExchange()), as: UTF8.self) == "d5:added0:7:added.f0:e")
        #expect(try Self.parse(Self.body(PeerExchange())).isEmpty)
        #expect(try Self.parse(Array("de".utf8)).isEmpty)
    }

    @Test func nobodyIsTakenWhoCannotBeConnectedTo() throws {
        let odd: [Endpoint] = [
            Endpoint(.v4(0), port: 6_881), Endpoint(.v4(1), port: 0), Endpoint(.v4(0xE000_0001), port: 1),
            Endpoint(.v4(.max), port: 1), Self.four, Self.four, Endpoint(.anyV6, port: 4), Self.six, Self.six,
        ]
        let read = try Self.parse(
            Self.body(PeerExchange(added: odd.map { ExchangedPeer($0, .reachable) }, dropped: odd)))
        #expect(read.added.map(\.endpoint) == [Self.four, Self.six])
        #expect(read.added.allSatisfy { $0.flags == .reachable })
        #expect(read.dropped == [Self.four, Self.six])
    }

    /// Bytes that fill no peer, flags that are too few, lists that are none.
    @Test func whatIsOddIsSkipped() throws {
        let short = Array("d5:added8:".utf8) + [1, 2, 3, 4, 0, 9, 5, 6] + Array("e".utf8)
        #expect(try Self.parse(short).added == [ExchangedPeer(Endpoint(.v4(0x0102_0304), port: 9))])
        let kinds = Array("d5:addedi5e7:added.fle7:droppedd1:xi1eee".utf8)
        #expect(try Self.parse(kinds).isEmpty)
        let flags = Array("d5:added12:".utf8) + [1, 0, 0, 1, 0, 1, 1, 0, 0, 2, 0, 1] + Array("7:added.f1:".utf8) + [16]
        #expect(try Self.parse(flags + Array("e".utf8)).added.map(\.flags) == [.reachable, []])
        for none in ["", "le", "i1e", "d5:added9:abce", "d5:added0:"] {
            #expect(throws: WireError.badExtensionMessage(.exchange)) { try Self.parse(Array(none.utf8)) }
        }
    }

    @Test func noMoreAreReadThanTheLimit() throws {
        let many = (1...500).map { Endpoint(.v4(0x0100_0000 + UInt32($0)), port: 1) }
        let six = (1...500).map { Endpoint(.v6(1 << 60, UInt64($0)), port: 1) }
        let read = try Self.parse(
            Self.body(PeerExchange(added: (many + six).map { ExchangedPeer($0) }, dropped: six + many)))
        #expect(read.added.count == PeerExchange.mostRead && read.dropped.count == PeerExchange.mostRead)
        #expect(read.added.first?.endpoint == many[0])
    }

    @Test func tamperedListsAreReadOrRefused() {
        var generator = SplitMix64(seed: 42)
        let base = Self.body(
            PeerExchange(added: [ExchangedPeer(Self.four, .utp), ExchangedPeer(Self.six)], dropped: [Self.six]))
        for round in 0..<3_000 {
            guard let read = try? Self.parse(base.mutated(using: &generator)) else { continue }
            let all = read.added.map(\.endpoint) + read.dropped
            #expect(all.allSatisfy { $0.port != 0 && !$0.address.isMulticast }, "round \(round)")
            #expect(Set(read.dropped).count == read.dropped.count, "round \(round)")
        }
    }
}
