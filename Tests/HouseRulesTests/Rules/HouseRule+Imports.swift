extension HouseRule {
    /// Modules of the system that a target may import beside what the manifest gives it.
    static let systemModules: [String: Set<String>] = [
        "TorrentIO": ["Glibc", "Dispatch", "Synchronization"],
        "HTTPService": ["Synchronization"],
        "PeerRuntime": ["Dispatch", "Synchronization"],
        "TrackerRuntime": ["Dispatch", "Synchronization"],
        "CommandLineKit": ["Glibc", "Synchronization"],
        "p2p-peer": ["Glibc", "Synchronization"],
        "p2p-tracker": ["Glibc", "Dispatch"],
    ]

    /// What each target may import: its dependencies in Package.swift, and its modules of the system.
    static let allowedImports: [String: Set<String>] = {
        let manifest = (try? Repository.text("Package.swift")) ?? ""
        return PackageManifest.targets(in: manifest).reduce(into: [:]) { allowed, target in
            allowed[target.key] = target.value.union(systemModules[target.key] ?? [])
        }
    }()

    /// Each target imports only what the picture of the layers has an arrow to.
    static let imports = HouseRule(name: "imports follow the layers") { file in
        guard file.isProduct, file.isSwift else { return [] }
        guard let allowed = allowedImports[file.target] else {
            return [Violation(line: 1, what: "\(file.target) is not in the picture of the layers")]
        }
        return file.code.enumerated().compactMap { position, code in
            guard code.has("import "), let module = importedModule(code), !allowed.contains(module) else { return nil }
            return Violation(line: position + 1, what: "\(file.target) may not import \(module)")
        }
    }

    /// "package import struct TorrentCore.Metainfo" -> "TorrentCore".
    static func importedModule(_ line: String) -> String? {
        var words = line.split(separator: " ").map(String.init)
        while let first = words.first, first.hasPrefix("@") || accessLevels.contains(first) { words.removeFirst() }
        guard words.first == "import", words.count > 1 else { return nil }
        let kinds: Set = ["struct", "class", "enum", "func", "protocol", "typealias", "var", "let"]
        let name = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
        return name.split(separator: ".").first.map(String.init)
    }

    static let accessLevels: Set = ["public", "package", "internal", "fileprivate", "private"]
}
