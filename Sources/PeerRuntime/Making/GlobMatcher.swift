/// Holds one name against one part of a `Glob`.
enum GlobMatcher {
    /// Whether every set is closed and no `\` stands last.
    static func isWellFormed(_ part: [UInt8]) -> Bool {
        var at = 0
        while at < part.count {
            switch part[at] {
            case UInt8(ascii: "\\"):
                guard at + 1 < part.count else { return false }
                at += 2
            case UInt8(ascii: "["):
                guard let end = endOfSet(part, from: at) else { return false }
                at = end
            default: at += 1
            }
        }
        return true
    }

    /// Time grows with the product of both lengths at most: only the last `*` is ever tried again.
    static func name(_ name: [UInt8], matches part: [UInt8]) -> Bool {
        var (at, place) = (0, 0)
        var retry: (at: Int, place: Int)?
        while at < name.count {
            if place < part.count, part[place] == UInt8(ascii: "*") {
                retry = (at, place + 1)
                place += 1
            } else if place < part.count, let (characters, bytes) = one(name, at, part, place) {
                at += characters
                place += bytes
            } else if let last = retry {
                retry = (last.at + 1, last.place)
                (at, place) = (last.at + 1, last.place)
            } else {
                return false
            }
        }
        while place < part.count, part[place] == UInt8(ascii: "*") { place += 1 }
        return place == part.count
    }

    /// If what stands at `place` of the part takes what stands at `at` of the name: how many bytes of each.
    private static func one(_ name: [UInt8], _ at: Int, _ part: [UInt8], _ place: Int) -> (Int, Int)? {
        switch part[place] {
        case UInt8(ascii: "?"): return (characterLength(name, at), 1)
        case UInt8(ascii: "["):
            guard let end = endOfSet(part, from: place), set(part[place..<end], holds: character(name, at)) else {
                return nil
            }
            return (characterLength(name, at), end - place)
        case UInt8(ascii: "\\"): return part[place + 1] == name[at] ? (1, 2) : nil
        case name[at]: return (1, 1)
        default: return nil
        }
    }

    /// One past the `]` of the set that begins at `start`; nil if there is none. A `]` right at its beginning is meant.
    private static func endOfSet(_ part: [UInt8], from start: Int) -> Int? {
        var at = start + 1
        if at < part.count, part[at] == UInt8(ascii: "!") || part[at] == UInt8(ascii: "^") { at += 1 }
        if at < part.count, part[at] == UInt8(ascii: "]") { at += 1 }
        guard let end = part[min(at, part.count)...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
        return end + 1
    }

    /// `[…]`, brackets included.
    private static func set(_ set: ArraySlice<UInt8>, holds character: Unicode.Scalar) -> Bool {
        var members = Array(String(decoding: set.dropFirst().dropLast(), as: UTF8.self).unicodeScalars)
        let isNegated = members.first == "!" || members.first == "^"
        if isNegated { members.removeFirst() }
        var at = 0
        while at < members.count {
            if at + 2 < members.count, members[at + 1] == "-" {
                if members[at] <= character, character <= members[at + 2] { return !isNegated }
                at += 3
            } else {
                if members[at] == character { return !isNegated }
                at += 1
            }
        }
        return isNegated
    }

    private static func character(_ name: [UInt8], _ at: Int) -> Unicode.Scalar {
        let bytes = name[at..<at + characterLength(name, at)]
        return String(decoding: bytes, as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
    }

    /// Bytes of the UTF-8 character at `at`; 1 where there is none.
    private static func characterLength(_ name: [UInt8], _ at: Int) -> Int {
        let length =
            switch name[at] {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 1
            }
        let follows = name[(at + 1)...].prefix(length - 1)
        return follows.count == length - 1 && follows.allSatisfy { $0 & 0xC0 == 0x80 } ? length : 1
    }
}
