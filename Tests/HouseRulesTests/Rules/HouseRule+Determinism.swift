extension HouseRule {
    /// Targets whose runs must be replayed exactly from a seed.
    static let pureTargets: Set = ["TorrentCore", "DHTEngine", "SwarmEngine", "TrackerEngine", "SwarmSimulator"]

    private static func isPure(_ file: SourceFile) -> Bool {
        file.isProduct && file.isSwift && pureTargets.contains(file.target)
    }

    /// Time comes in as an argument.
    static let noClock = perLine("no clock in a pure target", about: clocks, where: isPure) { code in
        code.first(of: clocks).map { "\($0) reads a clock" }
    }

    private static let clocks = [
        "Date(", "ContinuousClock", "SuspendingClock", "DispatchTime", "DispatchWallTime", "clock_gettime",
        "gettimeofday", "Task.sleep", "usleep(",
    ]

    /// Chance comes from a seeded generator that was handed in; `Hasher` is seeded anew by each process.
    static let noUnseededChance = perLine(
        "no unseeded randomness in a pure target", about: alwaysByChance + byChanceUnlessSeeded, where: isPure
    ) { code in
        if let found = code.first(of: alwaysByChance) { return "\(found) differs from run to run" }
        guard let found = code.first(of: byChanceUnlessSeeded), !code.has("using:") else { return nil }
        return "\(found)) without using:"
    }

    private static let alwaysByChance = [
        "SystemRandomNumberGenerator", "arc4random", "getrandom", "Hasher()", ".hashValue",
    ]
    private static let byChanceUnlessSeeded = [".random(", ".shuffled(", ".shuffle(", ".randomElement("]

    /// The order of a `Set` or `Dictionary` changes from run to run. A comment with the words "any order", on the line
    /// or above it, says why it does not matter there.
    static let noUnorderedIteration = HouseRule(name: "no iteration over a Set or Dictionary in a pure target") {
        file in
        guard isPure(file) else { return [] }
        let names = unorderedNames(file.code)
        return file.code.indices.compactMap { position in
            let comment = file.comments[position] + (position > 0 ? file.comments[position - 1] : "")
            guard let what = iteration(in: file.code[position], over: names), !comment.contains("any order") else {
                return nil
            }
            return Violation(line: position + 1, what: "\(what) has no defined order")
        }
    }

    /// Names that are declared as a `Set` or `Dictionary` in the file.
    static func unorderedNames(_ code: [String]) -> Set<String> {
        let typed = #/\b(?:var|let)\s+(\w+)\s*:\s*(?:Set<|Dictionary<|\[[^\[\]:]+:\s)/#
        let inferred =
            #/\b(?:var|let)\s+(\w+)\s*=\s*(?:Set<|Set\(|Dictionary<|Dictionary\(|\[[^\[\]]*:[^\[\]]*\]\(|\[:\])/#
        var names: Set<String> = []
        for line in code where line.has("var ") || line.has("let ") {
            guard line.has(":") || line.has("Set") || line.has("Dictionary") else { continue }
            for match in line.matches(of: typed) { names.insert(String(match.1)) }
            for match in line.matches(of: inferred) { names.insert(String(match.1)) }
        }
        return names
    }

    /// What the line goes through without an order, if it does.
    static func iteration(in code: String, over names: Set<String>) -> String? {
        if code.has(".sorted") || code.has(".count") && !code.has("for ") { return nil }
        guard code.has("for ") || code.has(".keys") || code.has(".values") || !names.isEmpty && code.has(".") else {
            return nil
        }
        if let match = code.firstMatch(of: #/\bin\s+[\w.\[\]?!]*\.(?:keys|values)\b/#) { return String(match.0) }
        let visits =
            #/\.(?:keys|values)\.(?:map|compactMap|flatMap|filter|forEach|first|reduce|prefix|enumerated|joined)\b/#
        if let match = code.firstMatch(of: visits) { return String(match.0) }
        if let match = code.firstMatch(of: #/\bfor\s+.*\bin\s+(?:self\.)?(\w+)(?:\s|$|\.enumerated|\.filter|\.lazy)/#),
            names.contains(String(match.1))
        {
            return String(match.1)
        }
        let own = #/(\w+)\.(?:map|compactMap|flatMap|forEach|first|popFirst|removeFirst|prefix|enumerated)\b/#
        if !names.isEmpty, let match = code.firstMatch(of: own), names.contains(String(match.1)) {
            return String(match.0)
        }
        return nil
    }
}
