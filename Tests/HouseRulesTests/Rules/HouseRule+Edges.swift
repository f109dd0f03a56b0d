extension HouseRule {
    /// C of ours computes and calls the system: it asks nobody's environment, prints nothing and ends nothing.
    static let quietC = perLine(
        "C is quiet", about: loudCalls, where: { $0.isProduct && $0.isC }
    ) { code in
        loudCalls.first { call in code.has(call) && calls(call, in: code) }.map { "\($0)) in C" }
    }

    private static let loudCalls = [
        "getenv(", "setenv(", "printf(", "fprintf(", "vfprintf(", "puts(", "fputs(", "putchar(", "perror(", "exit(",
        "_exit(", "abort(", "assert(", "system(",
    ]

    /// Whether `call` stands in `code` as a whole word.
    private static func calls(_ call: String, in code: String) -> Bool {
        code.ranges(of: call).contains { range in
            guard range.lowerBound > code.startIndex else { return true }
            let before = code[code.index(before: range.lowerBound)]
            return !before.isLetter && !before.isNumber && before != "_"
        }
    }

    /// A file in C opens with what it is for: it has no type to say it.
    static let commentedC = HouseRule(name: "a file in C opens with a comment") { file in
        guard file.isProduct, file.isC, !file.text.hasPrefix("// ") else { return [] }
        return [Violation(line: 1, what: "no comment at the top")]
    }

    /// What the process was started with is read in one place, and so are broken pipes dealt with.
    static let environmentAtTheEdge = perLine(
        "the environment and SIGPIPE have one place each", about: ["getenv", "environ", "SIGPIPE"],
        where: { $0.isProduct && $0.isSwift && !edges.contains($0.path) }
    ) { code in
        let found = code.firstMatch(of: #/\b(?:getenv|secure_getenv|environ|SIGPIPE)\b/#)
        return found.map { "\($0.0) outside of TorrentIO/System/Process…" }
    }

    private static let edges: Set = [
        "Sources/TorrentIO/System/ProcessEnvironment.swift", "Sources/TorrentIO/System/ProcessLimits.swift",
    ]

    /// The number of our version stands in one file.
    static let oneVersion = HouseRule(name: "the version stands in SuiteVersion.swift") { file in
        guard file.isProduct, file.isSwift, !file.path.hasSuffix("/SuiteVersion.swift") else { return [] }
        let pattern = #/"(?:p2p-\w+[ \/])?\d+\.\d+(?:\.\d+)?"|-PS\d{4}-/#
        return file.lines.enumerated().compactMap { position, line in
            guard line.has("\"") || line.has("-PS") else { return nil }
            return line.firstMatch(of: pattern).map { Violation(line: position + 1, what: "\($0.0)") }
        }
    }
}
