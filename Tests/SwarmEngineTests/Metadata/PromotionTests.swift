import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// The brain of a torrent takes over from one that had no metadata.
@Suite struct PromotionTests {
    /// Whatever peers say, and whenever the metadata is there: in the end it is as if a swarm had heard everything.
    @Test(arguments: UInt64(1)...60)
    func itIsAsIfASwarmHadHeardEverything(seed: UInt64) {
        var script = Script(seed: seed)
        let have = script.have
        let whole = SwarmStage(pieces: Script.pieces, pieceLength: 16_384, have: have)
        whole.start()
        let early = MetadataStage()
        early.start()
        let turn = script.draw(0...script.lines.count)
        var ids: [(whole: ConnectionID, other: ConnectionID)] = []
        for line in script.lines[..<turn] {
            play(line, whole: whole, on: { early.knock($0).id }, { early.tell($0) }, { early.tell($0) }, &ids)
        }
        let (late, effects) = early.promote(pieces: Script.pieces, have: have)
        for line in script.lines[turn...] {
            play(line, whole: whole, on: { late.accept($0, .ours) }, { late.tell($0) }, { late.tell($0) }, &ids)
        }
        #expect(late.connections.map(Picture.init) == whole.connections.map(Picture.init))
        #expect(early.faults == [] && !effects.contains { if case .close = $0 { true } else { false } })
    }

    /// What both are told.
    private func play(
        _ line: Script.Line, whole: SwarmStage, on enter: (UInt64) -> ConnectionID?, _ event: (SwarmEvent) -> Void,
        _ news: (SwarmNews) -> Void, _ ids: inout [(whole: ConnectionID, other: ConnectionID)]
    ) {
        switch line {
        case .enter(let number):
            guard let one = whole.accept(number, .ours), let other = enter(number) else {
                return #expect(Bool(false), "peer \(number) was not let in")
            }
            ids.append((one, other))
        case .message(let peer, let message):
            whole.receive(message, from: ids[peer].whole)
            event(.message(message, from: ids[peer].other))
        case .bitfield(let peer, let bytes):
            whole.tell(.bitfield(bytes, from: ids[peer].whole))
            news(.bitfield(bytes, from: ids[peer].other))
        case .handshake(let peer, let handshake):
            whole.tell(.extensionHandshake(handshake, from: ids[peer].whole))
            news(.extensionHandshake(handshake, from: ids[peer].other))
        case .lacks(let peer, let piece):
            whole.tell(.extended(.lacks(piece), from: ids[peer].whole))
            news(.extended(.lacks(piece), from: ids[peer].other))
        }
    }

    /// What is compared of a peer. Who is asked for which block depends on who came first.
    private struct Picture: Equatable {
        let endpoint: Endpoint
        let pieces: Int
        let flags: [Bool]
        let client: String?

        init(_ figures: ConnectionFigures) {
            endpoint = figures.endpoint
            pieces = figures.pieces
            flags = [figures.isChokingUs, figures.isInterestedInUs, figures.isInteresting]
            client = figures.client
        }
    }

    /// Peers that come and say what correct peers say.
    private struct Script {
        enum Line {
            case enter(UInt64)
            case message(Int, PeerMessage)
            case bitfield(Int, [UInt8])
            case handshake(Int, ExtensionHandshake)
            case lacks(Int, UInt32)
        }

        static let pieces = 40
        private(set) var lines: [Line] = []
        private(set) var have: [Int] = []
        private var generator: SplitMix64

        init(seed: UInt64) {
            generator = SplitMix64(seed: seed)
            have = (0..<Self.pieces).filter { _ in draw(0...3) == 0 }
            var count = 0
            for _ in 0..<draw(5...60) {
                if count == 0 || draw(0...4) == 0 {
                    lines.append(.enter(UInt64(count) + 1))
                    count += 1
                } else {
                    lines.append(anything(of: draw(0...count - 1)))
                }
            }
        }

        mutating func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

        private mutating func piece() -> UInt32 { UInt32(draw(0...Self.pieces - 1)) }

        private mutating func anything(of peer: Int) -> Line {
            switch draw(0...13) {
            case 0: .message(peer, .choke)
            case 1, 2: .message(peer, .unchoke)
            case 3: .message(peer, .interested)
            case 4: .message(peer, .notInterested)
            case 5...6: .message(peer, .have(piece()))
            case 7: .message(peer, draw(0...2) == 0 ? .haveAll : .haveNone)
            case 8: .bitfield(peer, (0..<Self.pieces / 8).map { _ in UInt8(draw(0...255) & draw(0...255)) })
            case 9: .message(peer, .allowedFast(piece()))
            case 10: .lacks(peer, piece())
            case 11: .message(peer, [.keepAlive, .port(1), .suggest(piece())][draw(0...2)])
            default: .handshake(peer, handshake())
            }
        }

        private mutating func handshake() -> ExtensionHandshake {
            var handshake = MetadataStage.offer(draw(0...1) == 0 ? nil : draw(0...9_999))
            if draw(0...1) == 0 { handshake.client = "client \(draw(0...9))" }
            if draw(0...1) == 0 { handshake.listenPort = UInt16(draw(1...9)) }
            if draw(0...1) == 0 { handshake.requestQueue = draw(1...9) }
            return handshake
        }
    }

    /// The trackers, the book and the connections under way go over.
    @Test func whatIsUnderWayGoesOn() throws {
        let stage = MetadataStage(tiers: [1])
        stage.start()
        let called = stage.tell(.peersFound((1...3).map { SwarmStage.endpoint($0) }, from: .tracker)).connects
        stage.tell(.linkOpened(called[0], SwarmStage.handshake(1, .ours)))
        let (torrent, effects) = stage.promote()
        #expect(effects.announces.isEmpty && effects.closed.isEmpty && effects.connects.isEmpty)
        torrent.tell(.linkOpened(called[1], SwarmStage.handshake(2, .ours)))
        torrent.tell(.announceAnswered(TrackerIndex(0), interval: .seconds(1_800), minimum: nil))
        #expect(torrent.connections.map(\.id) == [called[0], called[1]])
        #expect(torrent.figures.connecting == 1)
        #expect(torrent.tell(.stop).announces.count == 1)
    }

    /// Peers are told anew what we say of ourselves: whoever has everything fetches nothing, a private torrent speaks
    /// no exchange and gives nobody its dictionary.
    @Test(arguments: [false, true])
    func peersAreToldAnew(isPrivate: Bool) throws {
        let stage = MetadataStage()
        stage.start()
        let id = stage.enter(1)
        let (torrent, effects) = stage.promote(pieces: 4, have: [0, 1, 2, 3], isPrivate: isPrivate)
        #expect(effects.outputs(to: id) == [.handshake])
        let ours = torrent.swarm.extensionHandshake(listenPort: 1)
        #expect(ours.isUploadOnly)
        #expect(ours.ids[.exchange] == (isPrivate ? 0 : PeerExtension.exchange.rawValue))
        #expect(ours.ids[.metadata] == (isPrivate ? 0 : PeerExtension.metadata.rawValue))
        #expect(ours.metadataSize == (isPrivate ? nil : stage.size))
    }

    /// Bytes of unfinished metadata are given back, and blocks that come late do no harm.
    @Test func unfinishedMetadataIsDropped() {
        let stage = MetadataStage()
        stage.start()
        let (id, effects) = stage.join(1)
        stage.deliver(effects.asked(of: id)[0], from: id)
        let (torrent, more) = stage.promote()
        #expect(stage.kept.isEmpty && more.contains { if case .dropMetadata = $0 { true } else { false } })
        #expect(torrent.tell(.extended(.metadata(.data(piece: 1, totalSize: 9, length: 9)), from: id)).isEmpty)
        #expect(torrent.connections.count == 1)
    }

    /// What peers told of others before is used, and from then on they are told.
    @Test func exchangeGoesOn() {
        let stage = MetadataStage()
        stage.start()
        let (id, _) = stage.join(1)
        let other = stage.enter(2)
        var speaker = ExtensionHandshake()
        speaker.ids[.exchange] = 4
        speaker.listenPort = 9
        for id in [id, other] { stage.tell(.extensionHandshake(speaker, from: id)) }
        let news = PeerExchange(added: [ExchangedPeer(SwarmStage.endpoint(30), [])])
        #expect(stage.tell(.extended(.exchange(news), from: id)).connects.count == 1)
        let told = stage.pass(.seconds(100))
        #expect(!told.contains { if case .sendExtension(_, .exchange) = $0 { true } else { false } })
        let (torrent, effects) = stage.promote()
        let later = effects + torrent.pass(.seconds(1))
        #expect(later.outputs(to: id).contains(.exchange) && later.outputs(to: other).contains(.exchange))
    }
}
