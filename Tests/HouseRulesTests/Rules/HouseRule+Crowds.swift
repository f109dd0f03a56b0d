/// What a reader takes in at a glance: how much state a type may have, and how many files a folder.
extension HouseRule {
    /// Stored properties of a type, at most: one that has more is cut into smaller states.
    static let mostStoredProperties = 14

    /// Types that are larger since before the rule, with what they have: they may shrink, and none may be added.
    static let largeTypes = [
        // Figures and plans for people, which are values that are written down once and read.
        "ConnectionFigures": 17, "NodePlan": 33, "TrackerReport": 18, "WorldPlan": 21, "WorldReport": 17,
        // What a torrent and an announce say, field by field.
        "AnnounceRequest": 16, "Metainfo": 20,
        "Reactor": 17, "RecordKeeper": 16, "World": 17,
    ]

    /// Folders that are larger since before the rule, with the files that they have.
    static let largeFolders = [
        "Sources/SwarmSimulator": 15, "Sources/TorrentCore/Metainfo": 13, "Sources/TorrentIO/Storage": 23,
        "Sources/TorrentIO/System": 13, "Sources/TrackerEngine": 30, "Sources/p2p-peer": 26,
    ]

    /// A type at the top of a file; what is declared within another is counted with nobody.
    static let smallStates = HouseRule(name: "no type has more than 14 stored properties") { file in
        guard file.isProduct else { return [] }
        return states(in: file).compactMap { state in
            guard state.count > largeTypes[state.name] ?? mostStoredProperties else { return nil }
            return Violation(line: state.line, what: "\(state.name) has \(state.count)")
        }
    }

    /// A type and how many stored properties it has.
    struct State: Equatable {
        let name: String
        let line: Int
        var count = 0
    }

    static func states(in file: SourceFile) -> [State] {
        guard file.isSwift else { return [] }
        var states: [State] = []
        var open: State?
        for (position, code) in file.code.enumerated() {
            if let name = typeAtTheTop(code) {
                open = State(name: name, line: position + 1)
            } else if code == "}", let state = open {
                states.append(state)
                open = nil
            } else if isStoredProperty(code) {
                open?.count += 1
            }
        }
        return states
    }

    /// "package final class Turns {" -> "Turns"; nil for what is declared within a type.
    private static func typeAtTheTop(_ code: String) -> String? {
        guard let first = code.first, !first.isWhitespace else { return nil }
        let words = code.split(separator: " ").drop {
            $0.hasPrefix("@") || $0 == "final" || accessLevels.contains(String($0))
        }
        guard let keyword = words.first, ["struct", "class", "enum", "actor"].contains(keyword) else { return nil }
        return words.dropFirst().first.map { String($0.prefix { $0.isLetter || $0.isNumber }) }
    }

    /// "    private(set) var left: Int64", indented once; not what is computed or shared by all.
    private static func isStoredProperty(_ code: String) -> Bool {
        guard code.hasPrefix("    "), !code.hasPrefix("     "), !code.has("static "), !code.has("func ") else {
            return false
        }
        let words = code.split(separator: " ").prefix { $0 != "var" && $0 != "let" }
        let isDeclaration = words.count < code.split(separator: " ").count && words.allSatisfy(isModifier)
        return isDeclaration && !(code.has("{") && !code.has(" = "))
    }

    private static func isModifier(_ word: Substring) -> Bool {
        let name = String(word.prefix { $0 != "(" })
        return accessLevels.contains(name) || ["final", "lazy", "nonisolated", "unowned", "weak"].contains(name)
    }

    /// Files that lie side by side in one folder, at most.
    static let mostFilesFlat = 12

    /// How many files each folder of products has.
    static func filesByFolder(_ paths: [String]) -> [String: Int] {
        let folders = paths.filter { $0.hasPrefix("Sources/") }.map { path in
            path.split(separator: "/").dropLast().joined(separator: "/")
        }
        return Dictionary(grouping: folders, by: \.self).mapValues(\.count)
    }

    /// Folders with more files than one sees at a glance.
    static func crowdedFolders(_ paths: [String]) -> [String] {
        let crowded = filesByFolder(paths).filter { $0.value > largeFolders[$0.key] ?? mostFilesFlat }
        return crowded.map { "\($0.key): \($0.value) files" }.sorted()
    }
}
