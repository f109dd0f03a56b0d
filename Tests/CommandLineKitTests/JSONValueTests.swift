import ByteStrings
import CommandLineKit
import Foundation
import Testing

@Suite struct JSONValueTests {
    @Test func keepsTheOrderOfKeys() {
        let value: JSONValue = ["b": 1, "a": [true, .null, .number(0.5), "x"], "c": [:], "d": []]
        #expect(value.line == #"{"b":1,"a":[true,null,0.5,"x"],"c":{},"d":[]}"#)
    }

    @Test func escapes() {
        let text = "\"\\\n\t\u{0}\u{1B}\u{202E}\u{7F}\u{E0041}é世"
        #expect(
            JSONValue.string(text).line
                == #""\"\\\n\t\u0000\u001b\u202e\u007f\udb40\udc41é世""#)
    }

    @Test func namesWithStrayBytesStandThereTwice() {
        let (plain, stray): (ByteString, ByteString) = ("é", ByteString([0x61, 0xE9, 0x0A]))
        #expect(JSONValue.object([.init("name", .bytes(plain))]).line == #"{"name":"é"}"#)
        #expect(
            JSONValue.object([.init("name", .bytes(stray)), .init("n", 1)]).line
                == #"{"name":"a\\xe9\n","name_bytes":"61e90a","n":1}"#)
        #expect(
            JSONValue.object([.init("missing", .array([.bytes(plain), .bytes(stray)]))]).line
                == #"{"missing":["é","a\\xe9\n"],"missing_bytes":["c3a9","61e90a"]}"#)
        #expect(JSONValue.object([.init("missing", .array([.bytes(plain)]))]).line == #"{"missing":["é"]}"#)
    }

    @Test func hasNoInfinity() {
        #expect(
            JSONValue.array([.number(.infinity), .number(.nan), .number(1e300)]).line == "[null,null,1e+300]")
    }

    /// Another parser reads back what we write.
    @Test func anotherParserReadsItBack() throws {
        var generator = Generator(state: 7)
        for _ in 0..<500 {
            let scalars = (0..<20).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator))
            }
            let text = String(String.UnicodeScalarView(scalars))
            let line = JSONValue.object([.init(text, .string(text))]).line
            #expect(!line.contains("\n"))
            let read = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
            #expect(read?.keys.first.map { Array($0.unicodeScalars) } == scalars)
            #expect(read?.values.first.map { Array($0.unicodeScalars) } == scalars)
        }
    }
}

extension JSONValue {
    fileprivate var line: String { String(decoding: bytes, as: UTF8.self) }
}
