/// Bytes as printable ASCII, three in four characters (RFC 4648).
enum Base64 {
    static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        let digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                let digit = Int(bits >> UInt32(18 - 6 * place)) & 63
                output.append(place <= group.count ? unsafe digits.utf8Start[digit] : UInt8(ascii: "="))
            }
        }
        return output
    }
}
