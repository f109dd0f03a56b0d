import SwarmSimulator

/// Why the arguments of a command make no sense, for people.
struct UsageError: Error {
    let text: String

    init(_ text: String) { self.text = text }
}

/// The arguments of a command, taken one after the other.
struct ArgumentList {
    private var rest: ArraySlice<String>

    init(_ arguments: some Sequence<String>) { rest = Array(arguments)[...] }

    mutating func next() -> String? { rest.popFirst() }

    /// What stands behind `option`.
    mutating func value(of option: String) throws(UsageError) -> String {
        guard let value = rest.popFirst() else { throw UsageError("\(option) needs a value") }
        return value
    }

    mutating func number(of option: String, in range: ClosedRange<Int>) throws(UsageError) -> Int {
        let value = try value(of: option)
        guard let number = Int(value), range.contains(number) else {
            throw UsageError("\(option) \(value): a number from \(range.lowerBound) to \(range.upperBound) is needed")
        }
        return number
    }

    /// Worlds of one kind.
    static let seedCounts = 1...1_000_000
    static let seeds = 1...DigestTable.lastSeed
}
