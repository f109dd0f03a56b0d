import Testing

@testable import PeerRuntime

/// The table of a torrent's life, every state by every event.
@Suite struct TorrentLifeTests {
    private typealias State = TorrentLife.State
    private typealias Event = TorrentLife.Event

    /// Each state, how one gets there, and all that moves it on from there. Events that are not named do nothing.
    private struct Row {
        let state: State
        let way: [Event]
        let steps: [Event: (State, TorrentLife.Order?)]
    }

    private static let closes: TorrentLife.Order = .close(recording: true)

    private static func atWork(_ state: State, _ way: [Event], _ more: [Event: (State, TorrentLife.Order?)]) -> Row {
        let common: [Event: (State, TorrentLife.Order?)] = [
            .pause: (.closing(.both, then: .pause), closes), .stop: (.closing(.both, then: .end), closes),
            .failed: (.closing(.both, then: .end), closes),
            .contentChanged: (.closing(.both, then: .rest), .close(recording: false)),
        ]
        return Row(state: state, way: way, steps: common.merging(more) { $1 })
    }

    private static let table: [Row] = [
        Row(
            state: .waiting, way: [],
            steps: [
                .begin: (.checking, .check), .pause: (.held, .tell(isPaused: true)), .stop: (.ended, .finish),
                .failed: (.ended, .finish),
            ]),
        Row(
            state: .held, way: [.pause],
            steps: [
                .begin: (.paused, .release), .resume: (.waiting, .tell(isPaused: false)), .stop: (.ended, .finish),
                .failed: (.ended, .finish),
            ]),
        Row(
            state: .checking, way: [.begin],
            steps: [
                .checkFound: (.opening, .open), .checkEnded: (.ended, .finish),
                .pause: (.callingOff(then: .pause), .callOff), .stop: (.callingOff(then: .end), .callOff),
                .failed: (.callingOff(then: .end), .callOff),
            ]),
        Row(
            state: .callingOff(then: .pause), way: [.begin, .pause],
            steps: [
                .checkFound: (.paused, .release), .checkEnded: (.paused, .release),
                .pause: (.callingOff(then: .pause), nil), .resume: (.callingOff(then: .check), nil),
                .stop: (.callingOff(then: .end), nil), .failed: (.callingOff(then: .end), nil),
            ]),
        Row(
            state: .callingOff(then: .check), way: [.begin, .pause, .resume],
            steps: [
                .checkFound: (.checking, .check), .checkEnded: (.checking, .check),
                .pause: (.callingOff(then: .pause), nil), .resume: (.callingOff(then: .check), nil),
                .stop: (.callingOff(then: .end), nil), .failed: (.callingOff(then: .end), nil),
            ]),
        Row(
            state: .callingOff(then: .end), way: [.begin, .stop],
            steps: [
                .checkFound: (.ended, .finish), .checkEnded: (.ended, .finish),
                .stop: (.callingOff(then: .end), nil), .failed: (.callingOff(then: .end), nil),
            ]),
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
        arriving(.check, by: [.pause, .resume], at: (.checking, .check), [.pause: .pause]),
        arriving(.rest, by: [.contentChanged], at: (.resting, .rest), [.pause: .pause]),
        Row(
            state: .resting,
            way: [.begin, .checkFound, .recorded, .contentChanged, .sessionClosed, .recordClosed],
            steps: [
                .rested: (.checking, .check), .pause: (.paused, .release), .stop: (.ended, .finish),
                .failed: (.ended, .finish),
            ]),
        Row(
            state: .paused, way: [.pause, .begin],
            steps: [.resume: (.checking, .check), .stop: (.ended, .finish), .failed: (.ended, .finish)]),
        Row(state: .ended, way: [.stop], steps: [:]),
    ]

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
        for row in Self.table {
            for event in Event.allCases {
                var life = TorrentLife()
                for step in row.way { _ = life.take(step) }
                #expect(life.state == row.state)
                let order = life.take(event)
                let (next, expected) = row.steps[event] ?? (row.state, nil)
                #expect(life.state == next, "\(event) in \(row.state)")
                #expect(order == expected, "\(event) in \(row.state)")
            }
        }
    }

    /// Whatever happens in whatever order: what was stopped ends once everything that it began has ended, and then
    /// nothing moves it.
    @Test(arguments: 0..<200)
    func everyLifeCanBeEnded(seed: Int) {
        var number = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        var life = TorrentLife()
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
        #expect(life.state == .checking)
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
        #expect(life.state == .checking)
    }
}
