import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// The inputs of a brain are written as text and read again.
@Suite struct RecordingTests {
    private static let geometry = SwarmStage().geometry
    private static let piece = geometry.piece(7)
    private static let block = geometry.block(1, of: piece)
    private static let id = ConnectionID(slot: 5, generation: 4_000_000_000)
    private static let attempt = RejectedAttempt(number: 17)
    private static let v6 = Endpoint(.v6(0xFE80 << 48, 1), port: 65_535)

    private static var messages: [PeerMessage] {
        let block = WireBlock(piece: 4_294_967_295, begin: 1, length: 0)
        return [
            .keepAlive, .choke, .unchoke, .interested, .notInterested, .have(3), .request(block), .cancel(block),
            .port(6_881), .haveAll, .haveNone, .suggest(4), .reject(block), .allowedFast(5),
        ]
    }

    private static var events: [SwarmEvent] {
        let violations = (0...UInt8.max).compactMap { Violation(rawValue: $0) }
        return [
            .start, .stop, .deadlineReached, .connectionsLimited(3), .externalAddress(v6.address),
            .blockArrived(block, from: id),
            .blockDiscarded(block.onWire, from: id),
            .blockSent(block, to: id), .messagesWaited(.nanoseconds(1), on: id),
            .messagesWaited(Duration(secondsComponent: 3, attosecondsComponent: 1), on: id),
            .metadataSent(to: id), .messagesWaited(.seconds(-2) - .milliseconds(50), on: id), .pieceStored(piece),
            .pieceStoreFailed(piece),
            .pieceNotOpened(piece), .mayOpen(3), .memoryIsWanted,
            .announceAnswered(TrackerIndex(3), interval: .seconds(1_800), minimum: nil),
            .announceAnswered(TrackerIndex(0), interval: .zero, minimum: .milliseconds(1)),
            .announceFailed(TrackerIndex(0), retryIn: .seconds(60), isFinal: true),
            .announceFailed(TrackerIndex(0), retryIn: nil, isFinal: false),
        ] + messages.map { .message($0, from: id) } + CloseReason.plain.map { .linkClosed(id, $0) }
            + violations.map { .linkClosed(id, .protocolViolation($0)) }
    }

    private static var news: [SwarmNews] {
        var greeting = ExtensionHandshake()
        greeting.ids[.metadata] = 255
        greeting.ids[.exchange] = 0
        greeting.metadataSize = .max
        greeting.ipv4 = .loopbackV4
        greeting.ipv6 = v6.address
        greeting.listenPort = 1
        greeting.client = ""
        greeting.requestQueue = .max
        greeting.yourAddress = v6.address
        greeting.isUploadOnly = true
        var other = ExtensionHandshake()
        other.client = "µTorrent = > - 3"
        other.spreads = true
        return [
            .linkOpened(id, SwarmStage.handshake(9)), .bitfield([], from: id), .bitfield([0, 255, 61], from: id),
            .extensionHandshake(.init(), from: id), .extensionHandshake(greeting, from: id),
            .extensionHandshake(other, from: id), .peersFound([], from: .user),
            .extended(.metadata(.request(piece: 0)), from: id), .extended(.metadata(.unknown), from: id),
            .extended(.metadata(.data(piece: .max, totalSize: .max, length: 0)), from: id),
            .extended(.metadata(.reject(piece: 1)), from: id), .extended(.lacks(.max), from: id),
            .extended(.exchange(PeerExchange()), from: id),
            .extended(
                .exchange(PeerExchange(added: [.init(v6, [.utp]), .init(SwarmStage.endpoint(2))], dropped: [v6])),
                from: id),
            .peersFound([SwarmStage.endpoint(1), v6], from: .tracker), .peersFound([v6], from: .incoming),
            .peersFound([v6], from: .exchange, by: v6.address), .peersFound([], from: .link),
            .blocksDiffered([], of: piece, in: attempt), .blocksDiffered([0, 5], of: piece, in: attempt),
        ]
    }

    private static var questions: [RecordedInput] {
        [
            .admit(block.onWire, from: id, answer: .accept(block)),
            .admit(WireBlock(piece: 9, begin: 9, length: 9), from: id, answer: .discard),
            .admit(block.onWire, from: id, answer: .refuse),
            .linkAccepted(from: v6, SwarmStage.handshake(3, []), answer: id),
            .linkAccepted(from: v6, SwarmStage.handshake(3), answer: nil),
            .pieceRejected(piece, answer: attempt), .pieceRejected(piece, answer: nil),
            .admitMetadata(
                .data(piece: 2, totalSize: 40_000, length: 7_232), SHA1Digest(SwarmStage.infoHash.bytes), from: id,
                answer: MetadataPlace(assembly: MetadataAssembly.ID(number: 3), size: 40_000, offset: 32_768)),
            .admitMetadata(.unknown, SHA1Digest(.zero), from: id, answer: nil),
            .assemblyVerified(MetadataAssembly.ID(number: 3), isPrivate: true),
            .assemblyRejected(MetadataAssembly.ID(number: .max)), .promoted(configuration, mayOpen: nil),
            .promoted(configuration, mayOpen: 3),
        ]
    }

    private static var inputs: [RecordedInput] { events.map { .event($0) } + news.map { .news($0) } + questions }

    private func text(_ step: RecordedStep) -> String {
        var line = RecordedLine()
        step.write(to: &line)
        return line.text
    }

    private func read(_ text: String) throws -> RecordedStep {
        var words = RecordedWords(Array(text.utf8)[...], Self.geometry)
        let step: RecordedStep = try words.next()
        try words.expectEnd()
        return step
    }

    @Test(arguments: inputs)
    func everyInputIsReadAsItWasWritten(_ input: RecordedInput) throws {
        for deadline in [Moment(nanoseconds: 12), .distantFuture] {
            let outcome = RecordedOutcome(effectCount: 3, digest: .max - 1, nextDeadline: deadline)
            let step = RecordedStep(moment: Moment(nanoseconds: 11), input: input, outcome: outcome)
            let text = text(step)
            #expect(try read(text) == step, "\(text)")
            #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "\(text)")
        }
    }

    @Test func aLineReadsLikeASentence() {
        let outcome = RecordedOutcome(effectCount: 2, digest: 0xABC, nextDeadline: .distantFuture)
        let input = RecordedInput.event(.message(.request(Self.block.onWire), from: Self.id))
        let step = RecordedStep(moment: Moment(nanoseconds: 1_500), input: input, outcome: outcome)
        #expect(text(step) == "1500 message 5.4000000000 request 7:16384+16384 > 2 0000000000000abc never")
    }

    /// Each word is left out, doubled, or replaced by one that is never written.
    @Test(arguments: inputs)
    func aDamagedLineIsNotRead(_ input: RecordedInput) {
        let outcome = RecordedOutcome(effectCount: 3, digest: 7, nextDeadline: .zero)
        let words = text(RecordedStep(moment: .zero, input: input, outcome: outcome)).split(separator: " ")
        for position in words.indices {
            for replacement in [[], [words[position], words[position]], ["?"]] as [[Substring]] {
                var damaged = words
                damaged.replaceSubrange(position...position, with: replacement)
                // Lists are written with their counts, so one element more or less is damage as well.
                #expect(throws: RecordedWords.Damage.self, "\(damaged.joined(separator: " "))") {
                    try read(damaged.joined(separator: " "))
                }
            }
        }
    }

    /// None of its values is that of a new one.
    private static var configuration: SwarmConfiguration {
        var configuration = SwarmConfiguration(
            geometry: Self.geometry, infoHash: SwarmStage.infoHash, ourID: SwarmStage.ourID, have: Bitfield(count: 8),
            seed: .max)
        configuration.have[3] = true
        configuration.trackerTiers = [2, 1]
        configuration.isPrivate = true
        configuration.listenPort = 6_882
        configuration.interfaces = ["10.1.2.3/8", "fe80::1/64"].compactMap { InterfaceAddress($0) }
        configuration.metadataBytes = 2_007
        configuration.fetchesMissing = false
        configuration.limits.connections = 81
        configuration.limits.connecting = 17
        configuration.limits.knownPeers = 2_001
        configuration.limits.queuedRequests = 2_002
        configuration.limits.releasedBytes = 2_003
        configuration.limits.blockBytes = 2_004
        configuration.limits.openBytes = 2_005
        configuration.limits.pipelineBlocks = 2_006
        configuration.limits.uploadSlots = 7
        configuration.rules = .serial
        configuration.rules.slots = 9
        configuration.rules.admitsUnnamed = false
        configuration.rules.exchangesPeers = true
        configuration.rules.superSeeds = true
        return configuration
    }

    // Compared as text: a property that is added to the configuration but not to the header differs here.

    @Test func theWholeConfigurationIsInTheHeader() throws {
        let moment = Moment(nanoseconds: 5)
        var writer = RecordingWriter(Self.configuration, at: moment)
        let header = try RecordingReader(writer.take()).header
        #expect("\(header)" == "\(RecordingReader.Header.swarm(RecordingHeader(Self.configuration, at: moment)))")
    }

    @Test func soItIsWithoutMetadata() throws {
        var configuration = MetadataConfiguration(
            infoHash: SwarmStage.infoHash, ourID: SwarmStage.ourID, seed: .max)
        configuration.trackerTiers = [2, 1]
        configuration.limits = Self.configuration.limits
        configuration.metadataLimit = 2_008
        configuration.exchangesPeers = true
        let moment = Moment(nanoseconds: 5)
        var writer = RecordingWriter(configuration, at: moment)
        let header = try RecordingReader(writer.take()).header
        let right = MetadataRecordingHeader(configuration: configuration, moment: moment)
        #expect("\(header)" == "\(RecordingReader.Header.metadata(right))")
    }
}
