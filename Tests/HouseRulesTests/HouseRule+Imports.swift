extension HouseRule {
    /// What each target may import: the picture of the layers, as a table.
    static let allowedImports: [String: Set<String>] = [
        "ByteStrings": [],
        "TorrentCore": ["ByteStrings", "CSHA1Kernels"],
        "SwarmEngine": ["TorrentCore"],
        "TrackerEngine": ["TorrentCore", "CMemoryHints"],
        "SwarmSimulator": ["TorrentCore", "SwarmEngine", "TrackerEngine"],
        "TorrentIO": ["ByteStrings", "TorrentCore", "CPosixShims", "Glibc", "Dispatch", "Synchronization"],
        "PeerRuntime": ["ByteStrings", "TorrentCore", "SwarmEngine", "TorrentIO", "Dispatch", "Synchronization"],
        "TrackerRuntime": [
            "ByteStrings", "TorrentCore", "TrackerEngine", "TorrentIO", "Dispatch", "Synchronization",
        ],
        "CommandLineKit": ["ByteStrings", "Glibc", "Synchronization"],
        "TransferReporting": ["ByteStrings", "TorrentCore", "PeerRuntime", "CommandLineKit"],
        "p2p-peer": [
            "ByteStrings", "CommandLineKit", "PeerRuntime", "TrackerRuntime", "TransferReporting", "TorrentCore",
            "TorrentIO", "Glibc", "Dispatch", "Synchronization",
        ],
        "p2p-tracker": [
            "ByteStrings", "CommandLineKit", "TrackerRuntime", "TorrentCore", "TorrentIO", "Glibc", "Dispatch",
            "Synchronization",
        ],
    ]

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
