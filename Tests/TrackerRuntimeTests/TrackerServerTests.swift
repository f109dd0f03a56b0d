import ByteStrings
import TestSupport
import Testing
import TorrentCore
import TorrentIO
import TrackerRuntime

@Suite struct TrackerServerTests {
    @Test func `peers find each other over HTTP and UDP`() throws {
        let fixture = try TrackerFixture()
        let first = try fixture.announce(TrackerFixture.announce(port: 7_001, left: 0))
        #expect(first.peers == [] && first.complete == 1 && first.incomplete == 0)
        let (second, _) = try fixture.announceUDP(
            TrackerFixture.announce(port: 7_002), at: fixture.endpoint, from: .loopbackV4)
        #expect(second.peers == [Endpoint(.loopbackV4, port: 7_001)])
        #expect(second.complete == 1 && second.incomplete == 1)
        let third = try fixture.announce(TrackerFixture.announce(port: 7_003))
        #expect(Set(third.peers.map(\.port)) == [7_001, 7_002])
    }

    @Test func `both families are served on one port and told of each other`() throws {
        let fixture = try TrackerFixture(addresses: [])
        try #require(fixture.endpoints.count == 2, "this machine lacks a family")
        #expect(Set(fixture.endpoints.map(\.port)).count == 1)
        let v4 = Endpoint(.loopbackV4, port: fixture.endpoint.port)
        let v6 = Endpoint(.loopbackV6, port: fixture.endpoint.port)
        _ = try fixture.announce(TrackerFixture.announce(port: 7_001, left: 0), at: v4)
        #expect(
            try fixture.announce(TrackerFixture.announce(port: 7_002), at: v6).peers == [
                Endpoint(.loopbackV4, port: 7_001)
            ])
        let (udp, _) = try fixture.announceUDP(TrackerFixture.announce(port: 7_003), at: v6, from: .loopbackV6)
        #expect(udp.peers == [Endpoint(.loopbackV6, port: 7_002)])
    }

    @Test func `an answer leaves from the address that was asked`() throws {
        let fixture = try TrackerFixture(addresses: [.anyV4])
        // The route back to 127.0.0.9 would make it leave from 127.0.0.9.
        let asked = Endpoint(.v4(0x7F00_0005), port: fixture.endpoint.port)
        let (_, source) = try fixture.announceUDP(
            TrackerFixture.announce(port: 7_001), at: asked, from: .v4(0x7F00_0009))
        #expect(source == asked)
    }

    @Test func `a packet with a foreign connection id gets no answer that is longer, nor any peers`() throws {
        let fixture = try TrackerFixture()
        let socket = try BlockingSocket(boundTo: .loopbackV4)
        var packet: [UInt8] = []
        UDPTrackerRequest.announce(connection: 1, transaction: 2, TrackerFixture.announce(port: 7_001))
            .append(to: &packet)
        let stranger = try UDPSocket(Endpoint(.loopbackV4, port: 0))
        try stranger.send(packet, to: fixture.endpoint)
        // Packets are answered in order: once this one is, the other has been looked at.
        packet = []
        UDPTrackerRequest.connect(transaction: 3).append(to: &packet)
        #expect(try socket.exchange(packet, with: fixture.endpoint).bytes.count == 16)
        #expect(try fixture.announce(TrackerFixture.announce(port: 7_002)).peers == [])
    }

    @Test func `a flood of packets is answered, and whoever comes after it`() throws {
        let fixture = try TrackerFixture()
        let client = try UDPSocket(Endpoint(.loopbackV4, port: 0))
        for round in 0..<4 {
            let batch = DatagramBatch()
            // More than one batch at once, then silence, in which the server must go to sleep and hear the next.
            for number in 0..<150 {
                if batch.isFull { batch.send(through: client) }
                var packet: [UInt8] = []
                UDPTrackerRequest.connect(transaction: TransactionID(UInt32(round * 1_000 + number))).append(
                    to: &packet)
                batch.append(to: fixture.endpoint) { room in
                    room.copyBytes(from: packet)
                    return packet.count
                }
            }
            batch.send(through: client)
            var answered: Set<TransactionID> = []
            let waiting = BlockingSocket(client)
            while answered.count < 150, waiting.isReady() {
                for index in 0..<(try batch.receive(from: client)) {
                    let answer = try Array(batch.bytes(index)).withBytes { try UDPTrackerResponse($0, overIPv4: true) }
                    answered.insert(answer.transaction)
                }
            }
            #expect(answered == Set((0..<150).map { TransactionID(UInt32(round * 1_000 + $0)) }))
            _ = try fixture.announceUDP(
                TrackerFixture.announce(port: 7_001), at: fixture.endpoint, from: .loopbackV4)
        }
    }

    @Test func `scrapes count, over both`() throws {
        let fixture = try TrackerFixture()
        _ = try fixture.announce(TrackerFixture.announce(port: 7_001, left: 0, .completed))
        _ = try fixture.announce(TrackerFixture.announce(port: 7_002))
        let hash = TrackerFixture.announce(port: 1).infoHash
        var target = Array("/scrape?".utf8)
        ScrapeRequest(infoHashes: [hash]).appendQuery(to: &target)
        let socket = try BlockingSocket(connectingTo: fixture.endpoint)
        try socket.send(TrackerFixture.get(String(decoding: target, as: UTF8.self)))
        let counts = try ScrapeResponse(bencode: socket.receiveAnswer().body).torrents.first { $0.infoHash == hash }?
            .counts
        #expect(counts == ScrapeCounts(complete: 1, incomplete: 1, downloaded: 1))
        #expect(try fixture.fetch("/scrape").body.hasPrefix("d14:failure reason"))
    }

    @Test func `what is wrong with an announce is said in bencode`() throws {
        let fixture = try TrackerFixture()
        let answer = try fixture.fetch("/announce?port=1")
        #expect(answer.status == 200 && answer.body == "d14:failure reason20:info_hash is missinge")
    }

    @Test func `a scrape is answered as far as its request goes`() throws {
        let fixture = try TrackerFixture()
        let request = ScrapeRequest(
            infoHashes: (0..<150).map {
                InfoHash(Bytes20(high: 0x6161_6161_6161_6100 + $0, middle: 0x6161_6161_6161_6161, low: 7))
            })
        var target = Array("/scrape?".utf8)
        request.appendQuery(to: &target)
        let socket = try BlockingSocket(connectingTo: fixture.endpoint)
        try socket.send(TrackerFixture.get(String(decoding: target, as: UTF8.self)))
        #expect(try ScrapeResponse(bencode: socket.receiveAnswer().body).torrents.count == 150)
    }

    @Test func `the port is one for everything, and taken is taken`() throws {
        let fixture = try TrackerFixture()
        var configuration = TrackerConfiguration()
        configuration.port = fixture.endpoint.port
        configuration.addresses = [.loopbackV4]
        let second = try TrackerServer(configuration)
        #expect(throws: TrackerServerError.portTaken(fixture.endpoint)) { _ = try second.start() }
    }

    @Test func `lanes share the port and the swarms, and nobody else gets in`() throws {
        let fixture = try TrackerFixture { $0.lanes = 3 }
        // The system spreads by address and port, so that some of these come to each lane.
        for port: UInt16 in 7_001...7_012 {
            _ = try fixture.announce(TrackerFixture.announce(port: port))
            _ = try fixture.announceUDP(
                TrackerFixture.announce(port: port + 100), at: fixture.endpoint, from: .loopbackV4)
        }
        #expect(try fixture.announce(TrackerFixture.announce(port: 7_300)).peers.count == 24)
        var configuration = TrackerConfiguration()
        configuration.port = fixture.endpoint.port
        configuration.addresses = [.loopbackV4]
        configuration.lanes = 2
        let second = try TrackerServer(configuration)
        #expect(throws: TrackerServerError.portTaken(fixture.endpoint)) { _ = try second.start() }
    }

    @Test func `swarms are there again after a restart`() throws {
        let folder = try TemporaryFolder()
        let warnings = Recorder<String>()
        let configure = { (configuration: inout TrackerConfiguration) in
            configuration.stateFile = ByteString(folder.path("state"))
            configuration.onWarning = { warnings.add("\($0)") }
        }
        let first = try TrackerFixture(configure)
        _ = try first.announce(TrackerFixture.announce(port: 7_001, left: 0, .completed))
        first.server.stop()
        let second = try TrackerFixture(configure)
        let answer = try second.announce(TrackerFixture.announce(port: 7_002))
        #expect(answer.peers == [Endpoint(.loopbackV4, port: 7_001)] && answer.downloaded == 1)
        second.server.stop()
        #expect(warnings.all.isEmpty)
        try folder.write("state", Array("P2PTRKR nonsense".utf8))
        let third = try TrackerFixture(configure)
        #expect(try third.announce(TrackerFixture.announce(port: 7_003)).peers == [])
        third.server.stop()
        #expect(warnings.all.count == 1)
        #expect(folder.names.count == 2, "the unreadable file is kept beside the new one")
    }

    @Test func `the state is written while the tracker runs`() async throws {
        let folder = try TemporaryFolder()
        let fixture = try TrackerFixture {
            $0.stateFile = ByteString(folder.path("state"))
            $0.stateInterval = .milliseconds(20)
        }
        _ = try fixture.announce(TrackerFixture.announce(port: 7_001))
        var size = 0
        for _ in 0..<500 where size < 70 {
            size = (try? folder.read("state").count) ?? 0
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(size > 70, "header, end and one torrent with a peer")
    }
}
