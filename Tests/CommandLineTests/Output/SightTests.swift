import TestSupport
import Testing

/// A swarm that one can see: who gives and takes, who may ask whom and why, and where each piece is.
@Suite("A swarm that one can see", .serialized)
struct SightTests {
    @Test("With -v and --pieces a window shows the map of pieces and a line a peer; no row is wrapped")
    func window() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 2_000_000), pieceLength: 64 << 10)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--upload-limit", "300K", "-v"])
            let port = try await seeder.listeningPort()
            let window = try Window(columns: 80, rows: 24)
            let leecher = try stage.start(
                Executables.peer,
                [
                    "leech", shared.path, "-d", try stage.folder.folder("got"), "--listen", "127.0.0.1:0", "-v",
                    "--pieces", "--peer", "127.0.0.1:\(port)",
                ],
                environment: ["LC_ALL": "C.UTF-8", "TERM": "xterm", "NO_COLOR": "1"],
                streams: ChildStreams(
                    output: window.reader.childEnd, errors: window.reader.childEnd,
                    terminal: window.reader.terminalPath))
            let row = try await window.waitForLine {
                $0.hasPrefix("  127.0.0.1:\(port)") && $0.contains("100 %") && $0.contains("KiB")
            }
            #expect(row.contains(" D"), "\(row)")
            let lines = window.picture.lines
            #expect(lines.contains { $0.hasPrefix("  █ here  ▄ in part  ▒ on its way") }, "\(lines)")
            #expect(lines.contains { $0.contains("▒") && $0.contains("!") && !$0.contains("here") }, "\(lines)")
            #expect(lines.contains { $0.hasPrefix("  peer ") && $0.contains("given") }, "\(lines)")
            #expect(window.picture.wraps == 0 && window.picture.unknown.isEmpty, "\(lines)")
            leecher.signal(2)
            _ = try await leecher.waitForExit(within: .seconds(10))
            _ = try await window.waitForLine { $0.contains("took ") && $0.contains("127.0.0.1:\(port) (p2p-peer") }
        }
    }

    @Test("--json has who is connected with -v, and how many pieces are in which state with --pieces")
    func objects() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 2_000_000), pieceLength: 64 << 10)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--upload-limit", "500K", "-v"])
            let port = try await seeder.listeningPort()
            let leecher = try stage.startLeech(
                shared.path, dir: try stage.folder.folder("got"),
                ["--peer", "127.0.0.1:\(port)", "-v", "--pieces"])
            try await leecher.waitForEvent("complete")
            let lines = leecher.lines
            let peers = lines.filter { $0.contains(#""event":"peers""#) }
            #expect(peers.contains { $0.contains(#""port":\#(port),"#) && $0.contains(#""wanted":true"#) }, "\(lines)")
            let pieces = lines.filter { $0.contains(#""event":"pieces""#) }
            #expect(pieces.contains { $0.contains(#""total":31"#) && !$0.contains(#""in_flight":0"#) }, "\(lines)")
            // Whoever seeds says why it lets the other ask.
            let unchoked = seeder.lines.first { $0.contains(#""state":"unchoked""#) }
            #expect(unchoked?.contains(#""turn":""#) == true, "\(seeder.log)")
            #expect(seeder.lines.contains { $0.contains(#""turn":"seeding""#) || $0.contains(#""turn":"spreading""#) })
        }
    }

    @Test("Without -v and --pieces neither is said, and a pipe hears who gave what at the end alone")
    func calm() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 1_000_000), pieceLength: 64 << 10)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--upload-limit", "500K"])
            let port = try await seeder.listeningPort()
            let options = ["--listen", "127.0.0.1:0", "-e", "--peer", "127.0.0.1:\(port)"]
            let quiet = try await stage.run(
                Executables.peer, ["leech", shared.path, "-d", stage.folder.path("one")] + options + ["--json"])
            #expect(!quiet.lines.contains { $0.contains(#""event":"peers""#) })
            #expect(!quiet.lines.contains { $0.contains(#""event":"pieces""#) }, "\(quiet.log)")
            let told = try await stage.run(
                Executables.peer, ["leech", shared.path, "-d", stage.folder.path("two")] + options + ["-v"])
            let sums = told.errorLines.filter { $0.contains("took ") }
            #expect(sums.count == 1 && sums[0].contains("127.0.0.1:\(port) (p2p-peer"), "\(told.log)")
        }
    }
}
