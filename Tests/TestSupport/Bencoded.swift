/// A value to write as bencode, right or wrong as a test wants it: keys stay in the order given.
package indirect enum Bencoded: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, Sendable
{
    case integer(Int)
    case bytes([UInt8])
    case list([Bencoded])
    case dictionary([(key: String, value: Bencoded)])
    /// Bytes that stand there as they are.
    case raw([UInt8])

    package init(stringLiteral value: String) { self = .bytes([UInt8](value.utf8)) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(arrayLiteral elements: Bencoded...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, Bencoded)...) {
        self = .dictionary(elements.map { (key: $0.0, value: $0.1) })
    }
    package static func text(_ value: String) -> Bencoded { .bytes([UInt8](value.utf8)) }

    package var encoded: [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    private func write(to output: inout [UInt8]) {
        switch self {
        case .integer(let value):
            output += Array("i\(value)e".utf8)
        case .bytes(let bytes):
            output += Array("\(bytes.count):".utf8) + bytes
        case .list(let values):
            output.append(UInt8(ascii: "l"))
            values.forEach { $0.write(to: &output) }
            output.append(UInt8(ascii: "e"))
        case .dictionary(let pairs):
            output.append(UInt8(ascii: "d"))
            for (key, value) in pairs {
                Bencoded.text(key).write(to: &output)
                value.write(to: &output)
            }
            output.append(UInt8(ascii: "e"))
        case .raw(let bytes):
            output += bytes
        }
    }
}
