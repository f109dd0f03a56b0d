import Testing

@testable import PeerRuntime

/// The table of a torrent's life, every state by every event.
@Suite struct TorrentLifeTests {
    private typealias State = TorrentLife.State
    private typealias Event = TorrentLife.Event

    /// Each state, how one gets there, and all that moves it on from there. Events that are not named do nothing.
    private struct Row {
        let state: State
        /// It did not begin as a link.
        var knowsMetadata = true
        let way: [Event]
        let steps: [Event: (State, TorrentLife.Order?)]
    }

    private static let checks: State = .checking(holdsPeers: false)
    private static let closes: TorrentLife.Order = .close(recording: true)

    private static func atWork(
        _ state: State, _ way: [Event], _ more: [Event: (State, TorrentLife.Order?)], isLink: Bool = false
    ) -> Row {
        let common: [Event: (State, TorrentLife.Order?)] = [
            .pause: (.closing(.both, then: .pause), closes), .stop: (.closing(.both, then: .end), closes),
            .failed: (.closing(.both, then: .end), closes),
            .contentChanged: (.closing(.both, then: .rest), .close(recording: false)),
        ]
        return Row(
            state: state, knowsMetadata: !isLink, way: way, steps: common.merging(more) { $1 })
    }

    private static let table: [Row] = [
        Row(
            state: .waiting, way: [],
            steps: [
                .begin: (checks, .check), .pause: (.held, .tell(isPaused: true)), .stop: (.ended, .finish),
                .failed: (.ended, .finish),
            ]),
        Row(
            state: .held, way: [.pause],
            steps: [
                .begin: (.paused, .release), .resume: (.waiting, .tell(isPaused: false)), .stop: (.ended, .finish),
                .failed: (.ended, .finish),
            ]),
        Row(
            state: checks, way: [.begin],
            steps: [
                .checkFound: (.opening, .open), .checkEnded: (.ended, .finish),
                .pause: (.closing(.check, then: .pause), .callOff),
                .stop: (.closing(.check, then: .end), .callOff), .failed: (.closing(.check, then: .end), .callOff),
            ]),
        calledOff(.check, .pause, [.begin, .pause], at: (.paused, .release)),
        calledOff(.check, .check, [.begin, .pause, .resume], at: (checks, .check)),
        calledOff(.check, .end, [.begin, .stop], at: (.ended, .finish)),
        atWork(.opening, [.begin, .checkFound], [.recorded: (.running, .start)]),
        atWork(.running, [.begin, .checkFound, .recorded], [:]),
        closing(.pause, by: .pause, [.resume: .check, .stop: .end, .failed: .end, .pause: .pause]),
        closing(.rest, by: .contentChanged, [.pause: .pause, .stop: .end, .failed: .end]),
        closing(.end, by: .stop, [.stop: .end, .failed: .end]),
        Row(
            state: .closing(.session, then: .end), way: [.begin, .checkFound, .recorded, .stop, .recordClosed],
            steps: [
                .sessionClosed: (.ended, .finish), .recordClosed: (.closing(.session, then: .end), nil),
                .stop: (.closing(.session, then: .end), nil), .failed: (.closing(.session, then: .end), nil),
            ]),
        arriving(.pause, by: [.pause], at: (.paused, .release), [.pause: .pause, .resume: .check]),
        arriving(.check, by: [.pause, .resume], at: (checks, .check), [.pause: .pause]),
        arriving(.rest, by: [.contentChanged], at: (.resting, .rest), [.pause: .pause]),
        Row(
            state: .resting,
            way: [.begin, .checkFound, .recorded, .contentChanged, .sessionClosed, .recordClosed],
            steps: [
                .rested: (checks, .check), .pause: (.paused, .release), .stop: (.ended, .finish),
                .failed: (.ended, .finish),
            ]),
        Row(
            state: .paused, way: [.pause, .begin],
            steps: [.resume: (checks, .check), .stop: (.ended, .finish), .failed: (.ended, .finish)]),
        Row(state: .ended, way: [.stop], steps: [:]),
    ]

    /// From a link on.
    private static let tableOfLinks: [Row] = [
        Row(
            state: .waiting, knowsMetadata: false, way: [],
            steps: [
                .begin: (.fetching, .fetch), .pause: (.held, .tell(isPaused: true)), .stop: (.ended, .finish),
                .failed: (.ended, .finish),
            ]),
        Row(
            state: .fetching, knowsMetadata: false, way: [.begin],
            steps: [
                .metadataFound: (.checking(holdsPeers: true), .check),
                .pause: (.closing(.session, then: .pause), .closeMetadata),
                .stop: (.closing(.session, then: .end), .closeMetadata),
                .failed: (.closing(.session, then: .end), .closeMetadata),
            ]),
        Row(
            state: .closing(.session, then: .pause), knowsMetadata: false, way: [.begin, .pause],
            steps: closing(.session, .pause, by: [.sessionClosed], at: (.paused, .release))),
        // Goes on with what it lacks.
        Row(
            state: .closing(.session, then: .check), knowsMetadata: false, way: [.begin, .pause, .resume],
            steps: closing(.session, .check, by: [.sessionClosed], at: (.fetching, .fetch))),
        Row(
            state: .closing(.session, then: .end), knowsMetadata: false, way: [.begin, .stop],
            steps: closing(.session, .end, by: [.sessionClosed], at: (.ended, .finish))),
        Row(
            state: .paused, knowsMetadata: false, way: [.begin, .pause, .sessionClosed],
            steps: [.resume: (.fetching, .fetch), .stop: (.ended, .finish), .failed: (.ended, .finish)]),
        Row(
            state: .checking(holdsPeers: true), knowsMetadata: false, way: [.begin, .metadataFound],
            steps: [
                .checkFound: (.opening, .open), .checkEnded: (.closing(.session, then: .end), .closeMetadata),
                .pause: (.closing([.check, .session], then: .pause), .callOff),
                .stop: (.closing([.check, .session], then: .end), .callOff),
                .failed: (.closing([.check, .session], then: .end), .callOff),
            ]),
        // Both have to end, in either order; the metadata stays known.
        calledOff(
            .check, .pause, [.begin, .metadataFound, .pause, .sessionClosed], at: (.paused, .release), isLink: true),
        Row(
            state: .closing(.session, then: .pause), knowsMetadata: false,
            way: [.begin, .metadataFound, .pause, .checkEnded],
            steps: closing(.session, .pause, by: [.sessionClosed], at: (.paused, .release))),
        Row(
            state: .paused, knowsMetadata: false, way: [.begin, .metadataFound, .pause, .checkFound, .sessionClosed],
            steps: [.resume: (checks, .check), .stop: (.ended, .finish), .failed: (.ended, .finish)]),
        atWork(.opening, [.begin, .metadataFound, .checkFound], [.recorded: (.running, .start)], isLink: true),
        atWork(.running, [.begin, .metadataFound, .checkFound, .recorded], [:], isLink: true),
    ]

    /// What moves it on where `ends` are still to come and the last of them leads to `end`.
    private static func closing(
        _ ends: TorrentLife.Ends, _ goal: TorrentLife.Goal, by last: [Event], at end: (State, TorrentLife.Order?)
    ) -> [Event: (State, TorrentLife.Order?)] {
        var steps: [Event: (State, TorrentLife.Order?)] = [:]
        for event in [Event.sessionClosed, .recordClosed, .checkFound, .checkEnded] {
            steps[event] = (.closing(ends, then: goal), nil)
        }
        for event in last { steps[event] = end }
        for event in [Event.stop, .failed] { steps[event] = (.closing(ends, then: .end), nil) }
        if goal != .end { steps[.pause] = (.closing(ends, then: .pause), nil) }
        if goal == .pause { steps[.resume] = (.closing(ends, then: .check), nil) }
        return steps
    }

    /// A check of no use, which has to answer.
    private static func calledOff(
        _ ends: TorrentLife.Ends, _ goal: TorrentLife.Goal, _ way: [Event], at end: (State, TorrentLife.Order?),
        isLink: Bool = false
    ) -> Row {
        Row(
            state: .closing(ends, then: goal), knowsMetadata: !isLink, way: way,
            steps: closing(ends, goal, by: [.checkFound, .checkEnded], at: end))
    }

    /// From `running`, with both ends to come.
    private static func closing(
        _ goal: TorrentLife.Goal, by event: Event, _ goals: [Event: TorrentLife.Goal]
    ) -> Row {
        var steps: [Event: (State, TorrentLife.Order?)] = goals.mapValues { (.closing(.both, then: $0), nil) }
        steps[.sessionClosed] = (.closing(.record, then: goal), nil)
        steps[.recordClosed] = (.closing(.session, then: goal), nil)
        return Row(
            state: .closing(.both, then: goal), way: [.begin, .checkFound, .recorded, event], steps: steps)
    }

    /// The same, with the session closed already.
    private static func arriving(
        _ goal: TorrentLife.Goal, by events: [Event], at end: (State, TorrentLife.Order?),
        _ goals: [Event: TorrentLife.Goal]
    ) -> Row {
        var steps: [Event: (State, TorrentLife.Order?)] = goals.mapValues { (.closing(.record, then: $0), nil) }
        for event in [Event.stop, .failed] { steps[event] = (.closing(.record, then: .end), nil) }
        steps[.sessionClosed] = (.closing(.record, then: goal), nil)
        steps[.recordClosed] = end
        return Row(
            state: .closing(.record, then: goal),
            way: [.begin, .checkFound, .recorded] + events + [.sessionClosed], steps: steps)
    }

    @Test func everyEventInEveryState() {
        for row in Self.table + Self.tableOfLinks {
            for event in Event.allCases {
                var life = TorrentLife(knowsMetadata: row.knowsMetadata)
                for step in row.way { _ = life.take(step) }
                #expect(life.state == row.state)
                let order = life.take(event)
                let (next, expected) = row.steps[event] ?? (row.state, nil)
                #expect(life.state == next, "\(event) in \(row.state)")
                #expect(order == expected, "\(event) in \(row.state)")
            }
        }
    }

    /// The bytes were with a worker when it was paused, or stopped: they are not fetched again.
    @Test(arguments: [TorrentLife.Event.pause, .stop])
    func whatIsFoundWhileItIsBeingClosedIsKnown(by end: TorrentLife.Event) {
        var life = TorrentLife(knowsMetadata: false)
        for event in [Event.begin, end] { _ = life.take(event) }
        #expect(life.take(.metadataFound) == nil)
        #expect(life.knowsMetadata)
        #expect(life.take(.sessionClosed) == (end == .pause ? .release : .finish))
        #expect(life.take(.resume) == (end == .pause ? .check : nil))
    }

    /// Who wanted no more than the metadata has what it wanted.
    @Test func aLookEndsWithTheMetadata() {
        var life = TorrentLife(knowsMetadata: false, wantsContent: false)
        #expect([life.take(.begin), life.take(.metadataFound)] == [.fetch, .closeMetadata])
        #expect(life.knowsMetadata && life.take(.sessionClosed) == .finish)
        var kept = TorrentLife(knowsMetadata: true, wantsContent: false)
        #expect(kept.take(.begin) == .finish && kept.state == .ended)
    }

    /// Whatever happens in whatever order: what was stopped ends once everything that it began has ended, and then
    /// nothing moves it.
    @Test(arguments: 0..<200)
    func everyLifeCanBeEnded(seed: Int) {
        var number = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        var life = TorrentLife(knowsMetadata: seed.isMultiple(of: 2))
        for _ in 0..<60 {
            number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            _ = life.take(Event.allCases[Int(number >> 33) % Event.allCases.count])
        }
        _ = life.take(.stop)
        for event in [Event.checkEnded, .sessionClosed, .recordClosed] { _ = life.take(event) }
        #expect(life.state == .ended)
    }

    /// A report of something that was begun earlier is let pass.
    @Test func lateReportsDoNoHarm() {
        var life = TorrentLife()
        #expect(life.take(.begin) == .check)
        let first = life.stage
        _ = life.take(.pause)
        #expect(life.take(.checkEnded, of: first) == .release)
        #expect(life.take(.resume) == .check)
        #expect(life.stage != first)
        #expect(life.take(.checkFound, of: first) == nil)
        #expect(life.take(.checkEnded, of: first) == nil)
        #expect(life.state == Self.checks)
        #expect(life.take(.checkFound, of: life.stage) == .open)
        let opening = life.stage
        #expect(life.take(.recorded, of: opening) == .start)
        #expect(life.take(.pause) == .close(recording: true))
        let closing = life.stage
        #expect(life.take(.recorded, of: opening) == nil)
        #expect(life.take(.sessionClosed, of: closing) == nil)
        #expect(life.take(.recordClosed, of: closing) == .release)
        #expect(life.take(.resume) == .check)
        // The ends of the session before.
        #expect(life.take(.sessionClosed, of: closing) == nil)
        #expect(life.state == Self.checks)
    }
}
