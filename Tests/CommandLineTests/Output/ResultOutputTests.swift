import Foundation
import TestSupport
import Testing

/// A command whose result is its output fails when that cannot be written, and says so.
@Suite("Unwritable results")
struct ResultOutputTests {
    /// Commands on `x.torrent` and the folder `good` that end with 0 where their output is read.
    static let commands: [[String]] = [
        ["make", "good", "-o", "-"], ["make", "good", "-f", "-o", "y.torrent"], ["make", "good", "--dry-run"],
        ["show", "x.torrent"], ["show", "x.torrent", "--json"], ["magnet", "x.torrent"],
        ["verify", "x.torrent", "-d", "."], ["verify", "x.torrent", "-d", ".", "--json"], ["completion", "bash"],
        ["completion", "man"], ["help"], ["help", "make"], ["make", "--help"], ["--help"], ["--version"], ["--man"],
        ["--completion", "zsh"],
    ]

    @Test("To a full device: 9 and one line", arguments: commands)
    func fullDevice(command: [String]) async throws {
        try await onFull { stage, full in
            let process = try await stage.run(Executables.peer, command, streams: ChildStreams(output: full))
            #expect(process.status == .code(9))
            #expect(
                process.errorLines
                    == ["p2p-peer: error: standard output: cannot be written: No space left on device"])
        }
    }

    @Test("With its output closed: 5 and one line", arguments: commands)
    func closed(command: [String]) async throws {
        try await withStage { stage in
            try Self.furnish(stage)
            let process = try await stage.run(
                "/bin/sh", ["-c", "exec \"$0\" \"$@\" >&-", Executables.peer] + command)
            #expect(process.status == .code(5))
            #expect(process.errorLines == ["p2p-peer: error: standard output: cannot be written: Bad file descriptor"])
        }
    }

    /// Who reads the first lines and leaves has what he wanted: `show X | head -1` is no failure; half a torrent is.
    @Test("With a reader who leaves: its own code and not a word, but for a torrent", arguments: commands)
    func readerLeaves(command: [String]) async throws {
        try await withStage { stage in
            try Self.furnish(stage)
            let reader = try OutputReader(.pipe)
            reader.leave()
            let process = try await stage.run(
                Executables.peer, command, streams: ChildStreams(output: reader.childEnd))
            let isTorrent = command.suffix(2) == ["-o", "-"]
            #expect(process.status == .code(isTorrent ? 5 : 0))
            #expect(
                process.errorLines
                    == (isTorrent ? ["p2p-peer: error: standard output: cannot be written: Broken pipe"] : []))
        }
    }

    @Test("verify keeps its own code", arguments: ["/dev/full", "closed", "left"])
    func verifyBad(output: String) async throws {
        try await withStage { stage in
            try Self.furnish(stage)
            try FileTree.write([1], to: stage.folder.path("good/a"))
            let command = ["verify", "x.torrent", "-d", "."]
            let reader = try OutputReader(.pipe)
            reader.leave()
            let script = "exec \"$0\" \"$@\" " + (output == "closed" ? ">&-" : output == "left" ? "" : ">/dev/full")
            let process = try await stage.run(
                "/bin/sh", ["-c", script, Executables.peer] + command,
                streams: ChildStreams(output: output == "left" ? reader.childEnd : nil))
            #expect(process.status == .code(6))
            #expect(process.errorLines.count == (output == "left" ? 0 : 1), "\(process.log)")
        }
    }

    @Test("The tracker's pages, too", arguments: [["--help"], ["--version"], ["--man"], ["--completion", "fish"]])
    func tracker(command: [String]) async throws {
        try await onFull { stage, full in
            let process = try await stage.run(Executables.tracker, command, streams: ChildStreams(output: full))
            #expect(process.status == .code(9))
            #expect(process.errorLines.count == 1)
        }
    }

    @Test("Messages that nobody reads fail nothing", arguments: ["2>&-", "2>/dev/full"])
    func messages(redirection: String) async throws {
        try await withStage { stage in
            try Self.furnish(stage)
            for command in [["make", "good", "-o", "-"], ["verify", "x.torrent", "-d", "."]] {
                let process = try await stage.run(
                    "/bin/sh", ["-c", "exec \"$0\" \"$@\" \(redirection)", Executables.peer] + command)
                #expect(process.status == .code(0))
                #expect(!process.bytes.isEmpty)
            }
        }
    }

    @Test(
        "A command that waits for its reader still hears SIGTERM",
        arguments: [["make", "good", "-o", "-"], ["verify", "x.torrent", "-d", "."]])
    func waiting(command: [String]) async throws {
        try await withStage { stage in
            try Self.furnish(stage)
            let reader = try OutputReader(.pipe)
            reader.stall()
            let process = try stage.start(Executables.peer, command, streams: ChildStreams(output: reader.childEnd))
            // In the middle of a write: there is nothing else for which it would sleep in a pipe.
            let waits = try await eventually(within: .seconds(60)) {
                let path = "/proc/\(process.processID)/wchan"
                return (try? String(contentsOfFile: path, encoding: .utf8))?.contains("pipe_w") == true
            }
            #expect(waits)
            process.signal(SIGTERM)
            #expect(try await process.waitForExit(within: .seconds(10)) == .signal(SIGTERM))
        }
    }

    private func onFull(_ body: (Stage, Int32) async throws -> Void) async throws {
        try await withStage { stage in
            try Self.furnish(stage)
            let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
            defer { close(full) }
            try await body(stage, full)
        }
    }

    private static func furnish(_ stage: Stage) throws {
        let payload = Payload(name: "good", files: [("a", 40_000), ("b", 10)])
        let content = try payload.write(below: stage.folder.path)
        try TestTorrent(of: payload, at: content, pieceLength: 16_384).write(to: stage.folder.path("x.torrent"))
    }
}
