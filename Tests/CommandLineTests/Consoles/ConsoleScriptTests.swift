import TestSupport
import Testing

/// A console that reads a script.
@Suite struct ConsoleScriptTests {
    private func run(
        _ stage: Stage, _ script: String, _ options: String..., within limit: Duration = .seconds(40)
    ) async throws -> RunningProcess {
        let path = stage.folder.path("script")
        try FileTree.write(Array(script.utf8), to: path)
        return try await stage.run(
            Executables.peer, ["console", "--listen", "127.0.0.1:0"] + options, within: limit, inputFile: path)
    }

    @Test func aScriptSharesAndGets() async throws {
        try await withStage { stage in
            let shared = try Payload(file: "a b.bin", size: 300_000).write(below: stage.folder.folder("ann"))
            let port = try LoopbackServer.freePort()
            let gate = try stage.folder.folder("gate")
            _ = try await stage.shell("mkfifo '\(gate)/in'")
            // It lives until its input ends.
            let options = "--listen 127.0.0.1:0 --tracker 127.0.0.1:\(port) --name Ann --json"
            let ann = try stage.start(
                "/bin/sh",
                ["-c", "exec \"$0\" console \(options) <'\(gate)/in'", Executables.peer],
                name: "ann")
            let typing = try stage.start(
                "/bin/sh", ["-c", "exec >'\(gate)/in'; echo \"upload '\(shared)'\"; exec sleep 60"], name: "typist")
            try await ann.waitForEvent("published")
            try await ann.waitForEvent("seeding")

            let bob = try await run(
                stage, "list # what is there?\n\n# the first\ndownload 1\nwait\nstatus\nexit\nnonsense\n", "--to",
                "127.0.0.1:\(port)", "--dir", stage.folder.folder("bob"))
            #expect(bob.status == .code(0), "\(bob.log)")
            #expect(try FileTree.read(stage.folder.path("bob/a b.bin")) == FileTree.read(shared))
            #expect(bob.lines.contains { $0.contains("a b.bin") && $0.contains("1 Ann") }, "\(bob.log)")
            #expect(!bob.log.contains("\u{1B}") && !bob.log.contains("p2p>"))
            typing.kill()
            #expect(try await ann.waitForExit(within: .seconds(10)) == .code(0), "\(ann.log)")
        }
    }

    @Test(
        arguments: [
            ("downlaod 1\nstatus\n", [], 2, "line 1: \"downlaod\" is no command here; did you mean download?"),
            ("p 1\n", [], 2, "is the beginning of several"), ("list\n", [], 2, "no tracker is in use"),
            ("\nseed missing.torrent\n", [], 3, "line 2: missing.torrent: there is no such file"),
            ("get 'open\n", [], 2, "a quote is not closed"), ("limit sideways 1K\n", [], 2, "neither up nor down"),
            ("pause 7\n", [], 3, "there is no torrent here yet"), ("use ftp://x\n", [], 2, "no catalogue's URL"),
            ("help nothing\n", [], 2, "is no command here"),
            ("status extra\n", [], 2, "takes no argument (see help status)"),
            ("get http://127.0.0.1:9\n", [], 2, "list http://127.0.0.1:9 shows them, download NUMBER fetches one"),
            ("seed -\n", [], 2, "- is standard input, where commands come from"),
            ("\nmake --from-json -\n", [], 2, "line 2: - is standard input"),
            ("status\n", ["--token-file", "/dev/null"], 2, "--token-file is for one tracker"),
            ("x\nlimit up 1M\n", ["--keep-going"], 2, "all together: up 1 MiB/s"),
        ] as [(String, [String], Int32, String)])
    func aFailedCommandIsSaid(_ script: String, _ options: [String], _ code: Int32, _ words: String) async throws {
        try await withStage { stage in
            try FileTree.write(Array(script.utf8), to: stage.folder.path("script"))
            let console = try await stage.run(
                Executables.peer, ["console", "--listen", "127.0.0.1:0"] + options,
                inputFile: stage.folder.path("script"))
            #expect(console.status == .code(code), "\(console.log)")
            #expect(console.log.contains(words), "\(console.log)")
        }
    }

    @Test func waitingHasAnEnd() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "lonely.bin", size: 100_000))
            let console = try await run(
                stage, "download '\(shared.path)' '\(stage.folder.folder("in"))'\nwait --time 1s\n")
            #expect(
                console.status == .code(7) && console.log.contains("lonely.bin is not complete yet"), "\(console.log)")
        }
    }

    /// However long ago it failed.
    @Test func waitingForWhatFailedFails() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "lonely.bin", size: 100_000))
            try FileTree.write([1, 2, 3], to: stage.folder.folder("in") + "/lonely.bin")
            let console = try await run(
                stage, "download '\(shared.path)' '\(stage.folder.path("in"))'\nwait\nwait\n", "--keep-going")
            #expect(console.status != .code(0), "\(console.log)")
            for line in [2, 3] {
                #expect(console.errorLines.contains { $0.contains("line \(line): lonely.bin: ") }, "\(console.log)")
            }
        }
    }

    /// The end of what was removed is not that of what has come in its place.
    @Test func whatComesAgainIsWaitedFor() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "lonely.bin", size: 100_000))
            let download = "download '\(shared.path)' '\(try stage.folder.folder("in"))'\n"
            let console = try await run(stage, download + "remove lonely.bin\n" + download + "wait --time 1s\n")
            #expect(
                console.status == .code(7) && console.log.contains("lonely.bin is not complete yet"), "\(console.log)")
        }
    }

    /// A token is the key of one tracker.
    @Test func noOtherTrackerIsToldTheToken() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "a.bin", size: 100_000))
            let heads = Recorder<String>()
            let trackers = try (0..<2).map { _ in
                try LoopbackServer { connection in
                    heads.add(connection.receiveHead())
                    connection.send(FalseCatalogue.answer([], status: "500 Sorry"))
                }
            }
            let token = stage.folder.path("token")
            try FileTree.write(Array("open-sesame".utf8), to: token)
            let publish = "publish '\(shared.path)'"
            let console = try await run(
                stage, "\(publish)\n\(publish) 127.0.0.1:\(trackers[1].port)\n", "--keep-going", "--token-file", token,
                "--to", "127.0.0.1:\(trackers[0].port)")
            let told = heads.all.map { $0.lowercased().contains("authorization") }
            #expect(told == [true, false], "\(console.log)")
        }
    }

    @Test func scriptsOfOthersSpeakJSON() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "a.bin", size: 100_000))
            let looks = "status\npeers\npieces 1\n"
            let console = try await run(
                stage, "seed \(shared.path) \(shared.folder)\nlimit up 1M 1\n\(looks)remove a.bin\nstatus\n", "--json")
            #expect(console.status == .code(0), "\(console.log)")
            let events = console.events
            #expect(events.contains { $0.event == "added" } && events.filter { $0.event == "status" }.count == 2)
            // Its `peers` is a list, where that of other events is a count.
            let peers = console.lines.filter { $0.hasPrefix("{\"event\":\"peers\"") && $0.hasSuffix("\"peers\":[]}") }
            #expect(peers.count == 1 && events.contains { $0.event == "pieces" }, "\(console.log)")
            #expect(events.count + peers.count == console.lines.count, "\(console.log)")
        }
    }

    /// It ends within two seconds whatever it is at, and its ports are free.
    @Test func aSignalEndsWhatItWaitsFor() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "lonely.bin", size: 100_000))
            let port = try LoopbackServer.freePort()
            let script = "download '\(shared.path)' '\(try stage.folder.folder("in"))'\nwait\n"
            try FileTree.write(Array(script.utf8), to: stage.folder.path("script"))
            for _ in 0..<2 {
                let console = try stage.start(
                    Executables.peer,
                    ["console", "--json", "--listen", "127.0.0.1:\(port)", "--tracker", "127.0.0.1:0"],
                    inputFile: stage.folder.path("script"))
                try await console.waitForEvent("added")
                console.signal(15)
                #expect(try await console.waitForExit(within: .seconds(10)) == .code(7), "\(console.log)")
                let time = try #require(console.timeToEnd)
                #expect(time < .seconds(2), "\(time)")
            }
        }
    }
}
