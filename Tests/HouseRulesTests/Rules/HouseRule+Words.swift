extension HouseRule {
    /// What is left to do stands in the issues, not in the code.
    static let noLeftovers = HouseRule(name: "no notes of things left to do") { file in
        let words = ["TODO", "FIXME", "XXX", "HACK"]
        guard file.text.first(of: words) != nil else { return [] }
        return file.lines.indices.compactMap { position in
            file.comments[position].first(of: words).map { Violation(line: position + 1, what: $0) }
        }
    }

    /// What names a file is a `ByteString` or a path of ours: text would be repaired, and be equal to other text.
    static let noTextPaths = HouseRule(name: "paths are no text") { file in
        guard file.isProduct, file.isSwift else { return [] }
        let pattern = #/\b\w*(?:[pP]aths?|[fF]olders?|[fF]iles?)\s*:\s*\[?String\b/#
        return file.code.enumerated().compactMap { position, code in
            if code.has("CommandLine.arguments") { return Violation(line: position + 1, what: "CommandLine.arguments") }
            // What the C library says of its errors, and the names of our kernels, are text; names of files are not.
            if code.has("String(cString:"), !code.has("strerror("), !code.has("kernel_name(") {
                return Violation(line: position + 1, what: "String(cString:")
            }
            guard code.has(": String") || code.has(": [String") else { return nil }
            return code.firstMatch(of: pattern).map { Violation(line: position + 1, what: String($0.0)) }
        }
    }

    /// Errors are thrown; only a broken invariant of our own traps, and says which by `precondition`.
    static let noForce = perLine(
        "no fatalError and no try!", about: ["fatalError(", "try!"], where: { $0.isSwift },
        { $0.first(of: ["fatalError(", "try!"]) })
}
