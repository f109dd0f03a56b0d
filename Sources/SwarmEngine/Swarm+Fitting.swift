import TorrentCore

// Turns of a whole piece, or slots: which of them fits the lines and the neighbours, found out on the way.
//
// Turns pay where a piece takes long beside the way to the next peer and back, and where some neighbours trade piece
// for piece as well. On quick lines a turn would be over before the next peer has asked, and TCP would start anew each
// time; and who is alone among those that rank by rate is ranked low by all of them.

extension Swarm {
    /// Below this time for a piece, or so many round trips, slots are given.
    private static let shortestPieceTime = 0.1
    private static let tripsAPiece = 2.0
    private static let timeBetweenReviews = Duration.milliseconds(100)
    static let shortestSlotsTime = Duration.seconds(30)
    private static let longestSlotsTime = Duration.seconds(960)
    /// Who have shown how they share out their uplinks, at least, before it counts.
    private static let fewestShown = 8
    /// One in so many that takes turns is enough.
    private static let turnTakersOneIn = 8

    /// Looks again at whether turns fit, now and then.
    mutating func reviewUploads(at now: Moment, effects: inout SwarmEffects) {
        guard configuration.rules.uploads == .fitting, isRunning, now >= nextReview else { return }
        nextReview = now + Self.timeBetweenReviews
        if isSerial {
            let areLinesQuick = linesAreQuick
            guard areLinesQuick || !turnsFitNeighbours else { return }
            if areLinesQuick {
                // Turns are tried again, for a line may get slower, but less and less often.
                slotsTime = min(Self.longestSlotsTime, slotsTime + slotsTime)
                nextReview = now + slotsTime
            }
            beginSlots(at: now, effects: &effects)
        } else if turnsFitNeighbours {
            beginTurns(at: now, effects: &effects)
        }
    }

    private var linesAreQuick: Bool {
        let pieceTime = pace.time(for: geometry.pieceLength)
        return pieceTime < max(Self.shortestPieceTime, Self.tripsAPiece * Double(answerTime.value ?? 0) / 1e9)
    }

    private var turnsFitNeighbours: Bool {
        guard !isComplete else { return true }
        var (turns, all) = (0, 0)
        for peer in connections.open {
            guard let takesTurns = peer.watch.takesTurns else { continue }
            all += 1
            turns += takesTurns ? 1 : 0
        }
        return all < Self.fewestShown || turns * Self.turnTakersOneIn >= all
    }

    private mutating func beginTurns(at now: Moment, effects: inout SwarmEffects) {
        isSerial = true
        pace = UplinkPace()
        picker.keepsPiecesWhole = true
        nextRound = nil
        for peer in connections.open {
            if peer.isChokedByUs {
                dropRequests(of: peer, at: now, effects: &effects)
            } else {
                choke(peer, at: now, effects: &effects)
            }
        }
        advanceTurns(at: now, effects: &effects)
    }

    /// Who has a turn keeps its place until the first round says otherwise.
    private mutating func beginSlots(at now: Moment, effects: inout SwarmEffects) {
        renewInterest(in: nil, at: now, effects: &effects)
        isSerial = false
        picker.keepsPiecesWhole = false
        ledger = nil
        for peer in turns { peer.turn = nil }
        turns = []
        nextTurnCheck = .distantFuture
        for peer in connections.open {
            show(to: peer, at: now, effects: &effects)
            release(to: peer, at: now, effects: &effects)
        }
        holdRound(.timer, at: now, effects: &effects)
        refillAll(at: now, effects: &effects)
    }
}
