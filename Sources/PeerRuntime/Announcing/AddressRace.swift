import TorrentCore
import TorrentIO

/// A try at one address of a host, under way on a reactor.
protocol AddressAttempt: AnyObject {
    /// Ends it; nothing more is reported.
    func cancel()
    /// Time is up: reports what has come if that is enough, else nothing.
    func conclude()
}

/// What an attempt reports; `ended` comes last.
enum AttemptNews<Outcome> {
    /// The address has answered in some way.
    case reached
    /// Something came that is of no use, and more may come.
    case disturbed(AnnounceFailure)
    case ended(Result<Outcome, AnnounceFailure>)

    func map<Other>(_ body: (Outcome) -> Other) -> AttemptNews<Other> {
        switch self {
        case .reached: .reached
        case .disturbed(let failure): .disturbed(failure)
        case .ended(let result): .ended(result.map(body))
        }
    }
}

/// How long to wait for an address before the next one is tried beside it.
package struct RacePace: Sendable {
    /// Until the address is reached.
    package var toBeReached = Duration.seconds(1)
    /// Until an address that was reached answers.
    package var toAnswer = Duration.seconds(5)

    package init() {}
}

/// Tries the addresses of a host one after the other, a silent one beside the next, until the first answers (RFC 8305).
///
/// Once an address is reached, attempts that have reached nothing are cancelled, to be repeated if that one fails.
final class AddressRace<Outcome> {
    /// Begins an attempt, which reports in later iterations of the reactor.
    typealias Start = (Endpoint, @escaping (AttemptNews<Outcome>) -> Void) throws(SystemError) -> any AddressAttempt
    typealias Completion = (Result<(Outcome, Endpoint), AnnounceFailure>) -> Void

    private struct Runner {
        let number: Int
        let endpoint: Endpoint
        let attempt: any AddressAttempt
        var isReached = false
    }

    private let reactor: Reactor
    private let pace: RacePace
    private let start: Start
    private var completion: Completion?
    private var waiting: [Endpoint]
    private var runners: [Runner] = []
    private var started = 0
    private var timer: TimerID?
    /// The most informative failure so far.
    private var failure: (failure: AnnounceFailure, isOfOneReached: Bool)?

    init(
        _ endpoints: [Endpoint], pace: RacePace, reactor: Reactor, start: @escaping Start,
        completion: @escaping Completion
    ) {
        waiting = endpoints
        self.pace = pace
        self.reactor = reactor
        self.start = start
        self.completion = completion
        startNext()
    }

    func cancel() {
        completion = nil
        setTimer(after: nil)
        for runner in runners { runner.attempt.cancel() }
        runners = []
        waiting = []
    }

    /// The failure to report when time is up. An attempt for which what has come is enough ends the race first.
    func conclude() -> AnnounceFailure {
        for runner in runners where completion != nil { runner.attempt.conclude() }
        if let failure { return failure.failure }
        return runners.contains(where: \.isReached) ? AnnounceFailure("it is there, but does not answer") : .timeout
    }

    private func startNext() {
        setTimer(after: nil)
        while !waiting.isEmpty {
            let endpoint = waiting.removeFirst()
            started += 1
            let number = started
            do throws(SystemError) {
                let attempt = try start(endpoint) { [weak self] in self?.heard($0, from: number) }
                runners.append(Runner(number: number, endpoint: endpoint, attempt: attempt))
                return setTimer(after: pace.toBeReached)
            } catch {
                note(.system(error), isOfOneReached: false)
            }
        }
        guard runners.isEmpty else { return }
        finish(.failure(failure?.failure ?? .timeout))
    }

    private func heard(_ news: AttemptNews<Outcome>, from number: Int) {
        guard let place = runners.firstIndex(where: { $0.number == number }) else { return }
        switch news {
        case .reached:
            runners[place].isReached = true
            takeBackUnreached()
            setTimer(after: pace.toAnswer)
        case .disturbed(let failure):
            // Anybody may have sent it: whatever the tracker itself says counts for more.
            note(failure, isOfOneReached: false)
        case .ended(.success(let outcome)):
            finish(.success((outcome, runners[place].endpoint)))
        case .ended(.failure(let failure)):
            note(failure, isOfOneReached: runners.remove(at: place).isReached)
            startNext()
        }
    }

    private func takeBackUnreached() {
        for runner in runners where !runner.isReached {
            runner.attempt.cancel()
            waiting.append(runner.endpoint)
        }
        runners.removeAll { !$0.isReached }
    }

    /// Of several failures, the first of an address that was reached is kept, else the last one.
    private func note(_ failure: AnnounceFailure, isOfOneReached: Bool) {
        if self.failure?.isOfOneReached != true { self.failure = (failure, isOfOneReached) }
    }

    private func setTimer(after wait: Duration?) {
        if let timer { reactor.cancel(timer) }
        timer = nil
        guard let wait, !waiting.isEmpty else { return }
        timer = reactor.setTimer(after: wait) { [weak self] in
            self?.timer = nil
            self?.startNext()
        }
    }

    private func finish(_ result: Result<(Outcome, Endpoint), AnnounceFailure>) {
        let completion = completion
        cancel()
        completion?(result)
    }
}

extension [IPAddress] {
    /// The order of a race: alternating between families (RFC 8305, 4), but first the one that worked last.
    func raced(first preferred: IPAddress?) -> [IPAddress] {
        guard let leading = first else { return [] }
        var families = (filter { $0.isV4 == leading.isV4 }[...], filter { $0.isV4 != leading.isV4 }[...])
        var order: [IPAddress] = []
        while !families.0.isEmpty || !families.1.isEmpty {
            if let next = families.0.popFirst() { order.append(next) }
            if let next = families.1.popFirst() { order.append(next) }
        }
        if let preferred, let place = order.firstIndex(of: preferred) { order.insert(order.remove(at: place), at: 0) }
        return order
    }
}
