import TestSupport
import Testing

/// A console that somebody types on.
@Suite struct ConsoleTypingTests {
    /// Upload, list with the seeder's name, download by number; a second leecher takes from both; two leave, and the
    /// list shows one.
    @Test func threeShareByTyping() async throws {
        try await withStage { stage in
            let payload = Payload(file: "holiday film.bin", size: 600_000)
            let shared = try payload.write(below: stage.folder.folder("ann"))
            let ann = try TypedConsole(
                stage, ["--tracker", "127.0.0.1:0", "--name", "Ann", "--dir", stage.folder.folder("ann")], name: "ann")
            let place = try await ann.wait(for: "tracker at http://127.0.0.1:")
            let url = String(place.drop { $0 != "h" }.prefix { $0 != " " }).replacing("/announce", with: "")
            try await ann.run("upload '\(shared)'")
            try await ann.wait(for: "holiday film.bin is number 1 of the list")
            try await ann.run("list")
            try await ann.wait(for: "1", "holiday film.bin", "1 Ann")

            let bob = try TypedConsole(
                stage, ["--to", url, "--name", "Bob", "--dir", stage.folder.folder("bob")], name: "bob")
            try await bob.run("download 1")
            try await bob.wait(for: "complete: 586 KiB")
            #expect(try FileTree.read(stage.folder.path("bob/holiday film.bin")) == FileTree.read(shared))

            // So slow a first seeder is not the only one that the next one takes from.
            try await ann.run("limit up 100K")
            try await ann.wait(for: "all together: up 100 KiB/s")
            let cid = try TypedConsole(
                stage, ["--to", url, "--name", "Cid", "--dir", stage.folder.folder("cid")], name: "cid")
            try await cid.run("get holiday\\ film.bin")
            try await cid.wait(for: "complete: 586 KiB")
            try await cid.run("list")
            try await cid.wait(for: "3 ", "Ann", "Bob", "Cid")

            // A list that is asked after a peer has ended does not show it.
            try await bob.exit()
            let given = try await bob.wait(for: "stopped: received 586 KiB, sent ")
            #expect(!given.contains("sent 0 B"))
            try await cid.run("list")
            try await cid.wait(for: "2 ", "Ann", "Cid")
            cid.type("\u{4}")
            #expect(try await cid.process.waitForExit(within: .seconds(10)) == .code(0))
            #expect(cid.reader.isAsShellsHaveIt)
            try await ann.run("list")
            try await ann.wait(for: "1 Ann ")
            try await ann.exit()
            #expect(ann.reader.isAsShellsHaveIt)
        }
    }

    @Test(arguments: [15, 1, 2])
    func aSignalGivesTheTerminalBack(_ signal: Int32) async throws {
        try await withStage { stage in
            let console = try TypedConsole(stage, [], name: "console")
            try await console.wait("the prompt") { $0.last == "p2p>" }
            #expect(!console.reader.isAsShellsHaveIt && console.picture.marksPastes)
            console.type("half a li")
            console.process.signal(signal)
            try await console.process.waitForExit(within: .seconds(10))
            #expect(console.reader.isAsShellsHaveIt && !console.picture.marksPastes)
        }
    }

    @Test func aCrashGivesTheTerminalBack() async throws {
        try await withStage { stage in
            let console = try TypedConsole(
                stage, [], name: "console", environment: ["SWIFT_BACKTRACE": "enable=no"])
            try await console.wait("the prompt") { $0.last == "p2p>" }
            console.process.signal(11)
            try await console.process.waitForExit(within: .seconds(10))
            #expect(console.reader.isAsShellsHaveIt)
        }
    }

    @Test func messagesComeAboveTheLineThatIsTyped() async throws {
        try await withStage { stage in
            let console = try TypedConsole(stage, ["--tracker", "127.0.0.1:0"], name: "console")
            try await console.wait("the prompt") { $0.last == "p2p>" }
            _ = try Payload(file: "a.bin", size: 40_000).write(below: stage.folder.folder("a"))
            // The second command is typed while the first works, and nothing of it is lost.
            console.type("upload \(stage.folder.path("a/a.bin"))\rstatus # 漢字")
            console.type("\u{1B}[D")
            try await console.wait(for: "a.bin  seeding")
            try await console.wait("the line") { $0.last == "p2p> status # 漢字" }
            console.reader.resize(columns: 60, rows: 40)
            console.type("\r")
            try await console.wait(for: "a.bin", "100 %")
            let unknown = console.picture.unknown
            #expect(unknown == [])
            try await console.exit()
        }
    }

    @Test func wordsAreCompletedAndPastesWait() async throws {
        try await withStage { stage in
            let folder = try stage.folder.folder("some folder")
            try FileTree.write([1], to: "\(folder)/only one.bin")
            let console = try TypedConsole(stage, [], name: "console")
            try await console.wait("the prompt") { $0.last == "p2p>" }
            console.type("upl\t\(stage.folder.path)/some\ton\t")
            try await console.wait("the path") {
                $0.suffix(2).joined().contains("some\\ folder/only\\ one.bin")
                    || $0.last?.hasSuffix("only\\ one.bin") == true
            }
            console.type("\u{15}\u{1B}[200~help use\nhelp limit\n\u{1B}[201~")
            try await console.wait("the paste") { $0.last == "p2p> help use\\nhelp limit" }
            console.type("\r")
            try await console.wait(for: "Usage: limit")
            try await console.wait("both") { $0.contains { $0.contains("Usage: use [options] URL") } }
            console.type("u\t\t")
            try await console.wait(for: "  unpublish")
            console.type("\u{15}")
            try await console.exit()
        }
    }

    @Test func linesAreKeptForTheNextTime() async throws {
        try await withStage { stage in
            let path = stage.folder.path("home/STATE/p2p/console-history")
            for environment in [[:], ["P2P_NO_HISTORY": "1"]] {
                let console = try TypedConsole(stage, [], name: "console", environment: environment)
                try await console.run(environment.isEmpty ? "help use" : "help limit")
                try await console.wait(for: "Usage: ")
                try await console.run(" help menu")
                try await console.wait(for: "Usage: menu")
                try await console.exit()
                #expect(try String(decoding: FileTree.read(path), as: UTF8.self) == "help use\nexit\n")
                #expect(FileTree.mode(path) == 0o600)
            }
            let again = try TypedConsole(stage, [], name: "console")
            try await again.wait("the prompt") { $0.last == "p2p>" }
            again.type("\u{1B}[A\u{1B}[A")
            try await again.wait("the line") { $0.last == "p2p> help use" }
            again.type("\u{3}\u{4}")
            try await again.process.waitForExit(within: .seconds(10))
        }
    }

    /// A shell that has stopped it finds the terminal as it was, and it goes on where it was.
    @Test func whoIsStoppedGivesTheTerminalBack() async throws {
        try await withStage { stage in
            let script = "\"$0\" console --listen 127.0.0.1:0 --no-color; echo stopped; read line; fg"
            let shell = try TypedConsole(stage, program: "/bin/bash", ["--norc", "-mc", script, Executables.peer])
            try await shell.wait("the prompt") { $0.last == "p2p>" }
            shell.type("half a line\u{1A}")
            try await shell.wait("the shell") { $0.contains("stopped") }
            #expect(shell.reader.isAsShellsHaveIt)
            shell.type("\n")
            try await shell.wait("the line") { $0.last == "p2p> half a line" }
            #expect(!shell.reader.isAsShellsHaveIt)
            shell.type("\u{3}exit\r")
            try await shell.process.waitForExit(within: .seconds(10))
            #expect(shell.reader.isAsShellsHaveIt)
        }
    }

    @Test func aNarrowWindowScrollsTheLine() async throws {
        try await withStage { stage in
            let console = try TypedConsole(stage, [], name: "console", columns: 16)
            try await console.wait("the prompt") { $0.last == "p2p>" }
            console.type("download something")
            try await console.wait("its end") {
                $0.last?.hasSuffix("thing") == true && $0.last?.hasPrefix("p2p> <") == true
            }
            console.type("\u{1}")
            try await console.wait("its start") { $0.last?.hasPrefix("p2p> downlo") == true && $0.last?.last == ">" }
            #expect(console.picture.lines.filter { $0.hasPrefix("p2p>") }.count == 1)
            console.type("\u{3}\u{4}")
            try await console.process.waitForExit(within: .seconds(10))
        }
    }

    /// Whoever runs a tracker by command has what one has who began with it.
    @Test func aTrackerByCommandHearsOfTorrents() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "known.bin", size: 40_000))
            let console = try TypedConsole(stage, [], name: "console")
            try await console.run("tracker 127.0.0.1:0")
            let place = try await console.wait(for: "tracker at http://127.0.0.1:")
            let port = try #require(place.split(separator: ":").last.flatMap { Int($0.prefix(while: \.isNumber)) })
            try await console.run("seed \(shared.path) \(shared.folder)")
            var page = ""
            let isKnown = try await eventually(within: .seconds(20), every: .milliseconds(100)) {
                page = try HTTPProbe.get("/status", port: port).text
                return page.contains("known.bin")
            }
            #expect(isKnown, "\(page)")
            // Its list has the name of this host.
            let host = try #require(await stage.shell("uname -n").lines.first?.split(separator: ".").first)
            let other = try Payload(file: "b.bin", size: 40_000).write(below: stage.folder.folder("b"))
            try await console.run("upload \(other)")
            try await console.wait(for: "b.bin is number 1 of the list")
            try await console.run("list")
            try await console.wait(for: "b.bin", "1 \(host)")
            try await console.exit()
        }
    }

    @Test func aScriptAtATerminalShowsHowFarItIs() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "lonely.bin", size: 100_000))
            let script = stage.folder.path("script")
            let text = "download '\(shared.path)' '\(try stage.folder.folder("in"))'\nwait\n"
            try FileTree.write(Array(text.utf8), to: script)
            let reader = try OutputReader(.terminal)
            reader.resize(columns: 100, rows: 40)
            let console = try stage.start(
                Executables.peer, ["console", "--listen", "127.0.0.1:0", "--no-color"], name: "console",
                environment: ["TERM": "xterm", "LC_ALL": "C.UTF-8"], inputFile: script,
                streams: ChildStreams(output: reader.childEnd, errors: reader.childEnd))
            let isShown = try await eventually(within: .seconds(20), every: .milliseconds(30)) {
                reader.read()
                return TerminalPicture(columns: 100, rows: 40, showing: reader.text).lines.contains {
                    $0.contains("lonely.bin") && $0.contains("0 %")
                }
            }
            #expect(isShown, "\(reader.text)")
            console.signal(15)
            try await console.waitForExit(within: .seconds(10))
        }
    }

    /// What cannot be read as a history is somebody's.
    @Test func whatIsNoHistoryStays() async throws {
        try await withStage { stage in
            let path = try stage.folder.folder("home/STATE/p2p") + "/console-history"
            let mine = [UInt8](repeating: 0x61, count: 2 << 20)
            try FileTree.write(mine, to: path)
            let console = try TypedConsole(stage, [], name: "console")
            try await console.run("help use")
            try await console.wait(for: "Usage: ")
            try await console.exit()
            #expect(try FileTree.read(path) == mine)
        }
    }
}
