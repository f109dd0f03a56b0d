import Glibc
import TestSupport
import Testing
import TorrentCore

@testable import TorrentIO

/// Hands are shaken over real connections, and what comes along with the handshake is heard.
@Suite struct HandshakeLinkTests {
    private static let geometry = TorrentGeometry(totalLength: 300_001, pieceLength: 65_536)
    private static let block = WireBlock(piece: 1, begin: 16_384, length: 16_384)

    /// Handshake, bitfield, a word and the beginning of a block come in one packet, the rest of the block later.
    @Test(arguments: PollerKind.allCases, [true, false])
    func whatComesAlongWithTheHandshakeIsHeard(poller: PollerKind, isOutgoing: Bool) async throws {
        let geometry = try #require(Self.geometry)
        let start = Int(Self.block.piece) * geometry.pieceLength + Int(Self.block.begin)
        let content = LinkScript.payload[start..<start + Int(Self.block.length)]
        var along: [UInt8] = []
        Bitfield(count: geometry.pieceCount, filled: true).appendMessage(to: &along)
        PeerMessage.unchoke.append(to: &along)
        PieceHeader(Self.block).append(to: &along)
        along += content.prefix(500)
        let meeting = try Meeting(isOutgoing: isOutgoing, poller: poller, said: Meeting.handshake + along)
        let established = try #require(try? meeting.result().get())
        #expect(established.theirs == Meeting.theirs)
        #expect(established.early == along)

        let stage = try LinkStage(
            geometry, poller: poller, ends: (established.stream, meeting.far), early: established.early)
        defer { stage.stop() }
        stage.reactor.start()
        let beginning: [LinkScript.Said] = [.bitfield(1), .message(.unchoke)]
        #expect(try await eventually(within: .seconds(60)) { stage.heard.all == beginning })
        #expect(try stage.far.send(Array(content.dropFirst(500))) == content.count - 500)
        #expect(try await eventually(within: .seconds(60)) { stage.heard.all == beginning + [.block(Self.block)] })
        #expect(stage.memory[start..<start + content.count].elementsEqual(content))
        #expect(stage.ended.all.isEmpty)
    }

    /// The end of the stream is known at once, and yet does not come before what was said.
    @Test(arguments: PollerKind.allCases)
    func whoHangsUpAtOnceIsHeardFirst(poller: PollerKind) async throws {
        let geometry = try #require(Self.geometry)
        var along: [UInt8] = []
        Bitfield(count: geometry.pieceCount).appendMessage(to: &along)
        let meeting = try Meeting(isOutgoing: false, poller: poller, said: Meeting.handshake + along)
        let established = try #require(try? meeting.result().get())
        shutdown(meeting.far.number, Int32(SHUT_RDWR))
        let stage = try LinkStage(
            geometry, poller: poller, ends: (established.stream, meeting.far), early: established.early)
        defer { stage.stop() }
        stage.reactor.start()
        #expect(try await eventually(within: .seconds(60)) { !stage.ended.all.isEmpty })
        #expect(stage.heard.all == [.bitfield(1)])
    }

    @Test func nonsenseBehindTheHandshakeEndsTheLink() async throws {
        let nonsense: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 7]
        let stage = try LinkStage(try #require(Self.geometry), poller: .preferred, early: nonsense)
        defer { stage.stop() }
        stage.reactor.start()
        #expect(try await eventually(within: .seconds(60)) { !stage.ended.all.isEmpty })
        #expect(stage.ended.all == [.malformed(.frameTooLong(id: 7, length: 0xFFFF_FFFF))])
    }

    /// What is no handshake is known before 68 bytes have come; an end within one, when it comes.
    @Test(arguments: [([0x47], false, .malformed), (Array(Meeting.handshake[..<67]), true, .dropped)] as [Case])
    func whatIsNoHandshakeIsNamed(_ row: Case) throws {
        for isOutgoing in [true, false] {
            let meeting = try Meeting(isOutgoing: isOutgoing, poller: .preferred, said: row.said)
            if row.closes { Sockets.finishSending(meeting.far) }
            guard case .failure(let failure) = try meeting.result() else {
                Issue.record("hands were shaken")
                continue
            }
            #expect(failure == row.failure)
        }
    }

    typealias Case = (said: [UInt8], closes: Bool, failure: HandshakeLink.Failure)
}

/// One connection over loopback: a link that shakes hands, on a reactor that runs by hand, and its other end.
private final class Meeting {
    /// The other end, blocking.
    let far: Descriptor
    private let reactor: Reactor
    private var link: HandshakeLink?
    private var outcome: Result<HandshakeLink.Established, HandshakeLink.Failure>?

    static let theirs = Handshake(
        infoHash: InfoHash(Bytes20(high: 1, middle: 1, low: 1)), peerID: PeerID(Bytes20(high: 2, middle: 2, low: 2)))
    static let handshake: [UInt8] = {
        var bytes: [UInt8] = []
        theirs.append(to: &bytes)
        return bytes
    }()

    /// The other end says all this in one go, before it hears anything.
    init(isOutgoing: Bool, poller: PollerKind, said: [UInt8]) throws {
        let listener = try TCPListener(Endpoint(.loopbackV4, port: 0))
        defer { listener.close() }
        reactor = try Reactor(name: "meeting", poller: poller)
        let connecting = isOutgoing ? nil : try Sockets.connectTCP(to: listener.endpoint)
        let (reactor, endpoint) = (reactor, listener.endpoint)
        var far = connecting
        var finish: ((Result<HandshakeLink.Established, HandshakeLink.Failure>) -> Void)?
        if isOutgoing {
            link = try HandshakeLink(
                to: endpoint, saying: Self.theirs, reactor: reactor, timeout: .seconds(10)
            ) { finish?($0) }
        }
        #expect(waitUntilReady(listener.descriptor, Int32(POLLIN)))
        let (accepted, _) = try #require(try listener.accept())
        if isOutgoing {
            far = accepted
        } else {
            link = try HandshakeLink(accepted: .tcp(accepted), reactor: reactor, timeout: .seconds(10)) { finish?($0) }
        }
        self.far = try #require(far)
        _ = fcntl(self.far.number, F_SETFL, 0)
        finish = { [unowned self] in outcome = $0 }
        #expect(try self.far.send(said) == said.count)
    }

    /// What became of it, which a timer decides at the latest.
    func result() throws -> Result<HandshakeLink.Established, HandshakeLink.Failure> {
        for _ in 0..<1_000 where outcome == nil { reactor.runIteration() }
        return try #require(outcome)
    }
}
