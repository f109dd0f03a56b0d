import Foundation
import TestSupport
import Testing

extension Interop {
    /// The one host that is seeder and tracker is gone for good; what the others have between them is enough.
    @Suite("A seeder that is killed", .serialized)
    struct KilledSeederTests {
        /// How one who comes later is told where a leecher is, besides the link of the seeder.
        enum Way: String, CaseIterable, Sendable { case option, link }

        @Test(
            "Whoever is there goes on, and newcomers are complete too", .timeLimit(.minutes(1)), arguments: Way.allCases
        )
        func killed(way: Way) async throws {
            try Namespace.require([.ours], programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 4)
                let torrent = try HostedTorrent(stage, bytes: 4 << 20)
                let seeder = try bridge.peer(
                    .seed, [torrent.path], on: bridge[1], folder: torrent.folder,
                    ["--tracker", "7000", "--upload-limit", "1500K", "-vv"])
                let announceURL = try #require(
                    try await seeder.waitForEvent("tracker") { $0.urls != nil }.urls?.first { !$0.contains("[") })
                let link = try #require(try await seeder.waitForEvent("invitation").magnet)
                // One has a torrent that names the tracker, the other one the link.
                let named = try TestTorrent(info: torrent.torrent.info, announce: [announceURL])
                    .write(to: stage.folder.path("named.torrent"))
                let leechers = try zip([bridge[2], bridge[3]], [named, link]).map { host, what in
                    try bridge.peer(.leech, [what], on: host, ["--upload-limit", "200K"])
                }
                let pieces = torrent.length / (32 << 10)
                var announced = AnnouncedPieces()
                let haveAll = try await eventually(within: .seconds(30), every: .milliseconds(5)) {
                    announced.read(seeder.lines)
                    return announced.pieces.count == pieces
                }
                seeder.kill()
                // The one that is behind has the rest from the other.
                guard haveAll, !leechers.allSatisfy({ $0.events.contains { $0.event == "complete" } }) else {
                    throw TestFailure("the seeder was killed too early or too late: \(haveAll)")
                }
                let late = try bridge.peer(
                    .leech, [way == .link ? "\(link)&x.pe=\(bridge[2].place())" : link], on: bridge[4],
                    way == .option ? ["--peer", bridge[2].place()] : [])
                for process in leechers + [late] { try await process.waitForEvent("complete", within: .seconds(30)) }
                for number in 2...4 { try torrent.expectWhole(in: bridge.folder(of: bridge[number])) }
            }
        }
    }
}

/// The pieces that others have told of one by one, from the lines of a peer that says each message.
private struct AnnouncedPieces {
    private(set) var pieces: Set<Int> = []
    private var linesRead = 0

    mutating func read(_ lines: [String]) {
        for line in lines[linesRead...] where line.contains("\"sent\":false") {
            guard let words = line.range(of: "\"message\":\"it has piece ") else { continue }
            if let piece = Int(line[words.upperBound...].prefix { $0.isNumber }) { pieces.insert(piece) }
        }
        linesRead = lines.count
    }
}
