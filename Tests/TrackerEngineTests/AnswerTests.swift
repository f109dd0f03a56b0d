import Testing
import TorrentCore

@testable import TrackerEngine

/// What is in an answer: nobody twice, never the asker, as many as are wanted, and somebody to get it from.
@Suite struct AnswerTests {
    /// Numbers that leave swarms in their blocks, and ones that do not.
    static let sizes = [3, 12, 40, 60, 130, 2_000]

    static func peer(_ number: Int) -> String { "8.1.\(number / 200).\(number % 200 + 1):\(number % 7 + 1)" }

    @Test(arguments: sizes, [1, 5, 49, 50, 200])
    func `a leecher is told of the only seeder, whatever its family`(size: Int, wanted: Int) throws {
        for seeder in ["9.0.0.1:1", "[2001::1]:1"] where wanted > 1 || seeder == "9.0.0.1:1" {
            let stage = TrackerStage()
            for number in 0..<size { try stage.announce(Self.peer(number)) }
            if wanted > 1 { for number in 2..<size { try stage.announce("[2001::\(number)]:7") } }
            try stage.announce(seeder, left: 0)
            for _ in 0..<20 {
                let told = try stage.announce(Self.peer(1), wanted: wanted)
                #expect(told.contains(seeder))
                #expect(told.count == min(wanted, wanted > 1 ? 2 * size - 2 : size))
                #expect(Set(told).count == told.count && !told.contains(Self.peer(1)))
            }
            guard seeder.hasPrefix("9") else { continue }
            let packed = try stage.announce(Self.peer(1), wanted: wanted, packetBytes: 1_212)
            #expect(packed.contains(seeder) && packed.count == min(wanted, size))
        }
    }

    @Test(arguments: sizes)
    func `seeders are told of in about their proportion`(size: Int) throws {
        let stage = TrackerStage()
        for number in 0..<size { try stage.announce(Self.peer(number), left: number % 4 == 0 ? 0 : 1) }
        var seeders = 0
        for _ in 0..<400 {
            for peer in try stage.announce("9.0.0.1:1", wanted: 2) {
                if (0..<size).contains(where: { $0 % 4 == 0 && Self.peer($0) == peer }) { seeders += 1 }
            }
        }
        // One in two at least, since there is one in each answer.
        #expect((390...520).contains(seeders), "\(seeders) of 800")
    }

    @Test(arguments: sizes)
    func `the world is told of all whom it can reach, however many there are whom it cannot`(size: Int) throws {
        let stage = TrackerStage()
        for number in 0..<size * 3 {
            try stage.announce("10.0.\(number / 200).\(number % 200 + 1):1", left: number % 2 == 0 ? 0 : 1)
            if number.isMultiple(of: 3) { try stage.announce(Self.peer(number), left: number % 2 == 0 ? 0 : 1) }
        }
        try stage.announce("100.64.0.7:7")
        try stage.announce("[fd00::1]:7")
        for packetBytes in [nil, 1_212] {
            let told = try stage.announce("9.0.0.1:1", packetBytes: packetBytes)
            #expect(told.count == min(50, size) && Set(told).count == told.count)
            #expect(told.allSatisfy { $0.hasPrefix("8.") })
        }
        let seeder = try stage.announce("9.0.0.2:1", left: 0, wanted: 200)
        let leechers = (0..<size * 3).count { $0 % 3 == 0 && $0 % 2 == 1 }
        #expect(seeder.count == min(200, leechers + 1), "and one who asked before")
    }

    @Test(arguments: [nil, 1_212])
    func `a peer on the tracker's machine is told of once, by whichever names it is known`(packetBytes: Int?) throws {
        let stage = try AddressTests.stage()
        for number in 1...40 {
            for address in ["127.0.0.1", "[::1]", "192.168.1.7"] { try stage.announce("\(address):\(number)") }
        }
        let told = try stage.announce("192.168.1.20:1", wanted: 50, packetBytes: packetBytes)
        #expect(Set(told) == Set((1...40).map { "192.168.1.7:\($0)" }))
        #expect(told.count == 40, "nobody twice")
        #expect(try stage.announce("192.168.1.20:1", wanted: 10, packetBytes: packetBytes).count == 10, "not twenty")
        let fromV6 = try stage.announce("[fd00::20]:1", wanted: 200)
        let names = ["[fd00::7]", "192.168.1.7"].flatMap { name in (1...40).map { "\(name):\($0)" } }
        #expect(fromV6.count == 81 && Set(fromV6) == Set(names + ["192.168.1.20:1"]))
    }

    /// Who begins with a magnet link may say that it lacks nothing, and has nobody to ask for the metadata but seeders.
    @Test(arguments: sizes, [nil, 1_212])
    func `who lacks nothing is told of a few seeders when it comes, or if there is nobody else`(
        size: Int, packetBytes: Int?
    ) throws {
        let stage = TrackerStage()
        for number in 0..<size { try stage.announce(Self.peer(number), left: 0) }
        let few = min(size, 10)
        for event in [AnnounceEvent.started, .none] {
            let told = try stage.announce("9.0.0.1:1", left: 0, event, packetBytes: packetBytes)
            #expect(told.count == few && Set(told).count == few && !told.contains("9.0.0.1:1"))
        }
        try stage.announce("9.0.0.2:1")
        let first = try stage.announce("9.0.0.1:1", left: 0, .started, packetBytes: packetBytes)
        #expect(first.count == few + 1 && first.contains("9.0.0.2:1"))
        #expect(try stage.announce("9.0.0.1:1", left: 0, packetBytes: packetBytes) == ["9.0.0.2:1"])
        #expect(try stage.announce("9.0.0.1:1", left: 0, .started, wanted: 3, packetBytes: packetBytes).count == 3)
        #expect(try stage.announce("9.0.0.1:1", left: 0, .stopped, packetBytes: packetBytes).isEmpty)
        // Nobody is named by an address that cannot be reached, or by two.
        for number in 1...12 { try stage.announce("192.168.9.\(number):9", left: 0) }
        let outside = try stage.announce("9.0.0.1:1", left: 0, .started, packetBytes: packetBytes)
        #expect(outside.allSatisfy { $0.hasPrefix("8.") || $0 == "9.0.0.2:1" } && Set(outside).count == outside.count)
        #expect(outside.count == few + 1)
    }

    @Test func `nobody is told of itself by any of its names`() throws {
        let stage = try AddressTests.stage()
        for address in ["127.0.0.1", "[::1]", "192.168.1.7", "[fd00::7]", "10.1.0.7"] {
            #expect(try stage.announce("\(address):6881") == [], "\(address)")
        }
        #expect(try stage.announce("127.0.0.2:6881").contains("127.0.0.1:6881"), "what listens there is another")
        let dual = { (request: inout AnnounceRequest) in
            request.otherIPv6 = Endpoint("[2001::1]:7")
            request.otherIPv4 = Endpoint("9.9.9.9:7")
        }
        #expect(try stage.announce("192.168.1.20:1", torrent: 1, change: dual) == [])
        #expect(try stage.announce("192.168.1.20:1", torrent: 1, change: dual) == [])
        #expect(try stage.announce("192.168.1.21:1", torrent: 1).count == 2)
        let claim = { (request: inout AnnounceRequest) in request.address = IPAddress("8.8.8.8") }
        try stage.announce("192.168.1.30:1", torrent: 2)
        #expect(try stage.announce("192.168.1.30:1", torrent: 2, change: claim) == [], "known before by its own")
        #expect(try stage.announce("192.168.1.31:1", torrent: 2).sorted() == ["192.168.1.30:1", "8.8.8.8:1"])
        #expect(
            try stage.announce("192.168.1.30:1", torrent: 2, change: claim) == ["192.168.1.31:1"],
            "whatever it claims, it stands in the network")
    }

    @Test func `a seeder is told of as many leechers as there are, whichever family has them`() throws {
        let stage = TrackerStage()
        for number in 1...100 {
            try stage.announce("8.0.0.\(number):1", left: 0)
            try stage.announce("[2001::\(number)]:1")
        }
        #expect(try stage.announce("9.0.0.1:1", left: 0).count == 50)
    }

    @Test func `the work for one answer is bounded`() throws {
        let stage = TrackerStage()
        let most = LargeSwarmStore.mostLookedAt
        for number in 0..<most * 3 {
            try stage.announce("10.\(number >> 16).\(number >> 8 & 255).\(number & 255):1", wanted: 0)
        }
        try stage.announce("8.0.0.1:1", left: 0)
        var looked = 0
        let found = stage.tracker.table.place(of: TrackerStage.hash(0))
        let place = try #require(found)
        var chance = SplitMix64(seed: 1)
        let swarm = stage.tracker.table.swarm(place)
        stage.tracker.table.search(of: swarm, PeerEntryV4.self, wanted: 50, .all, using: &chance) { _ in
            looked += 1
            return false
        }
        #expect(looked == most + 1)
        #expect(try stage.announce("9.0.0.1:1") == ["8.0.0.1:1"], "the seeder is found all the same")
    }
}

/// Peers of a private network, and the world.
@Suite struct ExternalAddressTests {
    static func stage() throws -> TrackerStage {
        let stage = try AddressTests.stage()
        stage.tracker.policy.externalAddresses = [
            try #require(IPAddress("5.5.5.5")), try #require(IPAddress("2001::5")),
        ]
        return stage
    }

    @Test(arguments: [nil, 1_212])
    func `the world knows a private network by its external address, the network by its own`(packetBytes: Int?) throws {
        let stage = try Self.stage()
        let near = ["192.168.1.20:1", "10.1.3.4:2", "172.16.0.1:3", "169.254.1.1:4", "100.64.3.3:5"]
        for peer in near { try stage.announce(peer, left: 0) }
        try stage.announce("8.0.0.1:9")
        #expect(
            try stage.announce("8.0.0.2:1", packetBytes: packetBytes)
                == (1...5).map { "5.5.5.5:\($0)" } + ["8.0.0.1:9"])
        #expect(
            try stage.announce("192.168.1.21:1", packetBytes: packetBytes)
                == (near + ["8.0.0.1:9", "8.0.0.2:1"]).sorted())
    }

    @Test func `so it knows the tracker's machine, in each family`() throws {
        let stage = try Self.stage()
        try stage.announce("127.0.0.1:7", left: 0)
        try stage.announce("[fd00::9]:8", left: 0)
        #expect(try stage.announce("8.0.0.1:1") == ["5.5.5.5:7", "[2001::5]:8"])
        #expect(try stage.announce("8.0.0.1:1", packetBytes: 1_212) == ["5.5.5.5:7"])
        #expect(
            try stage.announce("[2001::9]:1", packetBytes: 1_212) == ["[2001::5]:7", "[2001::5]:8"],
            "what runs beside the tracker listens in both")
        #expect(try stage.announce("192.168.1.20:1").contains("192.168.1.7:7"))
    }

    @Test func `two machines behind one address and port are one peer, and never the asker`() throws {
        let stage = try Self.stage()
        for number in 1...200 { try stage.announce("192.168.1.\(number):6881", left: number % 2 == 0 ? 0 : 1) }
        try stage.announce("192.168.1.9:7000")
        #expect(try stage.announce("8.0.0.1:1", wanted: 30) == ["5.5.5.5:6881", "5.5.5.5:7000"])
        // Somebody of the network who came to the tracker by way of the router.
        #expect(try stage.announce("5.5.5.5:6881") == ["5.5.5.5:7000", "8.0.0.1:1"])
    }

    @Test func `without one, a private network stays to itself`() throws {
        let stage = try AddressTests.stage()
        try stage.announce("100.64.0.1:1")
        #expect(try stage.announce("8.0.0.1:1") == [])
        #expect(try stage.announce("100.64.0.2:1") == ["100.64.0.1:1", "8.0.0.1:1"])
    }
}
