import CommandLineKit
import Synchronization
import TestSupport
import Testing

/// Somebody is called when a time has come.
@Suite struct AlarmTests {
    private final class Calls: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    @Test func theSoonerCallStandsForBoth() async throws {
        let (calls, alarm) = (Calls(), Alarm())
        alarm.set(after: .seconds(3_600)) { calls.add("later") }
        alarm.set(after: .milliseconds(20)) { calls.add("sooner") }
        alarm.set(after: .seconds(60)) { calls.add("between") }
        #expect(try await eventually(within: .seconds(20)) { calls.all == ["sooner"] })
    }

    /// Whoever is called may ask for the next call.
    @Test func itRingsAgain() async throws {
        let (calls, alarm) = (Calls(), Alarm())
        alarm.set(after: .zero) {
            calls.add("one")
            alarm.set(after: .milliseconds(1)) { calls.add("two") }
        }
        #expect(try await eventually(within: .seconds(20)) { calls.all == ["one", "two"] })
    }
}
