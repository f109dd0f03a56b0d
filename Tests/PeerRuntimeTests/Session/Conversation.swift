import PeerEvents
import TorrentCore

@testable import PeerRuntime
@testable import SwarmEngine
@testable import TorrentIO

/// A session and a few peers who say whatever a peer may say, in drawn order, in reads of drawn sizes.
struct Conversation {
    /// One of the peers: what it has, and what it still has to answer.
    private final class Speaker {
        let far: FarPeer
        let isLiar: Bool
        var has: Bitfield
        var isChoking = true
        /// Blocks that were on their way when the request for them was dropped or taken back.
        var crossing: [WireBlock] = []
        var unasked = 0

        init(_ far: FarPeer, has: Bitfield, isLiar: Bool) {
            self.far = far
            self.has = has
            self.isLiar = isLiar
        }
    }

    private let stage: SessionStage
    private let staged: StagedSession
    private var generator: SplitMix64
    private var speakers: [Speaker] = []
    private var liar: IPAddress?
    private var joined = 0

    /// Peers that come in one conversation, at most.
    private static let mostPeers = 5

    init(on stage: SessionStage, seed: UInt64) {
        self.stage = stage
        generator = SplitMix64(seed: seed)
        staged = StagedSession(stage, seed: seed)
    }

    /// What went wrong, if anything did.
    mutating func run() throws -> String? {
        defer { staged.stop() }
        let hasLiar = roll(8) == 0
        for number in 0...roll(3) { try join(isLiar: hasLiar && number == 0) }
        for _ in 0..<10 + roll(50) {
            try step()
            if let problem { return problem }
        }
        return try finish()
    }

    // MARK: Drawing

    private mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &generator) }

    /// Mostly short; now and then so long that who has not answered is not waited for any more.
    private mutating func time() -> Duration {
        switch roll(40) {
        case 0: .seconds(61)
        case 1: .seconds(121)
        default: .milliseconds(roll(30))
        }
    }

    private mutating func join(isLiar: Bool) throws {
        joined += 1
        let far = try staged.join(roll(2) == 0 ? .fast : [])
        if isLiar { liar = far.address }
        var has = Bitfield(count: stage.geometry.pieceCount)
        for piece in 0..<has.count where roll(2) == 0 { has[piece] = true }
        if has.isEmpty { far.say(.keepAlive) } else { far.sayBitfield(has) }
        speakers.append(Speaker(far, has: has, isLiar: isLiar))
    }

    private mutating func step() throws {
        guard let speaker = speakers.randomElement(using: &generator) else { return try join(isLiar: false) }
        let far = speaker.far
        switch roll(24) {
        case 0...1: choke(speaker)
        case 2...4:
            speaker.isChoking = false
            far.say(.unchoke)
        case 5:
            let piece = roll(speaker.has.count)
            speaker.has[piece] = true
            far.say(.have(UInt32(piece)))
        case 6: reject(speaker)
        case 7...12: answer(speaker)
        case 13: cross(speaker)
        case 14: sendUnasked(speaker)
        case 15: chat(far)
        case 16...20:
            try far.push(1 + roll(roll(2) == 0 ? 100 : 60_000))
            stage.runIteration(after: time())
            try hear(speaker)
        case 21...22:
            try far.burst()
            try hear(speaker)
        default:
            if roll(4) == 0 { stage.settle() }
            if roll(8) == 0 { try leave(speaker) }
        }
    }

    // MARK: What peers do

    /// Without the fast extension that drops all requests; with it each gets its answer, now or later.
    private mutating func choke(_ speaker: Speaker) {
        speaker.isChoking = true
        speaker.far.say(.choke)
        let dropped = speaker.far.requests
        speaker.far.requests = []
        for block in dropped {
            if !speaker.far.isFast {
                speaker.crossing.append(block)
            } else if roll(4) == 0 {
                speaker.far.requests.append(block)
            } else {
                speaker.far.say(.reject(block))
            }
        }
    }

    private mutating func reject(_ speaker: Speaker) {
        guard speaker.far.isFast, !speaker.far.requests.isEmpty else { return }
        speaker.far.say(.reject(speaker.far.requests.remove(at: roll(speaker.far.requests.count))))
    }

    private mutating func answer(_ speaker: Speaker) {
        for _ in 0...roll(8) where !speaker.far.requests.isEmpty {
            let position = roll(6) == 0 ? roll(speaker.far.requests.count) : 0
            send(speaker.far.requests.remove(at: position), by: speaker)
            if roll(10) == 0 { chat(speaker.far) }
        }
    }

    /// A block whose request was dropped or taken back comes all the same, or is refused.
    private mutating func cross(_ speaker: Speaker) {
        guard !speaker.crossing.isEmpty else { return }
        let block = speaker.crossing.remove(at: roll(speaker.crossing.count))
        if speaker.far.isFast, roll(2) == 0 {
            speaker.far.say(.reject(block))
        } else if speaker.far.isFast || roll(2) == 0 {
            send(block, by: speaker)
        }
    }

    private mutating func sendUnasked(_ speaker: Speaker) {
        guard speaker.unasked < 20,
            let piece = (0..<speaker.has.count).filter({ speaker.has[$0] })
                .randomElement(using: &generator), let block = stage.blocks(of: piece).randomElement(using: &generator)
        else { return }
        speaker.unasked += 1
        let isShort = roll(4) == 0
        send(
            isShort ? WireBlock(piece: block.piece, begin: block.begin, length: block.length / 2 + 1) : block,
            by: speaker)
    }

    private mutating func send(_ block: WireBlock, by speaker: Speaker) {
        speaker.far.send(block, isTrue: !speaker.isLiar || roll(3) > 0)
    }

    private mutating func chat(_ far: FarPeer) {
        switch roll(6) {
        case 0: far.say(.keepAlive)
        case 1: far.sayExtended(roll(6_000))
        case 2: far.say(.interested)
        case 3: far.say(.notInterested)
        case 4: far.say(.request(stage.blocks(of: roll(stage.geometry.pieceCount))[0]))
        default: far.say(.port(9))
        }
    }

    /// Mid-block, if need be.
    private mutating func leave(_ speaker: Speaker) throws {
        speaker.far.leave()
        speakers.removeAll { $0 === speaker }
        if joined < Self.mostPeers { try join(isLiar: false) }
    }

    /// What was cancelled may be on its way.
    private mutating func hear(_ speaker: Speaker) throws {
        try speaker.far.listen()
        speaker.crossing += speaker.far.cancelled
        speaker.far.cancelled = []
        // Who says nothing for long is let go.
        speakers.removeAll { $0.far.isClosed }
    }

    // MARK: What must hold

    /// An honest peer was blamed, or a slot that is full holds something else than was sent.
    private var problem: String? {
        for notice in staged.notices {
            guard let liar else { return "\(notice.code): \(notice.text)" }
            if notice.code == "banned", !notice.text.hasPrefix("\(liar) ") { return notice.text }
            if notice.code == "peer_misbehaved" { return notice.text }
        }
        if let failure = staged.failures.first { return "\(failure)" }
        guard liar == nil else { return nil }
        for (piece, buffer) in staged.session.pieces.buffers {
            for (number, block) in stage.blocks(of: Int(piece)).enumerated() where isThere(number, of: piece) {
                let slot = buffer.slice(Int(block.begin), Int(block.length))
                if !stage.bytes(of: block).elementsEqual(slot) { return "slot \(number) of \(piece) is wrong" }
            }
        }
        return nil
    }

    private func isThere(_ block: Int, of piece: UInt32) -> Bool {
        let progress = staged.session.brain.swarm.download.picker.progress(of: stage.geometry.piece(Int(piece)))
        return progress?.isReceived(block) ?? false
    }

    /// Everybody has everything and answers everything: the session gets it all, though it may look only after half a
    /// minute again at somebody who refused a block.
    private mutating func finish() throws -> String? {
        for _ in 0..<100 where !staged.session.brain.swarm.isComplete {
            if speakers.allSatisfy({ $0.isLiar }) { try join(isLiar: false) }
            for speaker in speakers { open(speaker) }
            for speaker in speakers {
                while !speaker.crossing.isEmpty { cross(speaker) }
                while !speaker.far.requests.isEmpty { send(speaker.far.requests.removeFirst(), by: speaker) }
                try speaker.far.burst()
                try hear(speaker)
            }
            stage.settle()
            if let problem { return problem }
            stage.runIteration(after: .seconds(31))
        }
        return staged.session.brain.swarm.isComplete ? nil : "it never became complete"
    }

    private func open(_ speaker: Speaker) {
        for piece in 0..<speaker.has.count where !speaker.has[piece] {
            speaker.has[piece] = true
            speaker.far.say(.have(UInt32(piece)))
        }
        speaker.far.say(speaker.isChoking ? .unchoke : .keepAlive)
        speaker.isChoking = false
    }
}
