/// Text as a string of JSON (RFC 8259).
package enum JSONString {
    /// What is escaped beside what must be.
    package enum Form {
        /// All that is not ASCII; control characters by their numbers.
        case ascii
        /// What could steer a terminal, for people read it too: whatever `isHarmless` is not true of.
        case readable(isHarmless: (Unicode.Scalar) -> Bool)
    }

    /// Appends it in its quotes.
    package static func append(_ text: String, _ form: Form, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        if text.utf8.allSatisfy({ isPlain($0) }) {
            // The usual case: a listing of 100,000 paths should not take a call for each character.
            output += text.utf8
        } else {
            for scalar in text.unicodeScalars { append(scalar, form, to: &output) }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        0x20 <= byte && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func append(_ scalar: Unicode.Scalar, _ form: Form, to output: inout [UInt8]) {
        switch (scalar, form) {
        case ("\"", _): output += "\\\"".utf8
        case ("\\", _): output += "\\\\".utf8
        case ("\n", .readable): output += "\\n".utf8
        case ("\r", .readable): output += "\\r".utf8
        case ("\t", .readable): output += "\\t".utf8
        case (" "..."~", _): output.append(UInt8(scalar.value))
        case (_, .readable(let isHarmless)) where isHarmless(scalar): output += String(scalar).utf8
        default: for unit in String(scalar).utf16 { append(escaped: unit, to: &output) }
        }
    }

    private static func append(escaped unit: UInt16, to output: inout [UInt8]) {
        let digits = String(unit, radix: 16)
        output += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
    }
}
