import Testing
import TorrentCore

@testable import DHTEngine

/// How long to wait, how fast to ask, and which answers are believed.
@Suite struct AskingTests {
    @Test func patienceFollowsTheNodesThatWereAsked() {
        var trips = RoundTrips()
        for milliseconds in 1...64 { trips.add(.milliseconds(milliseconds * 10)) }
        let times = trips.times(.measured(percentile: 80, margin: .milliseconds(20)))
        #expect((.milliseconds(510)...(.milliseconds(560))).contains(times.slot))
        #expect(times.silent == times.slot * 2)
        #expect(times.forgotten == .seconds(3))
        // Only the last ones count.
        for _ in 0..<64 { trips.add(.milliseconds(30)) }
        #expect(trips.times(.measured(percentile: 80, margin: .milliseconds(20))).slot == .milliseconds(50))
        #expect(trips.median == .milliseconds(30))
    }

    @Test func patienceHasAnEnd() {
        var trips = RoundTrips()
        for _ in 0..<64 { trips.add(.seconds(20)) }
        let times = trips.times(.measured(percentile: 80, margin: .milliseconds(20)))
        #expect(times.slot == RoundTrips.memory && times.silent == RoundTrips.memory)
    }

    /// A fifth of those that are asked are slow on purpose.
    @Test func liarsDoNotMakeUsWait() {
        var trips = RoundTrips()
        for number in 0..<64 { trips.add(.milliseconds(number % 3 == 0 ? 2_900 : 100)) }
        let times = trips.times(.measured(percentile: 80, margin: .milliseconds(20)))
        #expect(times.slot == .milliseconds(420))
    }

    @Test func fixedPatienceIsFixed() {
        var trips = RoundTrips()
        trips.add(.milliseconds(5))
        let times = trips.times(.fixed(.seconds(2)))
        #expect(times == RoundTrips.Times(slot: .seconds(2), silent: .seconds(2), forgotten: .seconds(2)))
    }

    private func question(_ number: Int, at now: Moment = .zero) -> OpenQuestions.Question {
        OpenQuestions.Question(endpoint: SmallDHT.endpoint(number), id: nil, purpose: .care, sentAt: now)
    }

    @Test func anAnswerCountsOnceAndFromWhereItWasAsked() {
        var questions = OpenQuestions(seed: 3)
        let transaction = questions.ask(question(1), forgottenAt: .zero + .seconds(3))
        #expect(questions.answered(transaction, from: SmallDHT.endpoint(2)) == nil)
        #expect(questions.answered(transaction + [0], from: SmallDHT.endpoint(1)) == nil)
        #expect(questions.answered(transaction, from: SmallDHT.endpoint(1)) != nil)
        #expect(questions.answered(transaction, from: SmallDHT.endpoint(1)) == nil)
        #expect(questions.count == 0 && questions.deadline == .distantFuture)
    }

    @Test func whatIsForgottenIsNotAnswered() {
        var questions = OpenQuestions(seed: 3)
        let transaction = questions.ask(question(1), forgottenAt: .zero + .seconds(3))
        #expect(questions.nextForgotten(at: .zero + .milliseconds(2_999)) == nil)
        #expect(questions.nextForgotten(at: .zero + .seconds(3))?.endpoint == SmallDHT.endpoint(1))
        #expect(questions.answered(transaction, from: SmallDHT.endpoint(1)) == nil)
    }

    @Test func nothingIsKeptOfWhatWasAnswered() {
        var questions = OpenQuestions(seed: 3)
        for number in 0..<1_000 {
            let transaction = questions.ask(question(number), forgottenAt: .zero + .seconds(number + 3))
            _ = questions.answered(transaction, from: SmallDHT.endpoint(number))
        }
        #expect(questions.deadline == .distantFuture)
        #expect(questions.takeAll(to: SmallDHT.endpoint(5)).isEmpty)
    }

    @Test func transactionsTellNothingOfEachOther() {
        var (one, other) = (Transactions(seed: 1), Transactions(seed: 2))
        let numbers = (0..<1_000).map { _ in one.next() }
        #expect(Set(numbers).count == 1_000)
        #expect(numbers.prefix(9) != (0..<9).map { _ in other.next() }[...])
        // No bit is always the same.
        #expect(numbers.reduce(.max, &) == 0 && numbers.reduce(0, |) == .max)
    }
}
