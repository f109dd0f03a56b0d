internal import CommandLineKit
internal import PeerEvents

/// The facts on a torrent's progress line, with their order of importance. Pure.
struct ProgressWords {
    let progress: TorrentProgress
    let glyphs: Glyphs

    /// In the order in which they are given up: the last one stays longest.
    private enum Worth: Int {
        case sources, nothingSent, sent, longSentence, sentence, longPeers, up, peers, timeLeft, down, shortSentence
    }

    private func fact(_ text: TerminalText, _ worth: Worth) -> LineFact { LineFact(text, worth: worth.rawValue) }

    /// Rates, peers and what is left, or why nothing moves.
    var facts: [LineFact] {
        guard progress.state == .leeching else {
            return [up, progress.standstill == nil ? peers : waiting, sent]
        }
        guard progress.standstill == nil, progress.peers > 0 else {
            return progress.uploadRate >= 1 ? [waiting, up] : [waiting]
        }
        return [rate(glyphs.down, progress.downloadRate, .down), fact(timeLeft, .timeLeft), up, peers]
    }

    /// Where the peers came from, for whom there is room to spare.
    var spareFacts: [LineFact] {
        guard progress.standstill == nil, !sources.isEmpty else { return [] }
        return [fact(sources, .sources)]
    }

    /// "tracker 12, incoming 3".
    var sources: TerminalText {
        let counts = PeerOrigin.allCases.map { (origin: $0, count: progress.sources[$0]) }.filter { $0.count > 0 }
        return .joined(counts.map { "\($0.origin.rawValue) \(HumanUnits.count($0.count))" }, by: ", ")
    }

    private func rate(_ sign: TerminalText, _ bytesPerSecond: Double, _ worth: Worth) -> LineFact {
        fact(sign + " " + TerminalText(HumanUnits.rate(bytesPerSecond)).paddedLeft(to: 10), worth)
    }

    private var up: LineFact { rate(glyphs.up, progress.uploadRate, progress.uploadRate >= 1 ? .up : .nothingSent) }

    private var sent: LineFact { fact(copiesOut ?? "\(HumanUnits.size(progress.uploaded)) sent", .sent) }

    /// "0.62 copies out", of what is super-seeded.
    var copiesOut: TerminalText? {
        progress.copiesOut.map { copies in
            let hundredths = Int64((min(copies, 1e12) * 100).rounded(.down))
            let rest = String(hundredths % 100)
            return "\(HumanUnits.count(Int(hundredths / 100))).\(rest.count < 2 ? "0" : "")\(rest) copies out"
        }
    }

    /// "seeding".
    var servingWord: TerminalText { progress.isSuperSeeding ? "super-seeding" : "seeding" }

    private var peers: LineFact {
        let short: TerminalText = "\(HumanUnits.count(progress.peers)) connected"
        guard progress.state == .leeching, progress.seeds > 0 else { return fact(peerCount, .peers) }
        return fact(peerCount, .longPeers).orShorter(short, worth: Worth.peers.rawValue)
    }

    /// "5 seeds, 13 peers": a seed is not counted as a peer as well.
    var peerCount: TerminalText {
        let rest = progress.peers - progress.seeds
        let seeds: TerminalText = "\(HumanUnits.count(progress.seeds, "seed", "seeds"))"
        let peers: TerminalText = "\(HumanUnits.count(rest, "peer", "peers"))"
        if progress.seeds == 0 { return peers }
        return rest == 0 ? seeds : "\(seeds), \(peers)"
    }

    /// Nil while nothing is received.
    var secondsLeft: Double? {
        guard progress.state == .leeching, progress.downloadRate >= 1 else { return nil }
        let seconds = Double(progress.left) / progress.downloadRate
        return seconds < 1e8 ? seconds.rounded(.up) : nil
    }

    var timeLeft: TerminalText {
        let time = secondsLeft.map { HumanUnits.duration(seconds: Int64($0)) } ?? "--:--"
        return TerminalText("\(time) left").paddedLeft(to: 9)
    }

    // MARK: Where nothing moves

    private var waiting: LineFact {
        let (why, short) = reason
        return fact("\(why)\(again)", .longSentence)
            .orShorter("\(short)\(again)", worth: Worth.sentence.rawValue)
            .orShorter(short, worth: Worth.shortSentence.rawValue)
    }

    /// Why nothing moves, and when that may change.
    var whyNothingMoves: TerminalText { reason.long + again }

    /// When the next announce is, where that may help.
    private var again: TerminalText {
        switch progress.standstill {
        case .nobodyToAsk, .nobodyNear, .nobodySendsMetadata, .nobodyHasTheRest, .choked, .waitsForMemory, .diskFull,
            .looking, .joiningDHT:
            return ""
        case .noAnswer, .nobodyKnown, .noAnswerInDHT, .nobodyInDHT, .nobodyReached, .noWay, .noRoom, .nobodyStays, nil:
            guard let next = progress.nextAnnounce, next < 1e8 else { return "" }
            return ", asking again in \(HumanUnits.duration(seconds: Int64(next.rounded(.up))))"
        }
    }

    private var reason: (long: TerminalText, short: TerminalText) {
        let isFetching = progress.state == .leeching
        return switch progress.standstill {
        case .nobodyToAsk where isFetching: ("nobody to ask: no tracker and no --peer", "nobody to ask")
        case .nobodyToAsk: ("no tracker knows of it: others need --peer", "no peers")
        case .nobodyNear where isFetching:
            ("no peers yet: nobody near has told of it; farther ones need --peer", "nobody near has it: try --peer")
        case .nobodyNear: ("no tracker knows of it: who is not near needs --peer", "nobody near")
        case .joiningDHT: ("joining the DHT", "joining the DHT")
        case .noAnswerInDHT where !isFetching:
            ("no node of the DHT answers: until one does, others may need --peer", "the DHT does not answer")
        case .noAnswerInDHT: ("no node of the DHT answers", "the DHT does not answer")
        case .nobodyInDHT: ("no peers yet: the DHT knows nobody", "the DHT knows nobody")
        case .looking: ("looking for peers", "looking")
        case .noAnswer: ("no peers yet: no tracker answers", "no tracker answers")
        case .nobodyKnown: ("no peers yet: the tracker answered with none", "the tracker names nobody")
        case .nobodyReached: ("no peers yet: none that is known can be reached", "nobody can be reached")
        case .noWay: ("no peers yet: no route to them from here: is the network up?", "no route from here")
        case .noRoom: ("no peers yet: this machine has no room for another connection", "no room for a connection")
        case .nobodyStays:
            ("no peers yet: one was reached, but \(progress.whyNobodyStays ?? "it did not stay")", "nobody stays")
        case .nobodySendsMetadata: ("\(peerCount), none sends the metadata", "nobody sends the metadata")
        case .nobodyHasTheRest: ("\(peerCount), none shows what is missing", "nobody has the rest")
        case .choked: ("\(peerCount), waiting for a turn", "waiting for a turn")
        case .waitsForMemory: ("waiting for memory: other torrents have their turn", "waiting for memory")
        case .diskFull: ("the disk is full: waiting for room", "the disk is full")
        case nil: ("no peers yet", "no peers yet")
        }
    }
}
