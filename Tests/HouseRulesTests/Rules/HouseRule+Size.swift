extension HouseRule {
    static let longestFile = 400
    static let longestFunction = 60
    static let longestLine = 120

    /// A file holds one concept.
    static let fileLength = HouseRule(name: "file length") { file in
        guard file.lineCount > longestFile else { return [] }
        return [Violation(line: longestFile + 1, what: "\(file.lineCount) lines, more than \(longestFile)")]
    }

    /// A line fits on a screen beside another file.
    static let lineLength = HouseRule(name: "line length") { file in
        file.lines.enumerated().compactMap { position, line in
            guard line.utf8.count > longestLine, line.count > longestLine else { return nil }
            return Violation(line: position + 1, what: "\(line.count) characters, more than \(longestLine)")
        }
    }

    /// A function fits on a screen.
    static let functionLength = HouseRule(name: "function length") { file in
        guard file.isSwift else { return [] }
        return FunctionFinder.functions(in: file.code).compactMap { function in
            guard function.length > longestFunction else { return nil }
            return Violation(line: function.line, what: "\(function.length) lines, more than \(longestFunction)")
        }
    }
}

/// Finds functions, initialisers and computed properties, and how many lines they take, by their braces.
enum FunctionFinder {
    /// Where one begins, from 1, and how many lines it has.
    struct Function: Equatable {
        let line: Int
        let length: Int
    }

    static func functions(in code: [String]) -> [Function] {
        var found: [Function] = []
        // Open functions: where they began, and how deep in braces.
        var open: [(line: Int, depth: Int)] = []
        var pending: (line: Int, parentheses: Int)?
        var depth = 0
        var parentheses = 0
        for (position, line) in code.enumerated() {
            let begins = beginsFunction(line)
            if begins { pending = (position + 1, parentheses) }
            for character in line.utf8 {
                switch character {
                case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
                case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
                case UInt8(ascii: "{"):
                    if let start = pending, start.parentheses == parentheses {
                        open.append((start.line, depth))
                        pending = nil
                    }
                    depth += 1
                case UInt8(ascii: "}"):
                    depth -= 1
                    if let start = pending, start.parentheses == parentheses { pending = nil }
                    if let last = open.last, last.depth == depth {
                        found.append(Function(line: last.line, length: position + 2 - last.line))
                        open.removeLast()
                    }
                default: break
                }
            }
            // A stored property or a requirement of a protocol has no body.
            if begins, parentheses == pending?.parentheses, endsDeclaration(code, after: position) { pending = nil }
        }
        return found.sorted { $0.line < $1.line }
    }

    private static func beginsFunction(_ line: String) -> Bool {
        line.first(of: ["func ", "init", "subscript", "var "]) != nil
            && line.contains(#/(?:^|[^.\w])(?:func\s|init[?!]?[(<]|deinit\b|subscript[(<]|var\s+\w+\s*:)/#)
    }

    /// True if the body cannot begin on the following line: that begins another declaration, or is empty.
    private static func endsDeclaration(_ code: [String], after position: Int) -> Bool {
        guard position + 1 < code.count else { return true }
        let next = code[position + 1].drop { $0 == " " }
        return
            !(next.hasPrefix("{") || next.hasPrefix("where") || next.hasPrefix("->") || next.hasPrefix("throws")
            || next.hasPrefix("async") || next.hasPrefix(")"))
    }
}
