import Foundation
import TestSupport
import Testing

/// The network namespace that the interop tests insist on: nothing but loopback, so that no client reaches anybody.
enum Namespace {
    /// Addresses on `lo` that look like a private network: the tracker's, then the peers'.
    static let trackerHost = "10.77.0.1"
    static func peerHost(_ number: Int) -> String { "10.77.0.\(number + 1)" }

    /// True when this process sees no interface but `lo` and the harness has set it up.
    static let isIsolated: Bool = {
        guard ProcessInfo.processInfo.environment["P2P_INTEROP_NAMESPACE"] == "1",
            let table = try? String(contentsOfFile: "/proc/self/net/dev", encoding: .utf8)
        else { return false }
        let interfaces = table.split(separator: "\n").dropFirst(2).compactMap {
            $0.split(separator: ":").first?.trimmingCharacters(in: .whitespaces)
        }
        // Kernels put their idle tunnel devices into every namespace; those that are up would have an address.
        let idle = ["tunl", "gre", "erspan", "ip_vti", "ip6_vti", "sit", "ip6tnl", "ip6gre", "teql", "bond", "dummy"]
        return interfaces.allSatisfy { name in name == "lo" || idle.contains { name.hasPrefix($0) } }
    }()

    /// With `P2P_INTEROP=required` nothing is skipped: what is missing is a failure.
    static let isRequired = ProcessInfo.processInfo.environment["P2P_INTEROP"] == "required"

    /// Said for every suite that is skipped outside the namespace.
    static let skipReason: Comment = "real clients run in a network namespace only: start Tests/InteropTests/run"

    /// Skips the running test, aloud, or fails it where the interop tests are required.
    static func require(_ clients: [Client], opentracker: Bool = false, programs: [String] = []) throws {
        guard isIsolated else {
            guard !isRequired else {
                throw TestFailure("not in a network namespace: start with Tests/InteropTests/run")
            }
            try Test.cancel(skipReason)
        }
        var missing = Set(clients).filter { !$0.isInstalled }.map(\.rawValue)
        missing += (programs + (opentracker ? ["opentracker"] : [])).filter { Executables.find($0) == nil }
        guard missing.isEmpty else { try lacks(missing) }
    }

    /// The running test cannot do without these.
    static func lacks(_ missing: [String]) throws -> Never {
        let names = missing.sorted().joined(separator: ", ")
        guard !isRequired else { throw TestFailure("not installed: \(names)") }
        print("interop: skipped, not installed: \(names)")
        try Test.cancel("not installed: \(names)")
    }

    /// A port that nobody uses right now on `host`, TCP and UDP.
    static func freePort() -> Int {
        ports.withLock { next in
            next += 1
            return next
        }
    }

    // The namespace is ours alone, so counting is enough; each run of the runner has its own namespace.
    private static let ports = PortCounter()

    private final class PortCounter: @unchecked Sendable {
        private let lock = NSLock()
        private var next = 20_000

        func withLock(_ body: (inout Int) -> Int) -> Int {
            lock.lock()
            defer { lock.unlock() }
            return body(&next)
        }
    }
}
