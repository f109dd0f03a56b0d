import Foundation
import TestSupport
import Testing

/// The catalogue of `p2p-tracker`, by running it.
@Suite("The tracker's catalogue")
struct TrackerCatalogueTests {
    /// A .torrent of one piece.
    private func torrent(_ name: String) -> TestTorrent {
        TestTorrent(
            info: .dictionary([
                ("length", .integer(100)), ("name", .text(name)), ("piece length", .integer(16_384)),
                ("pieces", .bytes([UInt8](repeating: 7, count: 20))),
            ]))
    }

    /// Publishes over HTTP; the status, and the number if it was taken.
    private func publish(
        _ name: String, to tracker: LocalTracker, _ fields: String = "", host: String = "127.0.0.1"
    ) throws -> (status: Int, number: Int?) {
        let body = torrent(name).encoded
        let connection = try LoopbackConnection(connectingTo: tracker.port)
        let head =
            "POST /torrents HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/x-bittorrent\r\n\(fields)"
            + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        connection.send(Array(head.utf8) + body)
        let answer = String(decoding: connection.receiveToEnd(), as: UTF8.self)
        let status = answer.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let number = answer.firstRange(of: "{\"number\":").map { answer[$0.upperBound...].prefix { $0.isNumber } }
        return (status, number.flatMap { Int($0) })
    }

    private func withdraw(_ number: Int, from tracker: LocalTracker) throws -> Bool {
        let connection = try LoopbackConnection(connectingTo: tracker.port)
        connection.send(
            Array("DELETE /torrents/\(number) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8))
        return connection.receiveHead().hasPrefix("HTTP/1.1 204 ")
    }

    private func list(_ tracker: LocalTracker) throws -> String {
        try HTTPProbe.get("/torrents?sort=-number", port: tracker.port).text
    }

    @Test("Torrents and numbers outlast the tracker, be it ended or killed", arguments: [2, 9])
    func restart(signal: Int32) async throws {
        try await withStage { stage in
            let path = stage.folder.path("state")
            let first = try await stage.startTracker(["--state", path])
            for (position, name) in ["a", "b", "c", "d"].enumerated() {
                let published = try publish(name, to: first)
                #expect(published.status == 201 && published.number == position + 1)
            }
            // The last number is used, although nothing of it is left.
            #expect(try withdraw(4, from: first) && withdraw(2, from: first))
            let before = try list(first)
            first.process.signal(signal)
            _ = try await first.process.waitForExit(within: .seconds(20))
            #expect(
                FileTree.files(below: "\(path).torrents")
                    == ["1-\(torrent("a").infoHash).torrent", "3-\(torrent("c").infoHash).torrent", "next"])
            let second = try await stage.startTracker(["--state", path])
            func withoutTimes(_ text: String, _ port: Int) -> [String] {
                text.split(separator: ",").filter { !$0.hasPrefix("\"added\"") && !$0.hasPrefix("\"changes\"") }
                    .map { String($0.replacing("\(port)", with: "PORT")) }
            }
            #expect(withoutTimes(try list(second), second.port) == withoutTimes(before, first.port))
            #expect(try publish("e", to: second).number == 5)
            let file = try HTTPProbe.get("/torrents/1.torrent", port: second.port)
            #expect(file.status == 200 && !second.process.errorLines.contains { $0.contains("warning") })
        }
    }

    @Test("What is not of the catalogue stays in its folder, and is named")
    func strangers() async throws {
        try await withStage { stage in
            let path = stage.folder.path("state")
            let first = try await stage.startTracker(["--state", path])
            #expect(try publish("a", to: first).number == 1 && publish("b", to: first).number == 2)
            _ = try await first.process.interrupt()
            let folder = "\(path).torrents"
            let mine = Array("my notes".utf8)
            let damaged = "\(folder)/2-\(torrent("b").infoHash).torrent"
            for file in ["\(folder)/notes.txt", damaged, "\(folder)/sub/1.torrent"] {
                try FileTree.write(mine, to: file)
            }
            let second = try await stage.startTracker(["--state", path])
            #expect(second.process.errorLines.contains { $0.contains("notes.txt") }, "\(second.process.log)")
            #expect(second.process.errorLines.contains { $0.contains("2-") }, "\(second.process.log)")
            #expect(try publish("c", to: second).number == 3 && withdraw(1, from: second))
            _ = try await second.process.interrupt()
            for file in ["\(folder)/notes.txt", damaged, "\(folder)/sub/1.torrent"] {
                #expect(try FileTree.read(file) == mine)
            }
            // A file that is in the way of ours is an error at the start.
            try FileTree.write(mine, to: "\(folder)/next")
            let third = try stage.start(
                Executables.tracker, ["--port", "0", "--bind", "127.0.0.1", "--state", path], name: "tracker")
            #expect(try await third.waitForExit(within: .seconds(20)) == .code(5), "\(third.log)")
            #expect(try FileTree.read("\(folder)/next") == mine)
        }
    }

    @Test("A token lets others publish, and nobody else")
    func token() async throws {
        try await withStage { stage in
            let file = stage.folder.path("token")
            try FileTree.write(Array("open-sesame\n".utf8), to: file)
            #expect(chmod(file, 0o644) == 0)
            let tracker = try await stage.startTracker(["--publish-token-file", file])
            #expect(tracker.process.errorLines.contains { $0.contains("chmod 600") }, "\(tracker.process.log)")
            let token = "Authorization: Bearer open-sesame\r\n"
            #expect(try publish("a", to: tracker, host: "t.example").status == 403)
            let other = "Authorization: Bearer of-another-tracker\r\n"
            #expect(try publish("a", to: tracker, other, host: "t.example").status == 401)
            #expect(try publish("a", to: tracker, token, host: "t.example").status == 201)
            let fromVariable = try await stage.startTracker(environment: ["P2P_PUBLISH_TOKEN": "open-sesame"])
            #expect(try publish("a", to: fromVariable, token, host: "t.example").status == 201)
            for (text, code) in [("short\n", 2), ("two words\n", 2), ("", 2)] as [(String, Int32)] {
                try FileTree.write(Array(text.utf8), to: file)
                let refused = try await stage.run(
                    Executables.tracker, ["--port", "0", "--publish-token-file", file], environment: [:])
                #expect(refused.status == .code(code), "\(refused.log)")
            }
        }
    }

    @Test("Options say who may publish, and what is tracked")
    func options() async throws {
        try await withStage { stage in
            let open = try await stage.startTracker(["--open-catalogue", "--listed-only"])
            try HTTPProbe.announce(torrent: 1, port: 5_001, left: 0, to: open)
            #expect(HTTPProbe.scrape(HTTPProbe.torrent(1), port: open.port) == nil)
            #expect(try publish("a", to: open, host: "t.example").status == 201)
            // A token in the environment is for other trackers, too: be it none, it is let be.
            let none = try await stage.startTracker(["--no-catalogue"], environment: ["P2P_PUBLISH_TOKEN": "short"])
            #expect(try publish("a", to: none).status == 404)
            let refused = try await stage.run(
                Executables.tracker, ["--no-catalogue", "--open-catalogue"], environment: [:])
            #expect(refused.status == .code(2), "\(refused.log)")
        }
    }
}
