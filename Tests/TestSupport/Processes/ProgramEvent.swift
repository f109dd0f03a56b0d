import Foundation

/// One line of a program's `--json` output.
package struct ProgramEvent: Decodable, Sendable {
    package var event: String
    package var address: String?
    package var port: Int?
    package var infohash: String?
    package var name: String?
    package var downloaded: Int?
    package var uploaded: Int?
    package var left: Int?
    package var bytes: Int?
    package var seconds: Double?
    package var peers: Int?
    package var code: String?
    package var message: String?
    package var pieces: Int?
    package var copiesOut: Double?
    package var goodPieces: Int?
    package var goodBytes: Int?
    package var fromResume: Bool?
    package var urls: [String]?
    package var magnet: String?
    package var time: Double?
    package var state: String?
    package var reason: String?
    package var url: String?
    package var path: String?
    package var total: Int?
    package var eta: Double?
    package var waiting: String?
    package var incoming: Bool?
    package var source: String?
    package var sources: [String: Int]?
    package var exchanged: Int?
    package var length: Int?
    package var done: Int?
    package var tried: [String]?
    package var `private`: Bool?
    package var torrent: String?
    package var announce: [[String]]?
    package var family: String?
    package var result: String?
    package var id: String?
    package var hops: Int?
    package var ms: Double?
    package var queries: Int?
    package var answers: Int?
    package var stored: Int?
    package var found: [String]?
    package var retryIn: Int?
    package var goodNodes: Int?
    package var made: Bool?
    package var finished: Int?

    package init?(_ line: String) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        // `share` has a list where others have one.
        let line = line.replacingOccurrences(of: "\"url\":[", with: "\"urls\":[")
        guard let event = try? decoder.decode(ProgramEvent.self, from: Data(line.utf8)) else { return nil }
        self = event
    }
}

extension RunningProcess {
    /// All events so far.
    package var events: [ProgramEvent] { lines.compactMap { ProgramEvent($0) } }

    /// The first event called `name` for which `matches` holds.
    @discardableResult
    package func waitForEvent(
        _ name: String, within limit: Duration = .seconds(60), where matches: (ProgramEvent) -> Bool = { _ in true }
    ) async throws -> ProgramEvent {
        let line = try await waitForLine(within: limit, "event \(name)") {
            guard $0.contains(name), let event = ProgramEvent($0), event.event == name else { return false }
            return matches(event)
        }
        guard let event = ProgramEvent(line) else { throw TestFailure("not an event: \(line)") }
        return event
    }
}
