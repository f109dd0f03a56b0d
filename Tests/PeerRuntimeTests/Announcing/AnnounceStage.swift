import PeerRuntime
import Synchronization
import TestSupport
import TorrentCore
import TorrentIO

/// A tracker's client on a reactor, with a phone book of its own instead of the system's.
// @unchecked: the client is touched on its reactor alone.
final class AnnounceStage: @unchecked Sendable {
    private let reactor: Reactor
    private let client: TrackerClient
    /// Where announces over UDP come from, by their family.
    let datagramEndpoints: [Endpoint]

    /// Short waits: what they are for is told by who answers, never by how long it took.
    static var pace: RacePace {
        var pace = RacePace()
        pace.toBeReached = .milliseconds(30)
        pace.toAnswer = .milliseconds(30)
        return pace
    }

    /// Every name has these addresses.
    init(_ addresses: [String] = ["127.0.0.1"], source: String? = nil, inflater: Inflater = .system) throws {
        let found = addresses.compactMap { IPAddress($0) }
        let source = source.flatMap { IPAddress($0) }
        reactor = try Reactor(name: "announce")
        let sockets = try Self.sockets(from: source)
        datagramEndpoints = sockets.map(\.endpoint)
        let hub = DatagramHub(sockets, reactor: reactor)
        client = TrackerClient(
            reactor: reactor, resolver: Resolver(count: 1) { _ in .success(found) }, udpTrackers: UDPTrackers(hub),
            source: source, seed: 1, pace: Self.pace, inflater: inflater)
        try hub.start()
        reactor.start()
    }

    deinit { reactor.stop() }

    private static func sockets(from source: IPAddress?) throws -> [UDPSocket] {
        if let source { return [try UDPSocket(Endpoint(source, port: 0))] }
        return [try UDPSocket(Endpoint(.anyV4, port: 0)), try UDPSocket(Endpoint(.anyV6, port: 0))]
    }

    static let request = AnnounceRequest(
        infoHash: InfoHash(hex: String(repeating: "ab", count: 20))!,
        peerID: PeerID(hex: String(repeating: "cd", count: 20))!, port: 6_881, left: 9, event: .started,
        numberWanted: 50, key: 0x0102_0304)

    /// What became of one announce.
    func announce(
        _ url: String, within timeout: Duration = .seconds(60)
    ) async throws -> Result<AnnounceResponse, AnnounceFailure> {
        let url = try TrackerURL(url)
        let said = Said()
        reactor.perform { [self] in
            _ = client.announce(Self.request, to: url, timeout: timeout) { said.say($0.map(\.response)) }
        }
        // On a busy machine whoever waits here is late himself.
        _ = try await eventually(within: timeout + .seconds(60)) { said.answer != nil }
        guard let answer = said.answer else { throw TestFailure("the announce to \(url) never ended") }
        return answer
    }

    /// The ports of the peers that it brought.
    func peers(_ url: String, within timeout: Duration = .seconds(60)) async throws -> [UInt16] {
        try await announce(url, within: timeout).get().peers.map(\.port)
    }

    /// Why it brought nothing.
    func failure(_ url: String, within timeout: Duration = .seconds(60)) async throws -> String {
        switch try await announce(url, within: timeout) {
        case .success(let answer): throw TestFailure("the announce went well: \(answer)")
        case .failure(let failure): return failure.reason
        }
    }

    private final class Said: Sendable {
        private let result = Mutex<Result<AnnounceResponse, AnnounceFailure>?>(nil)
        var answer: Result<AnnounceResponse, AnnounceFailure>? { result.withLock { $0 } }
        func say(_ answer: Result<AnnounceResponse, AnnounceFailure>) { result.withLock { $0 = answer } }
    }
}

/// Trackers as tests play them.
enum FakeTracker {
    /// An answer with one peer at this port.
    static func body(_ port: UInt16) -> [UInt8] {
        Array("d8:intervali60e5:peers6:".utf8) + [10, 0, 0, 1, UInt8(port >> 8), UInt8(port & 255)] + Array("e".utf8)
    }

    static func http(_ body: [UInt8], status: String = "200 OK", _ fields: String = "") -> [UInt8] {
        Array("HTTP/1.1 \(status)\r\nContent-Length: \(body.count)\r\n\(fields)\r\n".utf8) + body
    }

    /// Answers each request with `bytes`.
    static func server(
        host: String = "127.0.0.1", port: Int = 0, _ bytes: [UInt8], heads: Heads = Heads()
    ) throws -> LoopbackServer {
        try LoopbackServer(host: host, port: port) { connection in
            heads.add(connection.receiveHead())
            connection.send(bytes)
        }
    }

    /// What a UDP tracker with one peer at `peer` answers to a packet; `before` comes in front of each answer.
    static func datagram(
        _ packet: [UInt8], peer: UInt16, before: (_ transaction: [UInt8]) -> [[UInt8]] = { _ in [] }
    ) -> [[UInt8]] {
        let transaction = Array(packet[12..<16])
        let answer: [UInt8] =
            packet[11] == 0
            ? [0, 0, 0, 0] + transaction + [1, 2, 3, 4, 5, 6, 7, 8]
            : [0, 0, 0, 1] + transaction + [0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 1, 10, 0, 0, 1, UInt8(peer >> 8)]
                + [UInt8(peer & 255)]
        return before(transaction) + [answer]
    }
}

/// The heads of requests, and from where they came.
final class Heads: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }
    func add(_ head: String) { list.withLock { $0.append(head) } }
}
