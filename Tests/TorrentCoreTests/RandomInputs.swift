import TorrentCore

extension BencodeValue {
    /// Any value, lists and dictionaries nested up to `depth`.
    static func random(depth: Int, using generator: inout SplitMix64) -> BencodeValue {
        switch Int.random(in: 0..<(depth > 0 ? 4 : 2), using: &generator) {
        case 0: return .integer(Int64(bitPattern: generator.next()) >> Int64.random(in: 0..<64, using: &generator))
        case 1: return .string([UInt8].random(upTo: 12, using: &generator))
        case 2:
            let count = Int.random(in: 0..<5, using: &generator)
            return .list((0..<count).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            var dictionary = BencodeDictionary()
            for _ in 0..<Int.random(in: 0..<5, using: &generator) {
                dictionary[bytes: [UInt8].random(upTo: 4, using: &generator)] = random(
                    depth: depth - 1, using: &generator)
            }
            return .dictionary(dictionary)
        }
    }
}

extension [UInt8] {
    /// Up to `limit` bytes of any value.
    static func random(upTo limit: Int, using generator: inout SplitMix64) -> [UInt8] {
        random(count: Int.random(in: 0...limit, using: &generator), using: &generator)
    }

    static func random(count: Int, using generator: inout SplitMix64) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    /// `part` again and again, up to `count` bytes: quick in a debug build too.
    static func repeated(_ part: [UInt8], count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count { bytes.append(contentsOf: part.prefix(count - bytes.count)) }
        return bytes
    }

    /// One to four bytes changed, put in, taken out, or a stretch repeated.
    func mutated(using generator: inout SplitMix64) -> [UInt8] {
        var bytes = self
        let alphabet = Array("0123456789:ilde-".utf8)
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let byte =
                Bool.random(using: &generator)
                ? alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
                : UInt8(truncatingIfNeeded: generator.next())
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[place] = byte
            case 1: bytes.insert(byte, at: place)
            case 2: bytes.remove(at: place)
            default: bytes.insert(contentsOf: bytes[place..<Swift.min(place + 8, bytes.count)], at: place)
            }
        }
        return bytes
    }
}
