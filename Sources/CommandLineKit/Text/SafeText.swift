/// Makes a string safe: the result can neither control a terminal nor look like something else.
enum SafeText {
    /// Most combining marks on one letter; more would cover the lines above and below.
    static let marksInARow = 4

    /// Most scalars that are kept: a name of a megabyte is no name.
    static let scalars = 4_096

    /// Line breaks, control and format characters (bidirectional overrides among them) become `\n`, `\x1b`, `\u{202e}`.
    static func safe(_ text: String) -> String {
        if text.utf8.count <= scalars, text.utf8.allSatisfy({ 0x20 <= $0 && $0 < 0x7F }) { return text }
        var safe = String.UnicodeScalarView()
        var marks = 0
        for (position, scalar) in text.unicodeScalars.enumerated() {
            guard position < scalars else {
                safe.append(contentsOf: "...".unicodeScalars)
                break
            }
            let category = scalar.properties.generalCategory
            marks = isMark(category) ? marks + 1 : 0
            if isHarmless(scalar, category) {
                if marks <= marksInARow { safe.append(scalar) }
            } else {
                safe.append(contentsOf: escaped(scalar).unicodeScalars)
            }
        }
        return String(safe)
    }

    /// True for what neither moves the cursor nor reorders or hides its neighbours.
    static func isHarmless(_ scalar: Unicode.Scalar, _ category: Unicode.GeneralCategory) -> Bool {
        switch category {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        // Joiners shape Indic scripts, Persian and emoji; all other format characters are invisible or reorder.
        case .format: scalar.value == 0x200C || scalar.value == 0x200D
        default: !isInvisibleFiller(scalar)
        }
    }

    private static func isMark(_ category: Unicode.GeneralCategory) -> Bool {
        category == .nonspacingMark || category == .enclosingMark
    }

    /// Hangul fillers, which are letters that show nothing, and the tags and selectors of plane 14.
    private static func isInvisibleFiller(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x115F, 0x1160, 0x3164, 0xFFA0, 0xE0000...0xE0FFF: true
        default: false
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            let digits = String(scalar.value, radix: 16)
            return scalar.value < 0x100
                ? "\\x" + String(repeating: "0", count: 2 - digits.count) + digits : "\\u{\(digits)}"
        }
    }
}
