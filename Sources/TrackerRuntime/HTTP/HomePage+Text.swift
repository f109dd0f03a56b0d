// Text and numbers for the tracker's page.

extension HomePage {
    /// Untrusted text for use between tags or in an attribute: HTML's special characters are escaped; control
    /// characters, also those that change the direction of text, become spaces.
    static func escaped(_ text: String) -> String {
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
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
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
}
