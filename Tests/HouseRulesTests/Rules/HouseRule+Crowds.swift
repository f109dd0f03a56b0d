/// What a reader takes in at a glance: how much state a type may have, and how many files a folder.
extension HouseRule {
    /// Stored properties of a type, at most: one that has more is cut into smaller states.
    static let mostStoredProperties = 14

    /// Types that are larger since before the rule, with what they have: they may shrink, and none may be added.
    static let largeTypes = [
        // Figures and plans for people, which are values that are written down once and read.
        "ConnectionFigures": 17, "NodePlan": 32, "TrackerReport": 18, "WorldPlan": 21, "WorldReport": 17,
        "DHTLimits": 15,
        // What a torrent and an announce say, field by field.
        "AnnounceRequest": 17, "Metainfo": 20,
        "Reactor": 17, "RecordKeeper": 16, "World": 17,
    ]

    /// Folders that are larger since before the rule, with the files that they have.
    static let largeFolders = [
        "Sources/SwarmSimulator": 13, "Sources/TorrentCore/Metainfo": 13, "Sources/TorrentIO/Storage": 23,
        "Sources/TrackerEngine": 29,
    ]

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

    /// The types of a file, those within others too. The formatter says how deep each is.
    static func states(in file: SourceFile) -> [State] {
        guard file.isSwift else { return [] }
        var states: [State] = []
        var open: [(state: State, indent: Int)] = []
        for (position, code) in file.code.enumerated() {
            let indent = code.prefix { $0 == " " }.count
            let text = String(code.dropFirst(indent))
            if let name = declaredType(text) {
                open.append((State(name: name, line: position + 1), indent))
            } else if let last = open.last, text.hasPrefix("}"), indent == last.indent {
                states.append(last.state)
                open.removeLast()
            } else if let last = open.last, indent == last.indent + 4, isStoredProperty(text) {
                open[open.count - 1].state.count += 1
            }
        }
        return states
    }

    /// "package final class Turns {" -> "Turns"; nil for one that ends on its line.
    private static func declaredType(_ code: String) -> String? {
        guard !code.hasSuffix("}") else { return nil }
        let words = code.split(separator: " ").drop {
            $0.hasPrefix("@") || ["final", "indirect"].contains($0) || accessLevels.contains(String($0))
        }
        guard let keyword = words.first, ["struct", "class", "enum", "actor"].contains(keyword) else { return nil }
        let name = words.dropFirst().first ?? ""
        return ["func", "var"].contains(name) ? nil : String(name.prefix { $0.isLetter || $0.isNumber })
    }

    /// "private(set) var left: Int64"; not what is computed or shared by all.
    private static func isStoredProperty(_ code: String) -> Bool {
        guard code.has("var ") || code.has("let "), !code.has("static "), !code.has("func ") else { return false }
        let words = code.split(separator: " ").prefix { $0 != "var" && $0 != "let" }
        return words.allSatisfy(isModifier) && !(code.has("{") && !code.has(" = "))
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
