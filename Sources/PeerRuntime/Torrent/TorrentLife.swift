/// Where a torrent stands in its life, and the one table of what happens next. A pure value: `TorrentTask` tells it
/// what happens, and carries out the order that it gets back.
///
/// A torrent waits until its node starts; then its content is checked, what was found is recorded, and it runs. It is
/// paused, checked anew, or ended by closing what runs; each of these ways can be changed to another until it has been
/// gone. Every verb is allowed in every state: where it makes no sense, nothing happens.
struct TorrentLife: Hashable, Sendable {
    /// What it is doing, and what it owns meanwhile.
    enum State: Hashable, Sendable {
        /// Added, and not begun. Owns its open content.
        case waiting
        /// The same, and paused before it could begin: when its turn comes it lets go of what it owns. Until then it
        /// may have to wait for another torrent of its name, so it cannot go on by itself.
        case held
        /// The content is being checked, or waits its turn for that. Owns the content and the check.
        case checking
        /// The same, but nobody waits for what the check finds. Owns the same until it has ended.
        case callingOff(then: Goal)
        /// What the check found is being recorded, before anything else happens. Owns content, session and record
        /// keeper.
        case opening
        /// At work. Owns the same.
        case running
        /// The session and its keeper come to their ends. Owns the same until both have.
        case closing(Ends, then: Goal)
        /// Others have changed the content: it is left alone for a while before the next check. Owns the content and a
        /// timer.
        case resting
        /// By the user. Owns nothing but its name.
        case paused
        /// For good. Owns nothing.
        case ended
    }

    /// Where a torrent goes once what it is at has ended.
    enum Goal: Hashable, Sendable {
        /// To a check, which believes the record.
        case check
        /// To rest, and then to a check: others have changed the content.
        case rest
        case pause
        case end
    }

    /// What must have ended before a session is closed.
    struct Ends: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        /// Connections are closed, and trackers know.
        static let session = Ends(rawValue: 1)
        /// Every piece that had arrived is stored, and the record is kept.
        static let record = Ends(rawValue: 2)
        static let both: Ends = [.session, .record]
    }

    /// What happens to a torrent.
    enum Event: Hashable, Sendable, CaseIterable {
        // By its node and its user.
        case begin, pause, resume, stop
        // By itself.
        /// It cannot go on.
        case failed
        /// Content is not what it was.
        case contentChanged
        // The ends of what it began.
        /// The check has found out what is there.
        case checkFound
        /// The check has ended without a finding: it failed, or was called off.
        case checkEnded
        /// What was found is recorded.
        case recorded
        case sessionClosed, recordClosed
        /// The time of rest is over.
        case rested
    }

    /// What is to be done now: one thing at a time.
    enum Order: Hashable, Sendable {
        /// Nothing but to say that it is paused, or no more.
        case tell(isPaused: Bool)
        /// Let go of a session, open the content if it is not open, check it, and report `checkFound` or `checkEnded`.
        case check
        /// The running check is of no use any more: end it soon. It still reports.
        case callOff
        /// Make session and keeper of what was found, and report `recorded`.
        case open
        /// Let the session begin.
        case start
        /// Close session and keeper, and report `sessionClosed` and `recordClosed`. What is there is recorded, unless
        /// the content has changed under it.
        case close(recording: Bool)
        /// Let go of the session, and report `rested` after a while.
        case rest
        /// Let go of everything; it may come back.
        case release
        /// Let go of everything, and say goodbye.
        case finish
    }

    private(set) var state = State.waiting
    /// Counts what was begun that reports when it has ended: a report of something earlier is let pass.
    private(set) var stage = 0

    /// Whether a finding of the check will be used.
    var wantsFinding: Bool { state == .checking }

    /// Takes the end of something that was begun in `stage`.
    mutating func take(_ event: Event, of stage: Int) -> Order? {
        stage == self.stage ? take(event) : nil
    }

    /// What follows from `event`.
    mutating func take(_ event: Event) -> Order? {
        guard let (next, order) = step(event) else { return nil }
        state = next
        switch order {
        case .check, .open, .close, .rest: stage += 1
        case .tell, .callOff, .start, .release, .finish, nil: break
        }
        return order
    }

    /// The table. Nil: nothing happens.
    private func step(_ event: Event) -> (State, Order?)? {
        switch (state, event) {
        case (.waiting, .begin): (.checking, .check)
        case (.waiting, .pause): (.held, .tell(isPaused: true))
        case (.waiting, .stop), (.waiting, .failed): (.ended, .finish)

        case (.held, .begin): (.paused, .release)
        case (.held, .resume): (.waiting, .tell(isPaused: false))
        case (.held, .stop), (.held, .failed): (.ended, .finish)

        case (.checking, .checkFound): (.opening, .open)
        case (.checking, .checkEnded): (.ended, .finish)
        case (.checking, .pause): (.callingOff(then: .pause), .callOff)
        case (.checking, .stop), (.checking, .failed): (.callingOff(then: .end), .callOff)

        case (.callingOff(let goal), .checkFound), (.callingOff(let goal), .checkEnded): Self.arrival(at: goal)
        case (.callingOff(let goal), .pause) where goal != .end: (.callingOff(then: .pause), nil)
        case (.callingOff(let goal), .resume) where goal != .end: (.callingOff(then: .check), nil)
        case (.callingOff, .stop), (.callingOff, .failed): (.callingOff(then: .end), nil)

        case (.opening, .recorded): (.running, .start)
        case (.opening, .pause), (.running, .pause): (.closing(.both, then: .pause), .close(recording: true))
        case (.opening, .contentChanged), (.running, .contentChanged):
            (.closing(.both, then: .rest), .close(recording: false))
        case (.opening, .stop), (.running, .stop), (.opening, .failed), (.running, .failed):
            (.closing(.both, then: .end), .close(recording: true))

        case (.closing(let ends, let goal), .sessionClosed): Self.closed(.session, of: ends, then: goal)
        case (.closing(let ends, let goal), .recordClosed): Self.closed(.record, of: ends, then: goal)
        case (.closing(let ends, let goal), .pause) where goal != .end: (.closing(ends, then: .pause), nil)
        case (.closing(let ends, .pause), .resume): (.closing(ends, then: .check), nil)
        case (.closing(let ends, _), .stop), (.closing(let ends, _), .failed): (.closing(ends, then: .end), nil)

        case (.resting, .rested): (.checking, .check)
        case (.resting, .pause): (.paused, .release)
        case (.resting, .stop), (.resting, .failed): (.ended, .finish)

        case (.paused, .resume): (.checking, .check)
        case (.paused, .stop), (.paused, .failed): (.ended, .finish)

        default: nil
        }
    }

    private static func closed(_ end: Ends, of ends: Ends, then goal: Goal) -> (State, Order?) {
        let rest = ends.subtracting(end)
        return rest.isEmpty ? arrival(at: goal) : (.closing(rest, then: goal), nil)
    }

    private static func arrival(at goal: Goal) -> (State, Order?) {
        switch goal {
        case .check: (.checking, .check)
        case .rest: (.resting, .rest)
        case .pause: (.paused, .release)
        case .end: (.ended, .finish)
        }
    }
}
