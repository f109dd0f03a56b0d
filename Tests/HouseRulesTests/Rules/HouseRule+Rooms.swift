/// The rooms of the brain: each owns a part of every peer, and none knows another.
extension HouseRule {
    private static let engine = "Sources/SwarmEngine/"
    /// The folder of each room, the part of a peer that is its own, and the type of that part.
    private static let rooms = [
        (folder: "Membership", part: "membership", type: "PeerMembership"),
        (folder: "Download", part: "download", type: "PeerDownload"),
        (folder: "Uplink", part: "uplink", type: "PeerUplink"),
        (folder: "Metadata/Gathering", part: "gathering", type: "PeerGathering"),
    ]

    /// `peer.download` is named in the folder Download only, and so on.
    static let partsStayInTheirRooms = HouseRule(name: "a room's part of a peer is named in its folder only") { file in
        guard file.path.hasPrefix(engine), file.isSwift else { return [] }
        let foreign = rooms.filter { !isIn($0.folder, file) }
        return file.code.enumerated().compactMap { position, code in
            for room in foreign where namesPart(room.part, code) || namesType(room.type, code, in: file) {
                return Violation(line: position + 1, what: "\(room.part) of a peer belongs to \(room.folder)")
            }
            return nil
        }
    }

    /// What one room needs of another it is handed by `Swarm`, as a small value that belongs to neither.
    static let roomsAreStrangers = HouseRule(name: "rooms do not name each other's types") { file in
        guard let room = rooms.first(where: { isIn($0.folder, file) }), file.isSwift else { return [] }
        return strangers(of: room.folder, typesOfRooms, in: file)
    }

    /// The same, given who owns which type.
    static func strangers(of room: String, _ types: [String: String], in file: SourceFile) -> [Violation] {
        file.code.enumerated().compactMap { position, code in
            for word in code.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }).map(String.init) {
                guard let owner = types[word], owner != room else { continue }
                return Violation(line: position + 1, what: "\(word) belongs to \(owner)")
            }
            return nil
        }
    }

    private static func isIn(_ folder: String, _ file: SourceFile) -> Bool {
        file.path.hasPrefix(engine + folder + "/")
    }

    /// "peer.download", "$0.download", "\.download"; not the room itself, which is a property of `Swarm`.
    private static func namesPart(_ part: String, _ code: String) -> Bool {
        var rest = Substring(code)
        while let range = rest.firstRange(of: "." + part) {
            let after = rest[range.upperBound...].first
            let isWhole = after.map { !$0.isLetter && !$0.isNumber && $0 != "_" } ?? true
            if isWhole, !rest[..<range.lowerBound].hasSuffix("self") { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }

    private static func namesType(_ type: String, _ code: String, in file: SourceFile) -> Bool {
        code.has(type) && !file.path.hasSuffix("/PeerConnection.swift")
    }

    /// Which room declares which type, what the package sees left out: that is the brain's interface.
    private static let typesOfRooms: [String: String] = {
        var types: [String: String] = [:]
        for file in Repository.files {
            guard let room = rooms.first(where: { isIn($0.folder, file) }) else { continue }
            for name in file.code.compactMap(declaredType) { types[name] = room.folder }
        }
        return types
    }()

    /// "    final class Turns {" -> "Turns"; nil for what is declared within a type, and for what the package sees.
    private static func declaredType(_ code: String) -> String? {
        guard let first = code.first, !first.isWhitespace else { return nil }
        var words = code.split(separator: " ").map(String.init)
        guard words.first != "package" else { return nil }
        while let word = words.first, ["final", "private", "fileprivate", "internal"].contains(word) {
            words.removeFirst()
        }
        guard words.count > 1, ["struct", "class", "enum"].contains(words[0]) else { return nil }
        return String(words[1].prefix { $0.isLetter || $0.isNumber })
    }
}
