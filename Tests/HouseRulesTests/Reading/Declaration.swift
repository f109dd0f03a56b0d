/// A declaration that other targets see, or a case of an enum that they see.
struct Declaration: Equatable {
    /// What it declares: "struct", "func", "var", "let", "init", "subscript", "case", "typealias" and so on.
    let keyword: String
    /// Its name; "init" and "subscript" are their own, and so are operators. Of several cases the first.
    let name: String
    /// Counted from 0.
    let line: Int
    /// From its first word to where its body begins, or to the end of the line where its parentheses are closed.
    let text: String
    /// The type that it stands in, and what that conforms to: "enum Kind: String" of a case of it.
    let owner: String

    static let typeKeywords: Set = ["struct", "class", "enum", "protocol", "actor"]

    /// Whether it is a type.
    var isType: Bool { Self.typeKeywords.contains(keyword) }

    /// What `file` shows to other targets.
    static func visible(in file: SourceFile) -> [Declaration] {
        var finder = Finder(code: file.code)
        finder.find()
        return finder.found
    }

    /// Goes through the lines, and knows in which type or function each stands.
    private struct Finder {
        let code: [String]
        var found: [Declaration] = []
        /// What each open brace belongs to.
        private var scopes: [Scope] = []
        private var parentheses = 0
        /// What the next brace outside of parentheses belongs to.
        private var pending: Scope?

        init(code: [String]) { self.code = code }

        /// What stands within a pair of braces.
        struct Scope {
            /// The text of the type or extension; nil for a body.
            var type: String?
            /// Its members need no `package` of their own: the requirements of a protocol, the cases of an enum.
            var showsAll = false
        }

        mutating func find() {
            for line in code.indices {
                if parentheses == 0, scopes.last?.type != nil || scopes.isEmpty { look(at: line) }
                for character in code[line].utf8 { take(character) }
            }
        }

        private mutating func take(_ character: UInt8) {
            switch character {
            case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
            case UInt8(ascii: "{"):
                scopes.append((parentheses == 0 ? pending : nil) ?? Scope())
                if parentheses == 0 { pending = nil }
            case UInt8(ascii: "}"): _ = scopes.popLast()
            default: break
            }
        }

        private mutating func look(at line: Int) {
            var words = code[line].split(separator: " ").map(String.init)
            var isVisible = false
            while let word = words.first, let kind = Self.prefix(word) {
                // "class func" is a function, "class Name" a type.
                if word == "class", let next = words.dropFirst().first, !["func", "var", "let"].contains(next) {
                    break
                }
                isVisible = isVisible || kind == .visible
                words.removeFirst()
            }
            guard let first = words.first else { return }
            let keyword = String(first.prefix { $0.isLetter })
            let text = whole(from: line)
            if Declaration.typeKeywords.contains(keyword) || keyword == "extension" {
                let showsAll = isVisible && (keyword == "enum" || keyword == "protocol")
                pending = Scope(type: text, showsAll: showsAll)
            } else {
                guard Self.memberKeywords.contains(keyword) else { return }
                pending = nil
                guard isVisible || scopes.last?.showsAll == true && (keyword == "case" || isRequirement) else { return }
            }
            guard isVisible || keyword == "case" || isRequirement, keyword != "extension" else { return }
            let named = keyword == first ? words.dropFirst().first ?? "" : first
            let name = ["init", "subscript"].contains(keyword) ? keyword : Self.name(named)
            let owner = scopes.last?.type ?? ""
            found.append(Declaration(keyword: keyword, name: name, line: line, text: text, owner: owner))
        }

        /// Whether what comes is a requirement of a protocol that others see.
        private var isRequirement: Bool {
            guard let scope = scopes.last, scope.showsAll else { return false }
            return scope.type?.has("protocol ") == true
        }

        private enum Prefix { case visible, other }
        private static let memberKeywords: Set = [
            "var", "let", "func", "init", "subscript", "case", "typealias", "associatedtype",
        ]
        private static let modifiers: Set = [
            "internal", "private", "fileprivate", "static", "final", "class", "mutating", "nonmutating", "consuming",
            "borrowing", "convenience", "required", "override", "indirect", "weak", "lazy", "nonisolated", "unowned",
            "prefix", "postfix", "infix", "isolated",
        ]

        private static func prefix(_ word: String) -> Prefix? {
            if word == "public" || word == "package" || word == "open" { return .visible }
            if word.hasPrefix("@") || modifiers.contains(String(word.prefix { $0 != "(" })) { return .other }
            return nil
        }

        /// "write(_" -> "write", "Name:" -> "Name", "==" -> "==".
        private static func name(_ word: String) -> String {
            let word = word.drop { $0 == "`" }
            let letters = word.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            return String(letters.isEmpty ? word.prefix { $0 != "(" } : letters)
        }

        private func whole(from line: Int) -> String {
            var text = ""
            var depth = 0
            for next in code[line...].prefix(40) {
                let trimmed = next.drop { $0 == " " }
                text += text.isEmpty ? String(trimmed) : " " + trimmed
                for character in next.utf8 {
                    if character == UInt8(ascii: "(") || character == UInt8(ascii: "[") { depth += 1 }
                    if character == UInt8(ascii: ")") || character == UInt8(ascii: "]") { depth -= 1 }
                }
                if depth == 0 { break }
            }
            while text.last == " " { text.removeLast() }
            return text
        }
    }
}
