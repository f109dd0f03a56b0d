import Dispatch
import Glibc
import Synchronization
package import TorrentCore

/// A poll loop on the thread of one Dispatch queue: descriptors, timers, and jobs that other threads send.
///
/// **Confinement.** Whatever belongs to a reactor (sessions, links, a brain) is touched on its thread only and has no
/// locks. `perform` and `Reply.send` are the only doors for other threads; everything else must be called on the thread
/// itself, or before `start`, which debug builds check. Bodies of timers, handlers and replies therefore need not be
/// `Sendable`. A class that lives on a reactor and has to be named in a `perform` job is marked `@unchecked Sendable`
/// with a comment that says which reactor confines it; its outer verbs begin with `reactor.preconditionOnReactor()`.
///
/// One iteration: wait, handlers, jobs, due timers, then the jobs for its end. An idle reactor does not wake.
// @unchecked: `inbox`, `thread` and `isStopping` are safe from everywhere; all other state is confined as said above.
package final class Reactor: @unchecked Sendable {
    /// Of its queue, for debuggers.
    package let name: String
    private let inbox: ReactorInbox
    private let thread = Atomic<UInt>(0)
    private let isStopping = Atomic(false)
    private let queue: DispatchQueue
    private let finished = DispatchGroup()

    // MARK: Confined
    private let poller: any Poller
    private var watches = WatchTable()
    private var timers = TimerQueue()
    private var replies = ReplyTable()
    private var ownJobs: [() -> Void] = []
    private var endJobs: [() -> Void] = []
    private var events: [PollerEvent] = []
    private var jobs: [@Sendable () -> Void] = []
    /// What all links of this reactor read blocks into before they send them.
    package let readBuffers = ReadBufferPool(limit: 8)
    /// Where the time comes from; a test that runs the iterations one by one may have its own.
    var clock: () -> Moment = { MonotonicClock.now() }
    /// The time at the start of this part of the iteration: of its handlers, or of its timers.
    package private(set) var now: Moment

    /// With a poller of its own; throws if the system has no descriptor for it. It runs from `start` on.
    package convenience init(name: String, poller kind: PollerKind = .preferred) throws(SystemError) {
        try self.init(name: name, poller: kind.makePoller())
    }

    init(name: String, poller: any Poller) throws(SystemError) {
        self.name = name
        self.poller = poller
        queue = DispatchQueue(label: name)
        inbox = try ReactorInbox()
        now = MonotonicClock.now()
        try poller.add(inbox.wakeDescriptor.number, .read, token: Self.wakeToken)
    }

    // MARK: Life, from any thread

    /// Starts the loop. To be called once.
    package func start() {
        queue.async(group: finished) { [self] in
            thread.store(UInt(pthread_self()), ordering: .releasing)
            while !isStopping.load(ordering: .acquiring) { runIteration() }
            end()
        }
    }

    /// Ends after the current iteration, and waits for it unless called on the reactor's own thread. Whatever was
    /// waiting is dropped: handlers, timers, jobs and replies.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        inbox.wake()
        if !isOnReactor || thread.load(ordering: .acquiring) == 0 { finished.wait() }
    }

    /// Runs `job` on the reactor's thread, soon, in the order of the calls. Dropped once the reactor has stopped.
    package func perform(_ job: @escaping @Sendable () -> Void) {
        inbox.add(job)
    }

    /// True on the reactor's thread, and everywhere before `start`.
    package var isOnReactor: Bool {
        let owner = thread.load(ordering: .acquiring)
        return owner == 0 || owner == UInt(pthread_self())
    }

    /// Traps in debug builds if called from elsewhere.
    package func preconditionOnReactor() {
        assert(isOnReactor, "called from outside the reactor \(name)")
    }

    // MARK: Descriptors

    /// From now on `handler` hears when `descriptor` is ready. It must be nonblocking; unwatch it before closing it.
    package func watch(
        _ descriptor: Descriptor, _ interest: Readiness, handler: any ReadinessHandler
    ) throws(SystemError) {
        preconditionOnReactor()
        let token = watches.insert(descriptor.number, interest, handler)
        do {
            try poller.add(descriptor.number, interest, token: token)
        } catch {
            _ = watches.remove(descriptor.number)
            throw error
        }
    }

    /// With an empty interest nothing is reported, a hang-up neither. Cheap if nothing changes. Where the system has no
    /// memory for it, it comes into force a little later.
    package func change(_ descriptor: Descriptor, to interest: Readiness) {
        preconditionOnReactor()
        guard let old = watches.interest(descriptor.number), old != interest else { return }
        watches.setInterest(descriptor.number, interest)
        tellPoller(
            of: descriptor.number, from: watches.outdated.isEmpty ? old : watches.outdated[descriptor.number] ?? old)
    }

    private func tellPoller(of number: Int32, from old: Readiness) {
        guard let interest = watches.interest(number) else { return }
        do {
            try poller.change(number, from: old, to: interest, token: watches.token(number))
            if !watches.outdated.isEmpty { watches.outdated[number] = nil }
        } catch {
            watches.outdated[number] = old
        }
    }

    /// How long a change that the poller had no memory for waits before it is tried again.
    private static let pollerPause: Int32 = 50

    /// Nothing more is reported for it, events of this iteration included. Does nothing if it is not watched.
    package func unwatch(_ descriptor: Descriptor) {
        preconditionOnReactor()
        guard let interest = watches.remove(descriptor.number) else { return }
        let watched =
            watches.outdated.isEmpty ? interest : watches.outdated.removeValue(forKey: descriptor.number) ?? interest
        poller.remove(descriptor.number, watched)
    }

    // MARK: Timers and iterations

    /// Timers that are set and have not fired; for tests.
    var timerCount: Int { timers.count }

    /// Calls `body` once, at `moment` or as soon as possible after it (within about a millisecond when idle).
    @discardableResult
    package func setTimer(at moment: Moment, _ body: @escaping () -> Void) -> TimerID {
        preconditionOnReactor()
        return timers.set(at: moment, body)
    }

    /// The same, so long after the start of this part of the iteration.
    @discardableResult
    package func setTimer(after duration: Duration, _ body: @escaping () -> Void) -> TimerID {
        setTimer(at: now + duration, body)
    }

    /// Does nothing if it has fired already.
    package func cancel(_ timer: TimerID) {
        preconditionOnReactor()
        timers.cancel(timer)
    }

    /// Runs `job` once at the end of this iteration. Jobs that such a job adds here run one iteration later.
    package func atEndOfIteration(_ job: @escaping () -> Void) {
        preconditionOnReactor()
        endJobs.append(job)
    }

    /// Runs `job` in a later iteration; needs no wake-up, unlike `perform`.
    package func performLater(_ job: @escaping () -> Void) {
        preconditionOnReactor()
        ownJobs.append(job)
    }

    // MARK: Replies

    /// Makes a `Reply` through which another thread can send an answer here. `body` never leaves this thread, so it may
    /// capture what is confined to it; it is called at most once.
    package func reply<Answer: Sendable>(_ body: @escaping (Answer) -> Void) -> Reply<Answer> {
        preconditionOnReactor()
        return Reply(reactor: self, number: replies.insert(body))
    }

    func deliver<Answer: Sendable>(_ answer: Answer, to number: UInt64) {
        preconditionOnReactor()
        replies.take(number, of: Answer.self)?(answer)
    }

    // MARK: The loop

    private static let wakeToken = UInt64.max

    /// One iteration. Tests run them one by one, before `start`.
    func runIteration() {
        do {
            try poller.wait(milliseconds: timeout(), into: &events)
        } catch {
            preconditionFailure("the poller of \(name) is broken: \(error)")
        }
        now = clock()
        for event in events {
            if event.token == Self.wakeToken {
                inbox.clearWake()
            } else if let (descriptor, handler) = watches.handler(for: event.token) {
                handler.descriptorReady(descriptor, event.readiness)
            }
        }
        if !watches.outdated.isEmpty {
            for (number, old) in watches.outdated { tellPoller(of: number, from: old) }
        }
        runJobs()
        now = clock()
        // Timers that are set by timers for this very moment wait for the next iteration, so that each one ends.
        var fired = 0
        let waiting = timers.count
        while fired < waiting, let body = timers.popDue(at: now) {
            body()
            fired += 1
        }
        let ending = endJobs
        endJobs = []
        for job in ending { job() }
    }

    private func runJobs() {
        let own = ownJobs
        ownJobs = []
        for job in own { job() }
        inbox.take(into: &jobs)
        for job in jobs { job() }
        // What the jobs captured is released here, on this thread, not by another thread that fills the array.
        jobs.removeAll(keepingCapacity: jobs.count <= 1_024)
    }

    private func timeout() -> Int32? {
        if !ownJobs.isEmpty || !endJobs.isEmpty { return 0 }
        let longest = watches.outdated.isEmpty ? nil : Self.pollerPause
        guard let next = timers.next() else { return longest }
        let nanoseconds = next.nanoseconds.subtractingReportingOverflow(clock().nanoseconds).partialValue
        // Rounded up: waking just before a timer is due would mean turning in vain until it is.
        return nanoseconds <= 0 ? 0 : min(longest ?? .max, Int32(clamping: nanoseconds / 1_000_000 + 1))
    }

    private func end() {
        inbox.close()
        watches.removeAll()
        timers.removeAll()
        replies.removeAll()
        ownJobs = []
        endJobs = []
    }
}
