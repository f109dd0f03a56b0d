/// Tells which declarations say all by their names. A comment on one of these would say it again:
///
/// - what a protocol of the standard library asks for, and what the words of every reader are for;
/// - an initialiser without parameters, or from nothing but the type's own properties;
/// - a property or payload of one of our types that is called as the type is, or its end: `geometry: TorrentGeometry`;
/// - a Bool that is a statement, `isPrivate` or `hasColor`;
/// - what hands on a property of the same name: `pieceCount { geometry.pieceCount }`;
/// - an option, whose help is a sentence, and a case whose sentence or word stands in the same file: as its raw text,
///   or where a `switch` over the cases puts them into words;
/// - the cases of an enum that has one line of them: its own comment is about these.
struct PlainNames {
    private let file: SourceFile
    private let properties: Set<String>
    /// How many lines of cases each enum has.
    private let lines: [String: Int]

    init(_ declarations: [Declaration], in file: SourceFile) {
        self.file = file
        lines = declarations.reduce(into: [:]) { if $1.keyword == "case" { $0[$1.owner, default: 0] += 1 } }
        var names: Set<String> = []
        for line in file.code where line.has("var ") || line.has("let ") {
            for match in line.matches(of: #/\b(?:var|let) (\w+)/#) { names.insert(String(match.1)) }
        }
        properties = names
    }

    func say(_ declaration: Declaration) -> Bool {
        if declaration.isType { return false }
        if Self.known.contains(declaration.name) { return true }
        switch declaration.keyword {
        case "init": return isFromParts(declaration.text)
        case "var", "let":
            return isNamedAsItsType(declaration) || isStatement(declaration) || handsOn(declaration)
                || declaration.text.has("= Option(")
        case "case": return isInWords(declaration) || isAlone(declaration) || isNamedAsItsPayload(declaration)
        default: return false
        }
    }

    /// What the standard library asks of types, and words that mean the same everywhere.
    private static let known: Set = [
        "description", "debugDescription", "hash", "rawValue", "count", "underestimatedCount", "isEmpty",
        "makeIterator", "next", "appendLiteral", "appendInterpolation", "==", "<", "+", "-", "+=", "encode",
        "Element", "startIndex", "endIndex",
        "host", "port", "key", "value", "year", "month", "day", "zero",
    ]

    /// "init(host: String, port: UInt16)" where host and port are properties of the file's types.
    private func isFromParts(_ text: String) -> Bool {
        if text.contains(#/\binit\??\((?:\w+Literal|rawValue|stringInterpolation|literalCapacity)\b/#) { return true }
        guard let open = text.firstIndex(of: "(") else { return false }
        return Self.parameters(text[text.index(after: open)...]).allSatisfy { parameter in
            let names = parameter.prefix { $0 != ":" }.split(separator: " ")
            return names.last.map { properties.contains(String($0)) } ?? true
        }
    }

    /// Cut at the commas that are in no brackets of their own.
    private static func parameters(_ text: Substring) -> [Substring] {
        var depth = 0
        var parts: [Substring] = []
        var start = text.startIndex
        for position in text.indices {
            switch text[position] {
            case "(", "[", "<": depth += 1
            case ")" where depth == 0, "," where depth == 0:
                parts.append(text[start..<position])
                start = text.index(after: position)
                if text[position] == ")" { return parts }
            case ")", "]": depth -= 1
            case ">" where depth > 0: depth -= 1
            default: break
            }
        }
        return parts
    }

    private static let standardTypes: Set = [
        "bool", "string", "int", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "double",
        "duration", "character", "float", "uint", "set",
    ]

    /// Whether `name` is the type's, or its end, and the type is one of ours, which has a comment.
    private static func name(_ name: some StringProtocol, isOf type: some StringProtocol) -> Bool {
        let isList = type.hasPrefix("[")
        let words = type.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
        guard words.count == 1 || type.contains("."), let last = words.last?.lowercased() else { return false }
        guard !standardTypes.contains(last) else { return false }
        let singular = isList && name.hasSuffix("s") ? String(name.dropLast()) : String(name)
        return last.hasSuffix(singular.lowercased())
    }

    private func isNamedAsItsType(_ declaration: Declaration) -> Bool {
        let pattern = #/(?:var|let) (\w+)(?:: ([\w.\[\]?]+)| = ([\w.]+?)(?:\(|\.\w+$))/#
        guard let match = declaration.text.firstMatch(of: pattern) else { return false }
        guard let type = match.2 ?? match.3 else { return false }
        return Self.name(match.1, isOf: type)
    }

    private func isNamedAsItsPayload(_ declaration: Declaration) -> Bool {
        guard let match = declaration.text.wholeMatch(of: #/(?:indirect )?case (\w+)\(([\w.\[\]?]+)\)/#) else {
            return false
        }
        return Self.name(match.1, isOf: match.2)
    }

    private func isStatement(_ declaration: Declaration) -> Bool {
        guard declaration.name.contains(#/^(?:is|has)[A-Z]/#) else { return false }
        return declaration.text.contains(#/: Bool\b|= (?:true|false)\b/#)
    }

    private func handsOn(_ declaration: Declaration) -> Bool {
        declaration.text.has("." + declaration.name + " }")
    }

    private func isInWords(_ declaration: Declaration) -> Bool {
        if declaration.text.has(" = \"") || declaration.owner.contains(#/\benum \w+: String\b/#) { return true }
        return file.code.indices.contains { line in
            guard line != declaration.line, names(declaration.name, in: file.code[line]) else { return false }
            // The words follow the colon at once: strings elsewhere are about something else.
            let rest = file.code[line].drop { $0 != ":" }.dropFirst().drop { $0 == " " }
            let next = line + 1 < file.code.count ? file.code[line + 1].drop { $0 == " " } : ""
            return rest.hasPrefix("\"") || rest.isEmpty && next.hasPrefix("\"")
        }
    }

    /// Whether the line begins with "case .name", perhaps among others.
    private func names(_ name: String, in code: String) -> Bool {
        guard code.has("case "), code.has("." + name) else { return false }
        return code.matches(of: #/[ (]\.(\w+)/#).contains { $0.1 == name }
    }

    private func isAlone(_ declaration: Declaration) -> Bool {
        !declaration.text.has("(") && lines[declaration.owner] == 1
    }
}
