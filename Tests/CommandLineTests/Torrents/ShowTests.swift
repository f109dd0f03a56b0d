import TestSupport
import Testing

/// `show`, `magnet` and `verify`: what a torrent says, and what of it is there.
@Suite("show, magnet and verify")
struct ShowTests {
    @Test("show --json has every documented field")
    func showJSON() async throws {
        try await withStage { stage in
            let shared = try stage.share(
                .mixed(bytes: 200_000), announce: ["http://127.0.0.1:1/announce"], isPrivate: true)
            let shown = try await MakeTests.show(stage, shared.path)
            #expect(shown.infohash == shared.infoHash)
            #expect(shown.name == "mixed")
            #expect(shown.length == shared.payload.length)
            #expect(shown.pieceLength == 32 << 10)
            #expect(shown.pieces == (shared.payload.length + (32 << 10) - 1) / (32 << 10))
            #expect(shown.private)
            #expect(shown.announce == [["http://127.0.0.1:1/announce"]])
            #expect(shown.files?.map(\.length) == shared.payload.files.map(\.size))
            let paths = try #require(shown.files?.map(\.path))
            #expect(zip(paths, shared.payload.files).allSatisfy { $0.0.hasSuffix($0.1.path) }, "\(paths)")
        }
    }

    @Test("A torrent comes from standard input as well")
    func standardInput() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 20_000))
            let process = try await stage.peer("show", "-", "--json", inputFile: shared.path)
            #expect(try ShownTorrent(process).infohash == shared.infoHash)
        }
    }

    @Test("show for people names hash, files and tracker")
    func showText() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 200_000), announce: ["http://127.0.0.1:1/announce"])
            let process = try await stage.peer("show", shared.path)
            #expect(process.status == .code(0))
            let text = process.lines.joined(separator: "\n")
            for part in [shared.infoHash, "mixed", "middle.dat", "http://127.0.0.1:1/announce"] {
                #expect(text.contains(part), "\(part) in\n\(text)")
            }
            #expect(!process.bytes.contains(0x1b), "colour although nobody looks")
        }
    }

    @Test("What show says of folders nested deep grows with the torrent, and not with its square")
    func nestedDeep() async throws {
        try await withStage { stage in
            let files = (0..<20).map { number -> Bencoded in
                let folders = [Bencoded.text("\(number)")] + [Bencoded](repeating: "a", count: 1_000)
                let path = folders + [Bencoded.text("last \(number)")]
                return .dictionary([("length", 1), ("path", .list(path))])
            }
            let torrent = stage.folder.path("deep.torrent")
            let bytes = TestTorrent(
                info: [
                    "files": .list(files), "name": "n", "piece length": 16_384,
                    "pieces": .bytes([UInt8](repeating: 1, count: 20)),
                ]
            ).encoded
            try FileTree.write(bytes, to: torrent)
            let shown = try await stage.peer("show", torrent)
            #expect(shown.status == .code(0))
            #expect(shown.lines.count { $0.contains("/a/a/a/last ") } == files.count)
            #expect(shown.bytes.count < 2 * bytes.count, "\(shown.bytes.count) bytes for \(bytes.count)")
        }
    }

    @Test("magnet prints one line with hash, name and tracker")
    func magnet() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 20_000), announce: ["http://127.0.0.1:1/announce"])
            let process = try await stage.peer("magnet", shared.path)
            #expect(process.status == .code(0))
            let line = try #require(process.lines.first)
            #expect(process.lines.count == 1)
            #expect(line.hasPrefix("magnet:?xt=urn:btih:\(shared.infoHash)"))
            #expect(line.contains("&dn=mixed"))
            #expect(line.lowercased().contains("&tr=http%3a%2f%2f127.0.0.1%3a1%2fannounce"))
        }
    }

    @Test("verify says 0 when all is there")
    func verifyGood() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 200_000))
            let process = try await stage.peer("verify", shared.path, "--dir", shared.folder)
            #expect(process.status == .code(0), "\(process.log)")
        }
    }

    @Test("verify says 6 and which file differs, from where to where")
    func verifyBad() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 200_000))
            let file = "\(shared.content)/a/large.bin"
            var bytes = try FileTree.read(file)
            bytes[40_000] ^= 1
            try FileTree.write(bytes, to: file)
            let process = try await stage.peer("verify", shared.path, "--dir", shared.folder)
            #expect(process.status == .code(6))
            let text = (process.lines + process.errorLines).joined(separator: "\n")
            #expect(text.contains("large.bin"), "\(text)")
            // The second piece of 32 KiB.
            let digits = text.filter { $0 != "," }
            #expect(digits.contains("32768") && (digits.contains("65535") || digits.contains("65536")), "\(text)")
            #expect(!text.contains("middle.dat"), "\(text)")
        }
    }

    @Test("verify names what is missing and what is short")
    func verifyMissing() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 200_000))
            try FileTree.write([], to: "\(shared.content)/b/one")
            let target = try stage.folder.folder("other")
            try FileTree.write(FileTree.read("\(shared.content)/a/large.bin"), to: "\(target)/mixed/a/large.bin")
            let short = try await stage.peer("verify", shared.path, "--dir", shared.folder)
            #expect(short.status == .code(6))
            #expect(short.lines.contains { $0.contains("b/one") && $0.contains("short") }, "\(short.log)")
            let missing = try await stage.peer("verify", shared.path, "--dir", target)
            #expect(missing.status == .code(6))
            #expect(missing.lines.contains { $0.contains("middle.dat") && $0.contains("missing") }, "\(missing.log)")
        }
    }
}

/// Untrusted text reaches the terminal through the one gate.
@Suite("Untrusted text")
struct UntrustedTextTests {
    private static let escape = "evil\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\r\u{202e}name"

    @Test("Escape sequences in a torrent never come out raw", arguments: ["show", "verify", "magnet", "seed", "leech"])
    func commands(command: String) async throws {
        try await withStage { stage in
            let info: Bencoded = [
                "files": [["length": 3, "path": [.text(Self.escape)]]], "name": .text(Self.escape),
                "piece length": 16384, "pieces": .bytes(ReferenceSHA1.hash([1, 2, 3])), "source": .text(Self.escape),
            ]
            let torrent = Bencoded.dictionary([
                ("announce", .text("http://127.0.0.1:1/\(Self.escape)")), ("comment", .text(Self.escape)),
                ("created by", .text(Self.escape)), ("info", info),
            ])
            let path = stage.folder.path("evil.torrent")
            try FileTree.write(torrent.encoded, to: path)
            var arguments = [command, path]
            if !["show", "magnet"].contains(command) { arguments += ["--dir", try stage.folder.folder("dir")] }
            let runs = command == "seed" || command == "leech"
            if runs { arguments += ["--listen", "127.0.0.1:0", "-v"] }
            let process = try stage.start(Executables.peer, arguments)
            if runs {
                _ = try await eventually(within: .seconds(10)) {
                    process.status != nil || !(process.lines + process.errorLines).isEmpty
                }
                process.signal(2)
            }
            try await process.waitForExit(within: .seconds(10))
            let said = (process.lines + process.errorLines).joined(separator: "\n").unicodeScalars
            #expect(!said.isEmpty)
            let raw = said.filter { ($0.properties.generalCategory == .control && $0 != "\n") || $0 == "\u{202e}" }
            #expect(raw.isEmpty, "\(raw.map(\.value))")
        }
    }
}

/// Usage: what is wrong with a command line is told, with exit code 2.
@Suite("Usage")
struct UsageTests {
    @Test(
        "A wrong command line ends with 2 and says why",
        arguments: [
            ["--no-such-option"], ["no-such-command"], ["leech"], ["show"], ["make"],
            ["leech", "x.torrent", "--listen", "nonsense:port"], ["leech", "x.torrent", "--max-peers", "many"],
            ["leech", "x.torrent", "--download-limit", "fast"], ["leech", "x.torrent", "--peer", "nowhere"],
            ["make", "x", "-l", "17000"],
        ])
    func wrong(arguments: [String]) async throws {
        try await withStage { stage in
            try FileTree.write([1], to: stage.folder.path("x"))
            let process = try await stage.run(Executables.peer, arguments)
            #expect(process.status == .code(2), "\(process.log)")
            #expect(!process.errorLines.isEmpty)
            #expect(process.bytes.isEmpty)
        }
    }

    @Test("--help and --version answer on standard output", arguments: ["--help", "--version", "-h", "-V"])
    func help(option: String) async throws {
        try await withStage { stage in
            for program in [Executables.peer, Executables.tracker] {
                let process = try await stage.run(program, [option])
                #expect(process.status == .code(0))
                #expect(!process.lines.isEmpty)
                #expect(process.errorLines == [])
            }
        }
    }

    @Test("Each command explains itself", arguments: ["make", "show", "magnet", "verify", "seed", "leech", "get"])
    func commandHelp(command: String) async throws {
        try await withStage { stage in
            let process = try await stage.peer(command, "--help")
            #expect(process.status == .code(0))
            #expect(process.lines.contains { $0.contains("p2p-peer \(command)") }, "\(process.log)")
            #expect(process.lines.allSatisfy { $0.count <= 80 }, "\(process.log)")
        }
    }
}
