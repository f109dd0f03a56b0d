/// Where a torrent stands in its life, and the one table of what happens next. A pure value: `TorrentTask` tells it
/// what happens, and carries out the order that it gets back.
///
/// A torrent waits until its node starts. If all that is known of it is a magnet link, its metadata is fetched, by a
/// session that then holds its connections for the one that comes after it. Its content is checked, what was found is
/// recorded, and it runs. It is paused, checked anew, or ended by closing what runs; each of these ways can be changed
/// to another until it has been gone. Every verb is allowed in every state: where it makes no sense, nothing happens.
struct TorrentLife: Hashable, Sendable {
    /// What it is doing, and what it owns meanwhile.
    enum State: Hashable, Sendable {
        /// Added, and not begun. Owns its open folder or content.
        case waiting
        /// The same, and paused before it could begin: when its turn comes it lets go of what it owns. Until then it
        /// may have to wait for another torrent of its name, so it cannot go on by itself.
        case held
        /// Its metadata is being fetched. Owns the session that does it.
        case fetching
        /// The content is being checked, or waits its turn for that. Owns the content and the check; and the session
        /// that has just fetched the metadata, if it `holdsPeers` for the next one.
        case checking(holdsPeers: Bool)
        /// What the check found is being recorded, before anything else happens. Owns content, session and record
        /// keeper.
        case opening
        /// At work. Owns the same.
        case running
        /// What it began comes to its end, and nobody waits for what a check finds. Owns the same until all of it has.
        case closing(Ends, then: Goal)
        /// Others have changed the content: it is left alone for a while before the next check. Owns the content and a
        /// timer.
        case resting
        /// By the user. Owns nothing but its name, and its metainfo once that is known.
        case paused
        /// For good. Owns nothing.
        case ended
    }

    /// Where a torrent goes once what it is at has ended.
    enum Goal: Hashable, Sendable {
        /// To a check, which believes the record; before it, to its metadata, if that is not known.
        case check
        /// To rest, and then to a check: others have changed the content.
        case rest
        case pause
        case end
    }

    /// What must have ended before a torrent goes anywhere else.
    struct Ends: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        /// Connections are closed, and trackers know.
        static let session = Ends(rawValue: 1)
        /// Every piece that had arrived is stored, and the record is kept.
        static let record = Ends(rawValue: 2)
        /// The check has answered.
        static let check = Ends(rawValue: 4)
        /// Of a torrent at work.
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
        /// The metadata is there. It may have been with a worker while the torrent was paused.
        case metadataFound
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
        /// Have the metadata fetched, and report `metadataFound`.
        case fetch
        /// Let go of a session that moves content, open the content if it is not open, check it, and report
        /// `checkFound` or `checkEnded`.
        case check
        /// The running check is of no use any more: end it soon. It still reports. A session that holds peers is
        /// closed, and reports `sessionClosed`.
        case callOff
        /// Make session and keeper of what was found, and report `recorded`.
        case open
        /// Let the session begin.
        case start
        /// Close session and keeper, and report `sessionClosed` and `recordClosed`. What is there is recorded, unless
        /// the content has changed under it.
        case close(recording: Bool)
        /// Close the session that fetches the metadata, or has fetched it, and report `sessionClosed`.
        case closeMetadata
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
    private(set) var knowsMetadata: Bool
    /// It is there for more than its metadata.
    private let wantsContent: Bool

    /// `knowsMetadata`: it came from a file, or what peers sent was kept.
    init(knowsMetadata: Bool = true, wantsContent: Bool = true) {
        self.knowsMetadata = knowsMetadata
        self.wantsContent = wantsContent
    }

    /// Whether a finding of the check will be used.
    var wantsFinding: Bool {
        if case .checking = state { true } else { false }
    }

    /// Takes the end of something that was begun in `stage`.
    mutating func take(_ event: Event, of stage: Int) -> Order? {
        stage == self.stage ? take(event) : nil
    }

    /// What follows from `event`.
    mutating func take(_ event: Event) -> Order? {
        guard let (next, order) = step(event) else { return nil }
        if event == .metadataFound { knowsMetadata = true }
        state = next
        switch order {
        case .fetch, .check, .open, .close, .closeMetadata, .rest: stage += 1
        case .tell, .callOff, .start, .release, .finish, nil: break
        }
        return order
    }

    /// The table. Nil: nothing happens.
    private func step(_ event: Event) -> (State, Order?)? {
        switch (state, event) {
        case (.waiting, .begin): entrance
        case (.waiting, .pause): (.held, .tell(isPaused: true))
        case (.waiting, .stop), (.waiting, .failed): (.ended, .finish)

        case (.held, .begin): (.paused, .release)
        case (.held, .resume): (.waiting, .tell(isPaused: false))
        case (.held, .stop), (.held, .failed): (.ended, .finish)

        case (.fetching, .metadataFound):
            wantsContent ? (.checking(holdsPeers: true), .check) : (.closing(.session, then: .end), .closeMetadata)
        case (.fetching, .pause): (.closing(.session, then: .pause), .closeMetadata)
        case (.fetching, .stop), (.fetching, .failed): (.closing(.session, then: .end), .closeMetadata)

        case (.checking, .checkFound): (.opening, .open)
        case (.checking(holdsPeers: false), .checkEnded): (.ended, .finish)
        case (.checking(holdsPeers: true), .checkEnded): (.closing(.session, then: .end), .closeMetadata)
        case (.checking(let holdsPeers), .pause): (.closing(Self.ends(holdsPeers), then: .pause), .callOff)
        case (.checking(let holdsPeers), .stop), (.checking(let holdsPeers), .failed):
            (.closing(Self.ends(holdsPeers), then: .end), .callOff)

        case (.opening, .recorded): (.running, .start)
        case (.opening, .pause), (.running, .pause): (.closing(.both, then: .pause), .close(recording: true))
        case (.opening, .contentChanged), (.running, .contentChanged):
            (.closing(.both, then: .rest), .close(recording: false))
        case (.opening, .stop), (.running, .stop), (.opening, .failed), (.running, .failed):
            (.closing(.both, then: .end), .close(recording: true))

        case (.closing(let ends, let goal), .sessionClosed): closed(.session, of: ends, then: goal)
        case (.closing(let ends, let goal), .recordClosed): closed(.record, of: ends, then: goal)
        case (.closing(let ends, let goal), .checkFound), (.closing(let ends, let goal), .checkEnded):
            closed(.check, of: ends, then: goal)
        case (.closing(let ends, let goal), .metadataFound) where !knowsMetadata: (.closing(ends, then: goal), nil)
        case (.closing(let ends, let goal), .pause) where goal != .end: (.closing(ends, then: .pause), nil)
        case (.closing(let ends, .pause), .resume): (.closing(ends, then: .check), nil)
        case (.closing(let ends, _), .stop), (.closing(let ends, _), .failed): (.closing(ends, then: .end), nil)

        case (.resting, .rested): (.checking(holdsPeers: false), .check)
        case (.resting, .pause): (.paused, .release)
        case (.resting, .stop), (.resting, .failed): (.ended, .finish)

        case (.paused, .resume): entrance
        case (.paused, .stop), (.paused, .failed): (.ended, .finish)

        default: nil
        }
    }

    /// The first thing that a torrent does.
    private var entrance: (State, Order?) {
        guard knowsMetadata else { return (.fetching, .fetch) }
        return wantsContent ? (.checking(holdsPeers: false), .check) : (.ended, .finish)
    }

    private static func ends(_ holdsPeers: Bool) -> Ends { holdsPeers ? [.check, .session] : .check }

    private func closed(_ end: Ends, of ends: Ends, then goal: Goal) -> (State, Order?) {
        let rest = ends.subtracting(end)
        return rest.isEmpty ? arrival(at: goal) : (.closing(rest, then: goal), nil)
    }

    private func arrival(at goal: Goal) -> (State, Order?) {
        switch goal {
        case .check: entrance
        case .rest: (.resting, .rest)
        case .pause: (.paused, .release)
        case .end: (.ended, .finish)
        }
    }
}
