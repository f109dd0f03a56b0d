import ByteStrings

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
                (at, place) = (last.at + UTF8Element(in: name, at: last.at).length, last.place)
                retry = (at, place)
            } else {
                return false
            }
        }
        while place < part.count, part[place] == UInt8(ascii: "*") { place += 1 }
        return place == part.count
    }

    /// Whether the element of the part at `place` matches the name at `at`: how many bytes of each it takes; nil if
    /// not.
    private static func one(_ name: [UInt8], _ at: Int, _ part: [UInt8], _ place: Int) -> (Int, Int)? {
        let element = UTF8Element(in: name, at: at)
        switch part[place] {
        case UInt8(ascii: "?"): return (element.length, 1)
        case UInt8(ascii: "["):
            guard let end = endOfSet(part, from: place), set(part[place..<end], holds: element) else { return nil }
            return (element.length, end - place)
        case UInt8(ascii: "\\"):
            return UTF8Element(in: part, at: place + 1) == element ? (element.length, element.length + 1) : nil
        default: return UTF8Element(in: part, at: place) == element ? (element.length, element.length) : nil
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

    /// `[…]`, brackets included. Bytes that are no UTF-8 are members too, and come after all characters.
    private static func set(_ set: ArraySlice<UInt8>, holds element: UTF8Element) -> Bool {
        var members = elements(Array(set.dropFirst().dropLast()))
        let isNegated = members.first == UInt32(UInt8(ascii: "!")) || members.first == UInt32(UInt8(ascii: "^"))
        if isNegated { members.removeFirst() }
        var at = 0
        while at < members.count {
            if at + 2 < members.count, members[at + 1] == UInt32(UInt8(ascii: "-")) {
                if members[at] <= element.value, element.value <= members[at + 2] { return !isNegated }
                at += 3
            } else {
                if members[at] == element.value { return !isNegated }
                at += 1
            }
        }
        return isNegated
    }

    private static func elements(_ bytes: [UInt8]) -> [UInt32] {
        var values: [UInt32] = []
        var at = 0
        while at < bytes.count {
            let element = UTF8Element(in: bytes, at: at)
            values.append(element.value)
            at += element.length
        }
        return values
    }
}
