import Foundation
import TestSupport

/// A tracker of the tests at a host, which names few and says whom it named to whom.
struct NamingTracker {
    let host: Bridge.Host
    let process: RunningProcess

    static let port = 7_070
    static func place(on host: Bridge.Host) -> String { host.place(port: port) }
    static func announceURL(on host: Bridge.Host) -> String { "http://\(place(on: host))/announce" }

    /// Names at most `count` in an answer.
    init(on host: Bridge.Host, of bridge: Bridge, naming count: Int) async throws {
        self.host = host
        process = try bridge.start(driver: "naming_tracker.py", [Self.place(on: host), "\(count)"], on: host)
        try await process.waitForEvent("listening")
    }

    /// Its answers so far, in their order.
    var answers: [Answer] {
        process.lines.compactMap { line in
            guard line.contains("\"named\"") else { return nil }
            return try? JSONDecoder().decode(Answer.self, from: Data(line.utf8))
        }
    }

    struct Answer: Decodable, Sendable {
        /// Before it left, in seconds since 1970.
        let time: Double
        /// Who asked.
        let address: String
        let infohash: String
        /// `ADDRESS:PORT`.
        let named: [String]
        /// `started`, `completed`, `stopped`, or nothing.
        let state: String
    }
}
