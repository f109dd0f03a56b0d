import TestSupport
import Testing

/// What stands on the window of whoever shares.
@Suite("Sharing in a window", .serialized)
struct ShareWindowTests {
    private func withWindow(
        columns: Int, rows: Int, environment: [String: String] = [:],
        body: (Stage, RunningProcess, Window) async throws -> Void
    ) async throws {
        try await withStage { stage in
            let content = try Payload(file: "film", size: 1 << 20).write(below: stage.folder.path)
            let window = try Window(columns: columns, rows: rows)
            let sharer = try stage.startShare(
                [content], ["--qr", "--once", "--upload-limit", "200K"],
                environment: ["LC_ALL": "C.UTF-8", "TERM": "xterm", "NO_COLOR": ""].merging(environment) { $1 },
                streams: ChildStreams(
                    output: window.reader.childEnd, errors: window.reader.childEnd,
                    terminal: window.reader.terminalPath), isJSON: false)
            try await body(stage, sharer, window)
        }
    }

    @Test("The command, a picture of the URL, and a line for each who fetches", arguments: ["", "1"])
    func wide(noColor: String) async throws {
        try await withWindow(columns: 100, rows: 40, environment: ["NO_COLOR": noColor]) { stage, sharer, window in
            let line = try await window.waitForLine { $0.contains("p2p-peer get http://127.0.0.1") }
            let url = try #require(line.split(separator: " ").first { $0.hasPrefix("http") })
            let row = try await window.waitForLine { $0.contains("▀") && $0.contains("█") }
            // 25 or 29 modules and the quiet zone around them.
            #expect([33, 37].contains(row.count) || noColor == "", "\(row.count)")
            let getter = try stage.startGet(String(url), "got", ["--name", "anna"])
            _ = try await window.waitForLine { $0.hasPrefix("  anna") && $0.contains("━") && $0.contains("%") }
            _ = try await window.waitForLine { $0.hasSuffix("0 of 1 have everything") }
            // The magnet link alone is wider than the window.
            #expect(window.picture.unknown.isEmpty, "\(window.picture.lines)")
            #expect(window.picture.hasStyles == (noColor == ""))
            #expect(try await getter.waitForExit(within: .seconds(60)) == .code(0), "\(getter.log)")
            _ = try await window.waitForLine { $0.contains("anna at 127.0.0.1 has everything (1 of 1)") }
            #expect(try await sharer.waitForExit(within: .seconds(20)) == .code(0))
        }
    }

    @Test("A window that is too small for the picture says so")
    func small() async throws {
        try await withWindow(columns: 60, rows: 12) { _, sharer, window in
            _ = try await window.waitForLine { $0.contains("the window is too small for the QR code") }
            #expect(!window.reader.text.contains("▀"))
            sharer.signal(2)
            #expect(try await sharer.waitForExit(within: .seconds(10)) == .code(7))
        }
    }
}
