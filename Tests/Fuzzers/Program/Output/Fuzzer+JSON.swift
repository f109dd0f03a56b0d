import ByteStrings
import CommandLineKit

extension Fuzzer {
    /// A text of anybody in the lines that programs print and in what the tracker tells.
    static let json = Fuzzer(
        "json", "a strict reader reads the text as it was, and nothing in the line steers a terminal",
        inputLimit: 1_024
    ) {
        [
            "plain", "\"\\/\n\r\t\u{8}\u{C}", "\u{0}\u{1B}[2J\u{7F}\u{85}\u{9B}", "\u{202E}\u{2066}\u{FEFF}\u{E0041}",
            "é世\u{1F469}\u{200D}\u{1F680}e\u{301}", "\u{2028}\u{FFFF}\u{10FFFF}",
        ]
        .map { Array($0.utf8) } + [[0x61, 0xE9, 0x0A], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF0, 0x9F]]
    } run: { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let exact = Array(text.utf8)
        let name = ByteString(bytes)
        let line = JSONValue.object([
            .init(text, .string(text)), .init("path", .bytes(name)), .init("paths", .array([.bytes(name)])),
        ]).bytes
        let shown = StrictJSON.string(Array(name.description.utf8))
        var members: [(String, StrictJSON)] = [(text, .string(exact)), ("path", shown)]
        let hex = StrictJSON.string(Array(name.hex.utf8))
        if name.text == nil { members.append(("path_bytes", hex)) }
        members.append(("paths", .array([shown])))
        if name.text == nil { members.append(("paths_bytes", .array([hex]))) }
        let wanted = StrictJSON.object(members.map { .init(key: Array($0.0.utf8), value: $0.1) })
        hold(StrictJSON(line) == wanted, "read otherwise: \(text)")
        hold(String(decoding: line, as: UTF8.self).unicodeScalars.allSatisfy { !steers($0) }, "a control in a line")

        var plain: [UInt8] = []
        JSONString.append(text, .ascii, to: &plain)
        hold(plain.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "more than ASCII")
        hold(StrictJSON(plain) == .string(exact), "read otherwise in ASCII: \(text)")
    }

    /// Control characters, and what turns the direction of the text around it.
    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
