/// A decimal number with a unit: `500K`, `1.5MiB`, `8Mbit`.
struct ScaledNumber {
    private let number: Double
    /// Which power of the base: 0 for none, 1 for K, and so on.
    private let power: Int
    private let isBits: Bool

    init?(_ text: String) {
        let split = text.firstIndex { !$0.isASCII || !($0.isNumber || $0 == ".") } ?? text.endIndex
        let digits = String(text[..<split])
        guard Self.isPlain(digits), let number = Double(digits) else { return nil }
        var unit = text[split...].drop { $0 == " " }.lowercased()
        self.number = number
        isBits = unit.hasSuffix("bit") || unit.hasSuffix("bits") || unit.hasSuffix("bps")
        if isBits {
            unit = String(unit.prefix { $0 != "b" })
        } else if unit.hasSuffix("ib"), unit.count == 3 {
            unit = String(unit.prefix(1))
        } else if unit.hasSuffix("b") {
            unit = String(unit.dropLast())
        }
        if unit.isEmpty {
            power = 0
        } else if unit.count == 1, let position = Array("kmgtp").firstIndex(of: Character(unit)) {
            power = position + 1
        } else {
            return nil
        }
    }

    /// Nil if it was given in bits or is more than 2^62.
    var bytes: Int64? {
        isBits ? nil : whole(scaled(1_024))
    }

    /// Given in bits, as bytes; nil if it was not.
    var bits: Int64? {
        isBits ? whole(scaled(1_000) / 8) : nil
    }

    private func scaled(_ base: Double) -> Double {
        (0..<power).reduce(number) { value, _ in value * base }
    }

    private func whole(_ value: Double) -> Int64? {
        value <= 0x1p62 ? Int64(value.rounded()) : nil
    }

    /// Digits with at most one point, nothing else: what `Double` reads beyond that (hexadecimal, "inf") is not meant.
    static func isPlain(_ text: String) -> Bool {
        let bytes = text.utf8
        return bytes.first != UInt8(ascii: ".") && !bytes.isEmpty
            && bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".") }
            && bytes.count { $0 == UInt8(ascii: ".") } <= 1
    }
}
