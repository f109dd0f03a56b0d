import SwarmSimulator

/// The figures of many lookups in one line.
struct DHTLine {
    let name: String
    let figures: [DHTLookupFigures]

    init(_ name: String, _ figures: [DHTLookupFigures]) {
        self.name = name
        self.figures = figures
    }

    private static let columns = [
        "found %", "first peers", "first answer", "done", "queries", "reach", "a second",
    ]

    static let heading = "kind".padded(18) + columns.map { $0.padded($0.count < 9 ? 10 : 20) }.joined()

    var text: String {
        let found = Double(figures.count(where: \.found)) / Double(max(figures.count, 1))
        return name.padded(18) + (100 * found).tenths.padded(10)
            + milliseconds(figures.filter(\.found).map(\.firstPeers)).padded(20)
            + milliseconds(figures.map(\.firstAnswer)).padded(20)
            + milliseconds(figures.map(\.done)).padded(20)
            + mean(figures.map { Double($0.queries) }).tenths.padded(10)
            + mean(figures.map(\.reach)).hundredths.padded(10)
            + [0.5, 0.95].map { String(Self.part($0, figures.map(\.busiestSecond)) ?? 0) }.joined(separator: " / ")
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }

    /// Those that never came count as later than all others.
    private func milliseconds(_ times: [Duration?]) -> String {
        let sorted = times.map { $0 ?? .seconds(1_000_000) }
        return [0.5, 0.95, 0.99].map { part in
            guard let value = Self.part(part, sorted), value < .seconds(100_000) else { return "-" }
            return String(value.components.seconds * 1_000 + value.components.attoseconds / 1_000_000_000_000_000)
        }.joined(separator: " / ")
    }

    static func part<Value: Comparable>(_ part: Double, _ values: [Value]) -> Value? {
        let sorted = values.sorted()
        return sorted.isEmpty ? nil : sorted[min(Int(Double(sorted.count) * part), sorted.count - 1)]
    }
}

extension String {
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

extension Double {
    /// One digit after the point.
    var tenths: String { digits(10) }
    var hundredths: String { digits(100) }

    private func digits(_ scale: Int) -> String {
        let whole = Int((self * Double(scale)).rounded())
        let rest = String(whole % scale)
        let zeros = String(repeating: "0", count: String(scale).count - 1 - rest.count)
        return "\(whole / scale)." + zeros + rest
    }
}
