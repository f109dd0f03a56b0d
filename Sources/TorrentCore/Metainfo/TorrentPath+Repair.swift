// A torrent may give names that no file can have; BEP 3 calls them advisory. They are made safe, always the same way,
// and as close to what was meant as can be; bytes that a file system takes stay what they are.
extension TorrentPath {
    /// What stands for a name of which nothing is left.
    private static let nameless = [UInt8(ascii: "_")]
    /// The longest extension, such as `.mkv`, that is kept when a name is cut; dot included.
    private static let endingLimit = 16

    /// Of the one name of a torrent; nil if nothing of it is left.
    init?(repairing name: some Collection<UInt8>) {
        guard let repaired = Self.repaired(name) else { return nil }
        self.init(checked: repaired)
    }

    /// Repairs the path of a file below `folder`, of at least one name. A path that is too long keeps as many of its
    /// first folders as there is room for, and its last name.
    init(repairing names: some Collection<some Collection<UInt8>>, below folder: TorrentPath) {
        let repaired = names.map { Self.repaired($0) ?? Self.nameless }
        guard let file = repaired.last else { preconditionFailure("a path of no names") }
        let isLong = repaired.reduce(folder.bytes.count) { $0 + 1 + $1.count } > Self.byteLimit
        var joined = folder.bytes
        for name in repaired.dropLast() {
            guard !isLong || joined.count + name.count + file.count + 2 <= Self.byteLimit else { break }
            joined.append(UInt8(ascii: "/"))
            joined += name
        }
        joined.append(UInt8(ascii: "/"))
        self.init(checked: joined + file)
    }

    /// `/` and zero bytes become `_`, and what is too long is cut. Nil for what was empty, `.`, `..`, or had no other
    /// bytes.
    private static func repaired(_ name: some Collection<UInt8>) -> [UInt8]? {
        switch fault(of: name) {
        case nil: return Array(name)
        case .emptyComponent, .climbs, .noComponents: return nil
        case .absolute, .holdsSlash, .holdsNUL, .componentTooLong, .pathTooLong: break
        }
        func isNone(_ byte: UInt8) -> Bool { byte == 0 || byte == UInt8(ascii: "/") }
        guard !name.allSatisfy(isNone) else { return nil }
        let whole = name.map { isNone($0) ? UInt8(ascii: "_") : $0 }
        guard whole.count > componentLimit else { return whole }
        let ending = ending(of: whole[...])
        return Array(cut(whole.dropLast(ending.count), to: componentLimit - ending.count)) + ending
    }

    /// The last dot of a name and what follows it; empty if it has none, begins with it, or it is long.
    static func ending(of name: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex, name.endIndex - dot <= endingLimit
        else { return [] }
        return name[dot...]
    }

    /// The first `limit` bytes, or up to three less, so that no UTF-8 character is cut in two.
    static func cut(_ name: ArraySlice<UInt8>, to limit: Int) -> ArraySlice<UInt8> {
        guard name.count > limit else { return name }
        let end = name.startIndex + limit
        // Where the character begins that the limit falls into; bytes that are no UTF-8 are cut anywhere.
        let start = (end - 3...end).last { name[$0] & 0xC0 != 0x80 } ?? end
        return name[..<start]
    }
}
