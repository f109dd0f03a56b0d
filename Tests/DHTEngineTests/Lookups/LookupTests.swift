import Testing
import TorrentCore

@testable import DHTEngine

/// One lookup, without any datagram: whom it asks, and when it is over.
@Suite struct LookupTests {
    private let times = RoundTrips.Times(slot: .milliseconds(100), silent: .milliseconds(200), forgotten: .seconds(3))
    private let target = NodeID(.zero)

    private func lookup(_ change: (inout DHTRules) -> Void = { _ in }, limits: DHTLimits = DHTLimits()) -> Lookup {
        var rules = DHTRules()
        rules.inFlightAtFirst = rules.inFlight
        rules.checksIDs = false
        change(&rules)
        return Lookup(1, target, for: .inquiry(DHTInquiryID(1), nil, nil), rules, limits, at: .zero)
    }

    /// The node that lies so far from the target.
    private func contact(_ distance: UInt64) -> DHTContact {
        DHTContact(
            NodeID(Bytes20(high: distance << 32, middle: 0, low: 0)), SmallDHT.endpoint(Int(distance)))
    }

    /// Asks everybody that it wants to ask now; gives their distances.
    private func askAll(_ lookup: Lookup, at now: Moment = .zero) -> [UInt64] {
        var asked: [UInt64] = []
        while let slot = lookup.nextToAsk(at: now) {
            asked.append((lookup.candidates[slot].id?.bytes.words.high ?? 0) >> 32)
            lookup.asked(slot, times, at: now)
        }
        return asked
    }

    private func slot(_ distance: UInt64, _ lookup: Lookup) -> Int {
        lookup.candidates.firstIndex { $0.id == contact(distance).id }!
    }

    private func answer(_ lookup: Lookup, _ distance: UInt64, naming named: [UInt64] = []) {
        _ = lookup.answered(slot(distance, lookup), as: contact(distance).id, fits: true, token: [1])
        let answer = lookup.trust.nextAnswer()
        lookup.named(named.map(contact)[...], by: answer, hops: 2, isFitting: true) { _ in true }
    }

    @Test func theNearestFourAreInFlight() {
        let lookup = lookup()
        for distance in [90, 20, 50, 70, 30, 60] as [UInt64] {
            lookup.begin(with: contact(distance), isFamiliar: false)
        }
        #expect(askAll(lookup) == [20, 30, 50, 60])
        #expect(lookup.nextToAsk(at: .zero) == nil)
    }

    @Test func whateverFliesBehindTheFrontIsNotWaitedFor() {
        let lookup = lookup()
        for distance in [50, 60, 70, 80] as [UInt64] { lookup.begin(with: contact(distance), isFamiliar: false) }
        _ = askAll(lookup)
        answer(lookup, 50, naming: [1, 2, 3, 4, 5])
        #expect(askAll(lookup) == [1, 2, 3, 4])
    }

    @Test func aSlowNodeOpensItsSlotAndIsStillOfUse() {
        let lookup = lookup()
        for distance in 1...9 as ClosedRange<UInt64> { lookup.begin(with: contact(distance), isFamiliar: false) }
        #expect(askAll(lookup) == [1, 2, 3, 4])
        #expect(askAll(lookup, at: .zero + .milliseconds(99)) == [])
        #expect(askAll(lookup, at: .zero + .milliseconds(100)) == [5, 6, 7, 8])
        answer(lookup, 2)
        #expect(lookup.closest.compactMap(\.id) == [contact(2).id])
    }

    @Test func itEndsWhenTheClosestHaveAnswered() {
        let lookup = lookup { $0.closest = 2 }
        for distance in 1...4 as ClosedRange<UInt64> { lookup.begin(with: contact(distance), isFamiliar: false) }
        _ = askAll(lookup)
        answer(lookup, 2)
        answer(lookup, 3)
        // The nearest may still be there; the farthest is of no interest.
        #expect(!lookup.isDone(at: .zero + .milliseconds(199)))
        lookup.planDeadline(at: .zero + .milliseconds(150))
        #expect(lookup.deadline == .zero + .milliseconds(200))
        #expect(lookup.isDone(at: .zero + .milliseconds(200)))
    }

    @Test func nobodyIsAskedBehindThoseThatHaveAnswered() {
        let lookup = lookup { $0.closest = 2 }
        for distance in 1...4 as ClosedRange<UInt64> { lookup.begin(with: contact(distance), isFamiliar: false) }
        _ = askAll(lookup)
        answer(lookup, 1, naming: [7])
        answer(lookup, 2)
        #expect(lookup.nextToAsk(at: .zero + .seconds(1)) == nil)
        #expect(lookup.isDone(at: .zero))
    }

    @Test func ofOneAnswerFourUnprovenAreOut() {
        let lookup = lookup { $0.inFlight = 8 }
        for distance in [50, 60] as [UInt64] { lookup.begin(with: contact(distance), isFamiliar: false) }
        _ = askAll(lookup)
        answer(lookup, 50, naming: [1, 2, 3, 4, 5, 6])
        #expect(askAll(lookup) == [1, 2, 3, 4])
        // One of them is there: one more may be asked.
        answer(lookup, 3)
        #expect(askAll(lookup) == [5])
        // Nothing on time is in flight: better one of those than nobody.
        #expect(askAll(lookup, at: .zero + .milliseconds(100)) == [6])
    }

    @Test func whoDoesNotFitIsAskedAndNotCounted() {
        let lookup = lookup {
            $0.checksIDs = true
            $0.closest = 1
            $0.unfittingAsked = 2
        }
        // Ids as near as these fit none of the addresses.
        lookup.begin(with: contact(900), isFamiliar: false)
        _ = askAll(lookup)
        answer(lookup, 900, naming: [1, 2, 3])
        #expect(askAll(lookup) == [1, 2])
        answer(lookup, 1)
        #expect(lookup.closest.compactMap(\.id) == [contact(900).id])
        #expect(lookup.isDone(at: .zero))
        // It lies among the closest, so it is announced to all the same.
        #expect(lookup.announceSlots.map { lookup.candidates[$0].id } == [contact(1).id, contact(900).id])
    }

    @Test func badAnswersRaiseTheAlarm() {
        let lookup = lookup {
            $0.checksIDs = true
            $0.unfittingAsked = 0
        }
        #expect(lookup.wanted == 8)
        for distance in 901...904 as ClosedRange<UInt64> {
            lookup.begin(with: contact(distance), isFamiliar: false)
        }
        _ = askAll(lookup)
        answer(lookup, 901, naming: [1, 2])
        answer(lookup, 902, naming: [3, 4])
        answer(lookup, 903, naming: [5, 6])
        #expect(lookup.wanted == 8)
        answer(lookup, 904, naming: [7, 8])
        #expect(lookup.wanted == 32)
    }

    @Test func oneBadAnswerOfManyIsNoAlarm() {
        var trust = LookupTrust()
        for _ in 0..<10 { trust.answered(naming: 8, refused: 1) }
        for _ in 0..<4 { trust.answered(naming: 8, refused: 8) }
        #expect(!trust.isAlarmed)
        trust.answered(naming: 8, refused: 4)
        #expect(trust.isAlarmed)
    }

    @Test func whereItBeginsIsAskedAgain() {
        let lookup = lookup()
        lookup.begin(at: SmallDHT.endpoint(5))
        var asked: [Moment] = []
        for millisecond in stride(from: 0, through: 4_000, by: 50) {
            let now = Moment.zero + .milliseconds(millisecond)
            for _ in askAll(lookup, at: now) { asked.append(now) }
        }
        #expect(asked.count == Lookup.triesToBegin)
        #expect(lookup.isDone(at: .zero + .seconds(5)))
    }

    @Test func itKnowsNoMoreThanSoManyTheNearestOnes() {
        var limits = DHTLimits()
        limits.nodesALookup = 10
        let lookup = lookup(limits: limits)
        for distance in (1...40 as ClosedRange<UInt64>).reversed() {
            lookup.begin(with: contact(distance), isFamiliar: false)
        }
        #expect(lookup.candidates.compactMap(\.id) == (1...10).map { contact($0).id })
    }

    @Test func aLiarCannotTakeAnHonestNodesPlace() {
        let lookup = lookup()
        lookup.begin(with: contact(100), isFamiliar: false)
        _ = askAll(lookup)
        answer(lookup, 100)
        // The right address under a wrong id comes first, then the right one.
        let right = contact(9)
        let wrong = DHTContact(contact(8).id, right.endpoint)
        let answer = lookup.trust.nextAnswer()
        lookup.named([wrong], by: answer, hops: 2, isFitting: true) { _ in true }
        lookup.named([right, right], by: answer, hops: 2, isFitting: true) { _ in true }
        #expect(lookup.candidates.compactMap(\.contact).prefix(2) == [wrong, right])
        #expect(lookup.candidates.count == 3)
    }

    /// A thousand invented nodes, as near as can be, would push out all others.
    @Test func ofThoseThatDoNotFitNoMoreAreKeptThanMayBeAsked() {
        let lookup = lookup {
            $0.checksIDs = true
            $0.unfittingAsked = 3
        }
        lookup.begin(with: contact(900), isFamiliar: false)
        _ = askAll(lookup)
        answer(lookup, 900, naming: [50, 40, 30, 20, 10, 60])
        #expect(lookup.candidates.compactMap(\.id) == [10, 20, 30, 900].map { contact($0).id })
        #expect(askAll(lookup) == [10, 20, 30])
        answer(lookup, 10, naming: [1, 2])
        #expect(askAll(lookup) == [])
    }

    @Test func whoDoesNotFitHimselfRaisesNoAlarm() {
        let lookup = lookup { $0.checksIDs = true }
        for _ in 0..<5 {
            lookup.named(
                [contact(1), contact(2)], by: lookup.trust.nextAnswer(), hops: 2, isFitting: false
            ) { _ in true }
        }
        #expect(lookup.wanted == 8)
    }
}
