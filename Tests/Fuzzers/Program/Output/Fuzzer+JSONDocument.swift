import ByteStrings
import CommandLineKit
import TorrentCore

extension Fuzzer {
    /// JSON of anybody, as catalogues send it.
    static let jsonDocument = Fuzzer(
        "json-document", "errors lie within the input, limits hold, and what is read is read again as it is written"
    ) {
        [
            "{\"a\":[1,-2.5e3,true,false,null],\"b\":{\"c\":\"\\ud83d\\ude80\\n\"}}", " [ ] ", "\"\\u00e9é\"",
            "1e400", "[[[[[[[[[]]]]]]]]]", "{\"a\":1,\"a\":2}", "-0", "9223372036854775808", "\"\\ud800\"",
        ]
        .map { Array($0.utf8) }
    } run: { bytes in
        let limits = JSONLimits(byteCount: 4_000, depth: 8, values: 100)
        do throws(JSONError) {
            let document = try JSONDocument(parsing: bytes, limits: limits)
            hold(bytes.count <= limits.byteCount, "longer than the limit")
            var count = 0
            hold(depth(of: document, counting: &count) <= limits.depth && count <= limits.values, "above a limit")
            let again = try JSONDocument(parsing: written(document).bytes)
            hold(again == document, "read otherwise: \(again)")
        } catch {
            hold(place(of: error).map { (0...bytes.count).contains($0) } ?? true, "\(error) lies outside")
            hold(StrictJSON(bytes) == nil || isLimit(error), "\(error) where a strict reader has none")
        }
    }

    private static func depth(of document: JSONDocument, counting values: inout Int) -> Int {
        values += 1
        var deepest = 0
        for value in document.array ?? document.members?.map(\.value) ?? [] {
            deepest = max(deepest, depth(of: value, counting: &values))
        }
        return document.array == nil && document.members == nil ? 0 : deepest + 1
    }

    private static func written(_ document: JSONDocument) -> JSONValue {
        switch document {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .string(let value): .string(value.text ?? "not UTF-8")
        case .array(let values): .array(values.map(written))
        case .object(let members): .object(members.map { .init($0.key.text ?? "not UTF-8", written($0.value)) })
        }
    }

    private static func place(of error: JSONError) -> Int? {
        switch error {
        case .unexpectedEnd(let at), .unexpectedByte(_, let at), .badNumber(let at), .numberOutOfRange(let at),
            .badEscape(let at), .loneSurrogate(let at), .control(_, let at), .notUTF8(let at),
            .duplicateKey(_, let at), .trailingBytes(let at), .tooDeep(_, let at), .tooManyValues(_, let at):
            at
        case .inputTooLong: nil
        }
    }

    /// Refused though it is JSON. The reader beside it knows no limits, and takes a key twice.
    private static func isLimit(_ error: JSONError) -> Bool {
        switch error {
        case .inputTooLong, .tooDeep, .tooManyValues, .duplicateKey: true
        default: false
        }
    }
}
