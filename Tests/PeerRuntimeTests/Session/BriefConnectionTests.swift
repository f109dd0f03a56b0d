import Glibc
import PeerEvents
import SwarmEngine
import Synchronization
import TestSupport
import Testing
import TorrentCore

@testable import PeerRuntime
@testable import TorrentIO

/// What people are told of a peer that is reached, and that does not stay.
@Suite struct BriefConnectionTests {
    @Test func aNamedPeerThatHangsUpIsSaidOnce() throws {
        let scene = try Scene { _, _ in }
        defer { scene.stop() }
        try scene.run(until: 4, "left")
        #expect(scene.complaints == ["peer \(scene.peer): it closed the connection; trying again"])
        #expect(scene.staged.timesLonely == 1)
        #expect(scene.staged.session.standstill(scene.staged.session.figures) == .nobodyStays)
        #expect(scene.staged.session.shortStay?.why == "it closed the connection")
        // From now on it is not even reached.
        scene.leave()
        try scene.run(until: 1, "failed")
        #expect(scene.staged.session.standstill(scene.staged.session.figures) == .nobodyReached)
        #expect(scene.complaints.count == 2)
    }

    /// The second connection is a good one: what comes after it is news again.
    @Test func itIsSaidAgainAfterAConnectionThatLasted() throws {
        let mayLeave = Mutex(false)
        let scene = try Scene { connection, number in
            for _ in 0..<5_000 where number == 2 && !mayLeave.withLock(\.self) { usleep(1_000) }
        }
        defer { scene.stop() }
        try scene.run(until: 2, "connected")
        #expect(scene.complaints.count == 1)
        scene.stage.runIteration(after: .seconds(11))
        mayLeave.withLock { $0 = true }
        try scene.run(until: 2, "left")
        #expect(scene.complaints.count == 1)
        #expect(scene.staged.timesLonely == 2)
        try scene.run(until: 4, "left")
        #expect(scene.complaints.count == 2)
        #expect(scene.staged.timesLonely == 2)
    }

    /// Who has everything waits for nobody: others hang up when they are done.
    @Test func aSeederDoesNotComplainOfHangUps() throws {
        let scene = try Scene(isSeeding: true) { _, _ in }
        defer { scene.stop() }
        try scene.run(until: 2, "left")
        #expect(scene.complaints == [])
    }

    @Test(
        arguments: [
            ("it named a piece that there is not", [0, 0, 0, 5, 4, 0x40, 0, 0, 0]),
            ("its messages make no sense", [0xff, 0xff, 0xff, 0xff, 5]),
        ] as [(String, [UInt8])])
    func whoBreaksTheProtocolIsSaid(_ words: String, _ bytes: [UInt8]) throws {
        let scene = try Scene { connection, _ in
            connection.send(bytes)
            while !connection.receive().isEmpty {}
        }
        defer { scene.stop() }
        try scene.run(until: 2, "left")
        #expect(scene.complaints == ["peer \(scene.peer): it broke the protocol: \(words); trying again"])
        let remarks = scene.staged.notices.filter { $0.code == "peer_misbehaved" }
        #expect(remarks.map(\.text) == Array(repeating: "peer \(scene.peer) broke the protocol: \(words)", count: 2))
        #expect(!remarks.contains { !$0.isDetail })
        #expect(scene.staged.timesLonely == 1)
    }

    @Test func whoIsAtWorkOnAnotherTorrentIsNeverConnected() throws {
        let scene = try Scene(infoHash: InfoHash(Bytes20(high: 1, middle: 2, low: 3))) { connection, _ in
            while !connection.receive().isEmpty {}
        }
        defer { scene.stop() }
        try scene.run(until: 3, "failed")
        #expect(!scene.told.contains("connected") && !scene.told.contains("left"), "\(scene.told)")
        #expect(scene.complaints == ["peer \(scene.peer): it is at work on another torrent; trying again"])
    }

    /// It is said that somebody is there before it is said what is said to them.
    @Test func whoComesIsSaidFirst() throws {
        let scene = try Scene(detail: .words, reserved: .ours) { connection, _ in
            connection.send([0, 0, 0, 1, 1])
            while !connection.receive().isEmpty {}
        }
        defer { scene.stop() }
        try scene.run(until: 2, "word")
        #expect(scene.told.first == "connected", "\(scene.told)")
    }

    /// Names from the code say nothing to people.
    @Test func eachViolationHasWords() {
        let all = (UInt8.min...UInt8.max).compactMap { Violation(rawValue: $0) }
        #expect(all.count >= 8)
        for violation in all {
            let words = CloseReason.protocolViolation(violation).words
            #expect(words.hasPrefix("it broke the protocol: it"), "\(words)")
            #expect(!words.contains("\(violation)"), "\(words)")
        }
        #expect(Set(all.map(\.words)).count == all.count)
    }
}

/// A session whose one peer, named by the user, shakes hands and then does what the test says.
private final class Scene {
    let stage: SessionStage
    let staged: StagedSession
    let peer: Endpoint
    private let server: LoopbackServer
    private let story: Story

    /// What was told, a word each.
    private final class Story: Sendable {
        let told = Mutex<[String]>([])

        func add(_ event: PeerEvent) {
            let word: String? =
                switch event {
                case .peer(_, let news):
                    switch news.kind {
                    case .connected: "connected"
                    case .failed: "failed"
                    case .left: "left"
                    default: nil
                    }
                case .word: "word"
                default: nil
                }
            if let word { told.withLock { $0.append(word) } }
        }
    }

    /// `answer` is called with each connection and its number, from 1.
    init(
        infoHash: InfoHash? = nil, isSeeding: Bool = false, detail: PeerDetail = .connections,
        reserved: ReservedBits = [], answer: @escaping @Sendable (LoopbackConnection, Int) -> Void
    ) throws {
        let count = Counter()
        server = try LoopbackServer { connection in
            guard let theirs = connection.receiveExactly(Handshake.byteCount),
                var ours = try? theirs.withBytes({ try Handshake(parsing: $0) })
            else { return }
            ours = Handshake(
                infoHash: infoHash ?? ours.infoHash, peerID: PeerID(Bytes20(high: 9, middle: 9, low: 9)),
                reserved: reserved)
            var bytes: [UInt8] = []
            ours.append(to: &bytes)
            connection.send(bytes)
            answer(connection, count.next())
        }
        let story = Story()
        self.story = story
        peer = Endpoint(.loopbackV4, port: UInt16(server.port))
        stage = try SessionStage(
            length: 65_536, pieceLength: 32_768, peers: [PeerAddress(host: "127.0.0.1", port: peer.port)],
            detail: detail, onEvent: { story.add($0) })
        staged = StagedSession(stage, have: isSeeding ? Bitfield(count: 2, filled: true) : nil)
    }

    var told: [String] { story.told.withLock(\.self) }

    /// What is said of named peers without `-v`.
    var complaints: [String] { staged.notices.filter { !$0.isDetail }.map(\.text) }

    /// Runs until something was told so often. Time passes only while there is no connection.
    func run(until count: Int, _ word: String) throws {
        for _ in 0..<20_000 {
            if told.count(where: { $0 == word }) >= count { return }
            let isAlone = staged.session.neighbours.isEmpty
            stage.runIteration(after: isAlone ? .milliseconds(500) : .zero)
            usleep(isAlone ? 100 : 1_000)
        }
        throw TestFailure("\(word) was not told \(count) times: \(told)")
    }

    /// Nobody answers any more.
    func leave() { server.stop() }

    func stop() {
        leave()
        staged.stop()
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}
