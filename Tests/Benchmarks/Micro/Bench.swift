import TorrentCore
import TorrentIO

/// Takes times and says them.
struct Bench {
    var isShort = false
    var isJSON = false

    private var rounds: Int { isShort ? 1 : 7 }
    private var roundSeconds: Double { isShort ? 0.001 : 0.1 }

    /// Nanoseconds of one call of `body`, in the median round. Each round lasts about a tenth of a second.
    func time(_ body: () -> Void) -> Double {
        var calls = 1
        var first = Self.seconds(calls, body)
        while first < roundSeconds {
            calls = max(calls * 2, min(calls * 100, Int(Double(calls) * roundSeconds / max(first, 1e-9))))
            first = Self.seconds(calls, body)
        }
        let rounds = (0..<rounds).map { _ in Self.seconds(calls, body) }.sorted()
        return rounds[rounds.count / 2] / Double(calls) * 1e9
    }

    /// Nanoseconds that `body` takes, once.
    func timeOnce(_ body: () -> Void) -> Double { Self.seconds(1, body) * 1e9 }

    func say(_ name: String, _ value: Double, _ unit: String) {
        if isJSON {
            print("{\"name\":\"\(name)\",\"value\":\(value),\"unit\":\"\(unit)\"}")
        } else {
            let digits = value >= 100 ? 1.0 : 100.0
            let padding = String(repeating: " ", count: max(1, 34 - name.count))
            print("\(name)\(padding)\((value * digits).rounded() / digits) \(unit)")
        }
    }

    private static func seconds(_ calls: Int, _ body: () -> Void) -> Double {
        let start = MonotonicClock.now()
        for _ in 0..<calls { body() }
        return (MonotonicClock.now() - start) / .seconds(1)
    }
}

/// Keeps what was computed from being optimised away.
@inline(never)
func keep<Value>(_ value: Value) {}
