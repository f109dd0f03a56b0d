/// Text and numbers for the tracker's pages. `CatalogueScript` says them in the same way.
enum PageText {
    /// Characters of a name that are shown.
    static let longestName = 200

    /// Untrusted text for use between tags or in an attribute: HTML's special characters are escaped; control
    /// characters, also those that change the direction of text, become spaces.
    static func escaped(_ text: some StringProtocol) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            default:
                output.unicodeScalars.append(isControl(scalar) ? " " : scalar)
            }
        }
        return output
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    /// A stranger's name, isolated from what stands around it, and something to see in any case.
    static func isolated(_ name: String, limit: Int = longestName) -> String {
        "<bdi>\(escaped(shown(name, limit: limit)))</bdi>"
    }

    /// At most `limit` scalars; of a name of blanks and controls alone, that it is one.
    static func shown(_ name: String, limit: Int = longestName) -> String {
        let scalars = name.unicodeScalars
        guard scalars.contains(where: { !isControl($0) && !$0.properties.isWhitespace }) else { return "(no name)" }
        guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
            end < scalars.endIndex
        else { return name }
        return String(scalars[..<end]) + "…"
    }

    /// 1,234,567.
    static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var output = number < 0 ? "-" : ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position).isMultiple(of: 3) { output += "," }
            output.append(digit)
        }
        return output
    }

    /// 1 file, 1,234 files.
    static func counted(_ number: Int, _ unit: String) -> String {
        "\(grouped(number)) \(number == 1 ? unit : unit + "s")"
    }

    /// At most one digit after the point, where it matters.
    static func tenths(_ number: Double) -> String {
        guard number < 100 else { return grouped(Int(number)) }
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// 1.5 KiB.
    static func bytes(_ number: Double) -> String {
        var (value, unit) = (number, 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1_000, unit < units.count - 1 {
            value /= 1_024
            unit += 1
        }
        return unit == 0 ? "\(Int(value)) B" : "\(tenths(value)) \(units[unit])"
    }

    /// 3 d 4 h, 5 h 12 min, 7 min, 41 s.
    static func duration(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        switch seconds {
        case ..<60: return "\(max(0, seconds)) s"
        case ..<3_600: return "\(seconds / 60) min"
        case ..<86_400: return "\(seconds / 3_600) h \(seconds % 3_600 / 60) min"
        default: return "\(seconds / 86_400) d \(seconds % 86_400 / 3_600) h"
        }
    }

    /// The largest unit alone: just now, 5 min, 3 h, 12 d, 2 years.
    static func age(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "just now"
        case ..<3_600: "\(seconds / 60) min"
        case ..<86_400: "\(seconds / 3_600) h"
        case ..<63_072_000: "\(seconds / 86_400) d"
        default: "\(seconds / 31_536_000) years"
        }
    }

    /// The same as part of a sentence.
    static func ago(_ seconds: Int64) -> String { seconds < 60 ? "just now" : age(seconds) + " ago" }
}
