/// Tells code, strings and comments apart, well enough for rules of style: it knows nested comments, escapes,
/// interpolation, raw strings and strings of several lines.
struct SourceScanner {
    private let bytes: [UInt8]
    private var position = 0
    private var code: [UInt8] = []
    private var comments: [UInt8] = []

    /// Both results have the length and the line breaks of `text`.
    static func scan(_ text: String) -> (code: String, comments: String) {
        var scanner = SourceScanner(bytes: Array(text.utf8))
        scanner.scanCode(untilParenthesis: false)
        return (String(decoding: scanner.code, as: UTF8.self), String(decoding: scanner.comments, as: UTF8.self))
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private static let special: [Bool] = {
        var special = Array(repeating: false, count: 256)
        for byte in "/\"#()".utf8 { special[Int(byte)] = true }
        return special
    }()

    private enum Kind { case code, comment, string }

    private mutating func take(_ count: Int = 1, as kind: Kind) {
        for _ in 0..<count where position < bytes.count {
            let byte = bytes[position]
            let blank = byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " ")
            code.append(kind == .code ? byte : blank)
            comments.append(kind == .comment ? byte : blank)
            position += 1
        }
    }

    private func sees(_ text: StaticString) -> Bool {
        position + text.utf8CodeUnitCount <= bytes.count
            && text.withUTF8Buffer { bytes[position..<position + $0.count].elementsEqual($0) }
    }

    /// Until the end, or until the parenthesis that ends an interpolation.
    private mutating func scanCode(untilParenthesis: Bool) {
        var depth = 0
        while position < bytes.count {
            // Most bytes begin none of these; asking for each costs seconds over all our code.
            let isPlain = !Self.special[Int(bytes[position])]
            if isPlain {
                take(as: .code)
            } else if sees("//") {
                while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { take(as: .comment) }
            } else if sees("/*") {
                scanBlockComment()
            } else if sees("\"") || sees("#\"") || sees("##\"") {
                scanString()
            } else {
                if sees("(") { depth += 1 }
                if sees(")") {
                    depth -= 1
                    if untilParenthesis, depth < 0 { return }
                }
                take(as: .code)
            }
        }
    }

    private mutating func scanBlockComment() {
        var depth = 0
        repeat {
            if sees("/*") {
                depth += 1
                take(2, as: .comment)
            } else if sees("*/") {
                depth -= 1
                take(2, as: .comment)
            } else {
                take(as: .comment)
            }
        } while depth > 0 && position < bytes.count
    }

    private mutating func scanString() {
        var hashes = 0
        while sees("#") {
            hashes += 1
            take(as: .code)
        }
        let isLong = sees("\"\"\"")
        take(isLong ? 3 : 1, as: .code)
        while position < bytes.count {
            if sees("\\"), hashesFollow(hashes, at: position + 1) {
                let next = position + 1 + hashes
                if next < bytes.count, bytes[next] == UInt8(ascii: "(") {
                    take(2 + hashes, as: .string)
                    scanCode(untilParenthesis: true)
                    take(as: .string)
                } else {
                    take(2 + hashes, as: .string)
                }
            } else if isLong ? sees("\"\"\"") : sees("\""), hashesFollow(hashes, at: position + (isLong ? 3 : 1)) {
                take((isLong ? 3 : 1) + hashes, as: .code)
                return
            } else if !isLong, sees("\n") {
                return
            } else {
                take(as: .string)
            }
        }
    }

    private func hashesFollow(_ count: Int, at start: Int) -> Bool {
        start + count <= bytes.count && bytes[start..<start + count].allSatisfy { $0 == UInt8(ascii: "#") }
    }
}
