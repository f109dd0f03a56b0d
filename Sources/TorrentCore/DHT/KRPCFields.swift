/// The fields of one dictionary of a datagram that messages of the DHT have, by where they lie.
struct KRPCFields {
    enum Name: Int {
        case id, target, infoHash, token, port, impliedPort, want
        case nodes, nodes6, values
        case value, key, signature, sequence, replaced, salt
        case samples, sampleCount, sampleInterval
    }

    private var places: InlineArray<19, KRPCValue?> = .init(repeating: nil)

    subscript(name: Name) -> KRPCValue? { places[name.rawValue] }

    /// Of a key that is there twice, the first counts. Keys may be in any order.
    init(of dictionary: KRPCValue, _ bytes: RawSpan) throws(KRPCError.Fault) {
        var places = places
        try KRPCScanner.forEachPair(in: dictionary, bytes) { key, value in
            guard let name = Self.name(at: key, bytes), places[name.rawValue] == nil else { return }
            places[name.rawValue] = value
        }
        self.places = places
    }

    /// Which field a key names. By its length there are one to four that it can be.
    private static func name(at key: Range<Int>, _ bytes: RawSpan) -> Name? {
        func holds(_ text: StaticString) -> Bool { bytes.holds(text, at: key) }
        switch key.count {
        case 1: return holds("v") ? .value : holds("k") ? .key : nil
        case 2: return holds("id") ? .id : nil
        case 3:
            return holds("seq")
                ? .sequence : holds("sig") ? .signature : holds("cas") ? .replaced : holds("num") ? .sampleCount : nil
        case 4: return holds("port") ? .port : holds("want") ? .want : holds("salt") ? .salt : nil
        case 5: return holds("token") ? .token : holds("nodes") ? .nodes : nil
        case 6: return holds("target") ? .target : holds("values") ? .values : holds("nodes6") ? .nodes6 : nil
        case 7: return holds("samples") ? .samples : nil
        case 8: return holds("interval") ? .sampleInterval : nil
        case 9: return holds("info_hash") ? .infoHash : nil
        case 12: return holds("implied_port") ? .impliedPort : nil
        default: return nil
        }
    }

    // MARK: What they say

    /// The bytes of a string; nil if it is another thing or not there.
    func string(_ name: Name, _ bytes: RawSpan) -> [UInt8]? {
        guard let range = range(name) else { return nil }
        return bytes.array(range)
    }

    /// Where the bytes of a string lie.
    func range(_ name: Name) -> Range<Int>? {
        guard let value = self[name], value.kind == .string else { return nil }
        return value.string
    }

    /// A string of exactly twenty bytes.
    func bytes20(_ name: Name, _ bytes: RawSpan) -> Bytes20? {
        guard let range = range(name), range.count == 20 else { return nil }
        return Bytes20(bytes, at: range.lowerBound)
    }

    /// An integer of 64 bits.
    func integer(_ name: Name, _ bytes: RawSpan) -> Int64? {
        self[name].flatMap { bytes.integer($0) }
    }
}

extension RawSpan {
    /// Whether exactly these bytes lie in `range`.
    @inline(__always)
    func holds(_ text: StaticString, at range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        let start = unsafe text.utf8Start
        for offset in 0..<range.count where unsafe uint8(at: range.lowerBound + offset) != start[offset] {
            return false
        }
        return true
    }

    /// What an integer says; nil if 64 bits do not hold it, or it is none. Zeros before it do not matter.
    func integer(_ value: KRPCValue) -> Int64? {
        guard value.kind == .integer else { return nil }
        var position = Int(value.content)
        let isNegative = uint8(at: position) == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var sum: Int64 = 0
        while position < Int(value.end) - 1 {
            // Counted below zero, where there is one number more.
            let (product, isTooBig) = sum.multipliedReportingOverflow(by: 10)
            let (next, isTooLow) = product.subtractingReportingOverflow(Int64(uint8(at: position) - UInt8(ascii: "0")))
            guard !isTooBig, !isTooLow else { return nil }
            sum = next
            position += 1
        }
        guard !isNegative else { return sum }
        return sum == .min ? nil : -sum
    }
}
