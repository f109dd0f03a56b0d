import TestSupport
import Testing

/// What stands on a window of 80 columns and 24 rows, and on others, while torrents move.
@Suite("The live view in a window", .serialized)
struct WindowTests {
    /// A leecher of `count` torrents that has three of four pieces of each, and the window that it draws on.
    private func withWindow(
        torrents count: Int, columns: Int, rows: Int, environment: [String: String] = [:],
        body: (RunningProcess, Window) async throws -> Void
    ) async throws {
        try await withStage { stage in
            let shared = try (0..<count).map {
                try stage.share(Payload(file: "album \($0)", size: 64 << 10, seed: UInt64($0)), pieceLength: 16 << 10)
            }
            let sender = try GatedSender(shared[0], pieceLength: 16 << 10, first: 0..<3)
            let window = try Window(columns: columns, rows: rows)
            let leecher = try stage.start(
                Executables.peer,
                ["leech"] + shared.map(\.path) + ["-d", try stage.folder.folder("got"), "--listen", "127.0.0.1:0"]
                    + sender.options,
                environment: ["LC_ALL": "C.UTF-8", "TERM": "xterm", "NO_COLOR": ""].merging(environment) { $1 },
                streams: ChildStreams(
                    output: window.reader.childEnd, errors: window.reader.childEnd,
                    terminal: window.reader.terminalPath))
            try await body(leecher, window)
        }
    }

    @Test("One torrent: a line that says how far it is and why it does not go on; no row is wrapped")
    func oneTorrent() async throws {
        try await withWindow(torrents: 1, columns: 80, rows: 24) { leecher, window in
            let line = try await window.waitForLine { $0.hasPrefix("album 0") && $0.contains("75 %") }
            #expect(line.contains("━"))
            _ = try await window.waitForLine { $0.contains("1 peer, none shows what is missing") }
            #expect(window.picture.wraps == 0 && window.picture.unknown.isEmpty, "\(window.picture.lines)")
            leecher.signal(2)
            _ = try await leecher.waitForExit(within: .seconds(10))
            _ = try await window.waitForLine { $0.contains("stopped: received") }
            // The line that was drawn is gone, and what stays is broken between words.
            #expect(!window.picture.lines.contains { $0.contains("75 %") }, "\(window.picture.lines)")
            #expect(window.picture.wraps == 0 && window.picture.hasStyles, "\(window.picture.lines)")
        }
    }

    @Test("Thirty torrents fill no more than the window, and the last row sums them up", arguments: [24, 40])
    func thirtyTorrents(rows: Int) async throws {
        try await withWindow(torrents: 30, columns: 80, rows: rows) { _, window in
            _ = try await window.waitForLine { $0.contains("album 0") && $0.contains("75 %") }
            let sum = rows == 24 ? "9 more  30 torrents" : "all together  30 torrents"
            _ = try await window.waitForLine { $0.hasPrefix(sum) }
            let picture = window.picture
            #expect(picture.wraps == 0 && picture.unknown.isEmpty)
            #expect(picture.lines.last?.hasPrefix(sum) == true, "\(picture.lines)")
            #expect(picture.lines.count { $0.hasPrefix("album ") && $0.contains("%") } == (rows == 24 ? 21 : 30))
        }
    }

    @Test("A window that is narrow, or without colours", arguments: [("NO_COLOR", "1"), ("LC_ALL", "C")])
    func narrow(_ name: String, _ value: String) async throws {
        try await withWindow(torrents: 1, columns: 40, rows: 10, environment: [name: value]) { _, window in
            _ = try await window.waitForLine { $0.contains("75 %") && $0.contains("nobody has the rest") }
            let picture = window.picture
            #expect(picture.wraps == 0 && picture.unknown.isEmpty, "\(picture.lines)")
            if name == "NO_COLOR" { #expect(!picture.hasStyles) }
            let isPlain = window.reader.text.utf8.allSatisfy { $0 < 0x80 }
            #expect(isPlain == (name == "LC_ALL"))
        }
    }
}
