import ByteStrings
import PeerEvents
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

/// What connected peers and our node of the DHT have to do with each other.
@Suite("Peers and the DHT") struct DHTPeersTests {
    /// A seeder whose node has nobody to begin at.
    private static func seeder(
        in home: TemporaryFolder, isPrivate: Bool = false, hasDHT: Bool = true, nodes: [PeerAddress] = []
    ) async throws -> (node: TestNode, port: Int, infoHash: InfoHash) {
        let payload = Payload(file: "payload", size: 40_000)
        let folder = try home.folder("content")
        try payload.write(below: folder)
        let torrent = try TestTorrent(of: payload, at: "\(folder)/payload", pieceLength: 32_768, isPrivate: isPrivate)
        let metainfo = try Metainfo(parsing: torrent.encoded)
        let node = try TestNode(metainfo, folder: folder, role: .seed) {
            $0.dht = hasDHT ? DHTOptions(bootstrap: nodes) : nil
        }
        node.node.start()
        _ = try await node.wait("seeding") { if case .seeding = $0 { () } else { nil } }
        return (node, Int(try await node.port()), metainfo.infoHash)
    }

    /// A peer that shakes hands, says something, and goes: all that it was told until then.
    private static func told(
        _ reserved: ReservedBits, at port: Int, of infoHash: InfoHash, saying messages: [PeerMessage] = []
    ) throws -> (handshake: ReservedBits, ports: [UInt16]) {
        let connection = try LoopbackConnection(connectingTo: port)
        var bytes: [UInt8] = []
        let id = PeerID(Bytes20(high: 9, middle: 9, low: 9))
        Handshake(infoHash: infoHash, peerID: id, reserved: reserved).append(to: &bytes)
        for message in messages { message.append(to: &bytes) }
        connection.send(bytes)
        // Behind it comes, at once, all that there is to say.
        guard let handshake = connection.receiveExactly(Handshake.byteCount) else { throw TestFailure("no handshake") }
        connection.finishSending()
        let answer = handshake + connection.receiveToEnd()
        let bits = answer[20..<28].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var ports: [UInt16] = []
        var place = Handshake.byteCount
        while place + 4 <= answer.count {
            let length = answer[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
            if length == 3, place + 7 <= answer.count, answer[place + 4] == 9 {
                ports.append(UInt16(answer[place + 5]) << 8 | UInt16(answer[place + 6]))
            }
            place += 4 + length
        }
        return (ReservedBits(rawValue: bits), ports)
    }

    @Test("Who has a node hears where ours is; who has none does not")
    func portMessages() async throws {
        let home = try TemporaryFolder()
        let (seeder, port, infoHash) = try await Self.seeder(in: home)
        defer { seeder.node.stop() }
        let withNode = try Self.told([.ours, .dht], at: port, of: infoHash)
        #expect(withNode.handshake.contains(.dht))
        #expect(withNode.ports == [UInt16(port)])
        let without = try Self.told(.ours, at: port, of: infoHash)
        #expect(without.handshake.contains(.dht))
        #expect(without.ports == [])
    }

    @Test("Nobody hears of a node for a private torrent, or where there is none", arguments: [true, false])
    func privateTorrents(isPrivate: Bool) async throws {
        let home = try TemporaryFolder()
        let (seeder, port, infoHash) = try await Self.seeder(in: home, isPrivate: isPrivate, hasDHT: isPrivate)
        defer { seeder.node.stop() }
        let told = try Self.told([.ours, .dht], at: port, of: infoHash)
        #expect(!told.handshake.contains(.dht))
        #expect(told.ports == [])
    }

    @Test("The node that a peer has is asked, and what a private torrent's peer says is let pass")
    func nodesOfPeers() async throws {
        for isPrivate in [true, false] {
            let home = try TemporaryFolder()
            let node = try LoopbackDatagrams { _ in [] }
            let (seeder, port, infoHash) = try await Self.seeder(in: home, isPrivate: isPrivate)
            _ = try Self.told([.ours, .dht], at: port, of: infoHash, saying: [.port(UInt16(node.port))])
            if !isPrivate {
                let isAsked = try await eventually(within: .seconds(20)) { !node.senders.isEmpty }
                #expect(isAsked)
            }
            seeder.node.stop()
            _ = seeder.node.waitUntilDone()
            #expect(node.senders.isEmpty == isPrivate)
        }
    }

    @Test("A peer that says again and again where its node is, is heard twice")
    func manyPorts() async throws {
        let home = try TemporaryFolder()
        let nodes = try (0..<6).map { _ in try LoopbackDatagrams { _ in [] } }
        let (seeder, port, infoHash) = try await Self.seeder(in: home)
        let messages = nodes.map { PeerMessage.port(UInt16($0.port)) }
        _ = try Self.told([.ours, .dht], at: port, of: infoHash, saying: messages)
        let areAsked = try await eventually(within: .seconds(20)) { nodes[0...1].allSatisfy { !$0.senders.isEmpty } }
        #expect(areAsked)
        seeder.node.stop()
        _ = seeder.node.waitUntilDone()
        #expect(nodes[2...].allSatisfy { $0.senders.isEmpty })
    }

    // MARK: From the first public torrent to the last

    /// A seeder of a public torrent and a private one, in one process, that sends to `node` for the public one.
    private static func seederOfBoth(
        in home: TemporaryFolder, _ node: LoopbackDatagrams
    ) async throws -> (node: TestNode, publicOne: InfoHash) {
        let folder = try home.folder("content")
        let torrents = try [false, true].map { isPrivate in
            let payload = Payload(file: isPrivate ? "secret" : "film", size: 40_000)
            try payload.write(below: folder)
            return try Metainfo(
                parsing: TestTorrent(
                    of: payload, at: "\(folder)/\(payload.name)", pieceLength: 32_768, isPrivate: isPrivate
                ).encoded)
        }
        let bootstrap = PeerAddress(host: "127.0.0.1", port: UInt16(node.port))
        let seeder = try TestNode(folder: folder) { $0.dht = DHTOptions(bootstrap: [bootstrap]) }
        for torrent in torrents { try seeder.node.add(torrent, folder: ByteString(folder), role: .seed) }
        seeder.node.start()
        let isAsked = try await eventually(within: .seconds(20)) { !node.senders.isEmpty }
        #expect(isAsked)
        return (seeder, torrents[0].infoHash)
    }

    private static func states(_ node: TestNode) -> [DHTNews.State] {
        node.events.compactMap { if case .dht(let news) = $0 { news.state } else { nil } }
    }

    @Test(
        "When the last public torrent is gone nothing is sent any more, whatever private ones go on",
        .timeLimit(.minutes(1)))
    func lastPublicOne() async throws {
        let home = try TemporaryFolder()
        let node = try LoopbackDatagrams { _ in [] }
        let (seeder, publicOne) = try await Self.seederOfBoth(in: home, node)
        try seeder.node.remove(publicOne)
        let isOff = try await eventually(within: .seconds(20)) { Self.states(seeder).last == .off }
        #expect(isOff)
        // What was under way has arrived by then; a node that were still there would have asked again.
        try await Task.sleep(for: .milliseconds(200))
        let count = node.senders.count
        try await Task.sleep(for: .seconds(7))
        #expect(node.senders.count == count)
        seeder.node.stop()
        _ = seeder.node.waitUntilDone()
    }

    @Test(
        "A torrent that pauses and goes on is sought again, and the process keeps what it knows",
        .timeLimit(.minutes(1)))
    func pausesAndGoesOn() async throws {
        let home = try TemporaryFolder()
        let node = try LoopbackDatagrams { _ in [] }
        let (seeder, publicOne) = try await Self.seederOfBoth(in: home, node)
        for round in 1...3 {
            try seeder.node.pause(publicOne)
            let isOff = try await eventually(within: .seconds(20)) {
                Self.states(seeder).count { $0 == .off } == round
            }
            #expect(isOff)
            let count = node.senders.count
            try seeder.node.resume(publicOne)
            let isAsked = try await eventually(within: .seconds(20)) { node.senders.count > count }
            #expect(isAsked, "round \(round)")
        }
        let kept = DHTStore(ResumeStore(folder: ByteString("\(home.path("content")).records")))
        guard case .others = kept.claim() else { throw TestFailure("the lock was let go") }
        seeder.node.stop()
        _ = seeder.node.waitUntilDone()
        let isFree = try await eventually(within: .seconds(10)) {
            if case .ours = kept.claim() { true } else { false }
        }
        #expect(isFree)
    }

    @Test("The node ends with the process, in time, and says so")
    func stops() async throws {
        let home = try TemporaryFolder()
        let silent = try SilentPort()
        let (seeder, _, _) = try await Self.seeder(
            in: home, nodes: [PeerAddress(host: "127.0.0.1", port: UInt16(silent.port))])
        // As soon as there is a node.
        _ = try await seeder.wait("node") { if case .dht = $0 { () } else { nil } }
        let began = ContinuousClock.now
        seeder.node.stop()
        _ = seeder.node.waitUntilDone()
        #expect(ContinuousClock.now - began < .seconds(2))
        let last = seeder.events.compactMap { if case .dht(let news) = $0 { news.state } else { nil } }.last
        #expect(last == .off)
    }
}
