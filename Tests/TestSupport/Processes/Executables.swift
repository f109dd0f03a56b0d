import Foundation

/// Where the programs under test lie: in `P2P_BIN`, else beside the test bundle.
package enum Executables {
    package static var peer: String { path("p2p-peer") }
    package static var tracker: String { path("p2p-tracker") }
    package static var swarmBenchmark: String { path("swarm-benchmark") }

    private static func path(_ name: String) -> String {
        if let folder = ProcessInfo.processInfo.environment["P2P_BIN"] { return "\(folder)/\(name)" }
        let candidates =
            [
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "",
                CommandLine.arguments.first ?? "",
            ] + CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
        for candidate in candidates {
            let folder = (candidate as NSString).deletingLastPathComponent
            if FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") { return "\(folder)/\(name)" }
        }
        return ".build/debug/\(name)"
    }

    /// The program `name` from `PATH` or the system folders, if it is installed.
    package static func find(_ name: String) -> String? {
        let search = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/sbin"
        return search.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
