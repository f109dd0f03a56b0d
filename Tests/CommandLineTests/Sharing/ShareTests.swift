import TestSupport
import Testing

/// `share` and `get`: one command on each side.
@Suite("Sharing with others")
struct ShareTests {
    @Test("What is shared is got by the URL that is printed, and each one's progress is told")
    func shareAndGet() async throws {
        try await withStage { stage in
            let payload = Payload.mixed(name: "class notes", bytes: 600_000)
            let content = try payload.write(below: stage.folder.path)
            let sharer = try stage.startShare([content], ["--until", "2", "--upload-limit", "400K"])
            let sharing = try await sharer.sharing()
            let url = try #require(sharing.urls?.first)
            #expect(url.hasPrefix("http://127.0.0.1:") && url.hasSuffix("/class%20notes"), "\(url)")
            #expect(sharing.name == "class notes" && sharing.infohash?.count == 40 && sharing.made == true)
            #expect(sharing.magnet?.contains("xt=urn:btih:\(sharing.infohash ?? "")") == true)
            let first = try stage.startGet(url, "first", ["--name", "anna"])
            let second = try stage.startGet(try #require(sharing.magnet), "second")
            for process in [first, second] {
                #expect(try await process.waitForExit(within: .seconds(60)) == .code(0), "\(process.log)")
            }
            for folder in ["first", "second"] {
                let got = stage.folder.path("\(folder)/class notes")
                #expect(try FileTree.differences(got, from: content, exactly: true) == [])
            }
            #expect(try await sharer.waitForExit(within: .seconds(20)) == .code(0), "\(sharer.log)")
            let told = sharer.events.filter { $0.event == "fetcher" }
            #expect(told.contains { $0.state == "fetching" && $0.done ?? 0 > 0 && $0.done ?? 0 < $0.pieces ?? 0 })
            #expect(told.contains { $0.state == "has_everything" && $0.name == "anna" }, "\(sharer.log)")
            #expect(told.filter { $0.state == "has_everything" }.map(\.finished) == [1, 2])
            #expect(sharer.events.contains { $0.event == "all_have" && $0.finished == 2 })
            #expect(sharer.events.contains { $0.event == "stopped" })
        }
    }

    @Test("With --once it ends as soon as one has everything, though that one leaves at once")
    func once() async throws {
        try await withStage { stage in
            let content = try Payload(file: "one.bin", size: 20_000).write(below: stage.folder.path)
            let sharer = try stage.startShare([content], ["--once"])
            let getter = try stage.startGet(try #require(try await sharer.sharing().urls?.first), "got")
            #expect(try await getter.waitForExit(within: .seconds(30)) == .code(0), "\(getter.log)")
            #expect(try await sharer.waitForExit(within: .seconds(20)) == .code(0), "\(sharer.log)")
            #expect(try FileTree.read(stage.folder.path("got/one.bin")) == FileTree.read(content))
        }
    }

    @Test("Announces of a stranger under ever new ids do not end it; who fetches does")
    func strangers() async throws {
        try await withStage { stage in
            let content = try Payload(file: "one.bin", size: 20_000).write(below: stage.folder.path)
            let sharer = try stage.startShare([content], ["--until", "5"])
            let sharing = try await sharer.sharing()
            let port = try #require(sharer.events.first { $0.event == "tracker" && $0.urls != nil }?.port)
            let hash = HTTPProbe.escaped(try #require(sharing.infohash))
            for number in 100..<160 {
                let id = "-XX0000-000000000\(number)"
                let query = "info_hash=\(hash)&peer_id=\(id)&port=9&left=0&event=completed&compact=1"
                #expect(try HTTPProbe.get("/announce?\(query)", port: port).status == 200)
            }
            for folder in ["first", "second"] {
                let getter = try stage.startGet(try #require(sharing.magnet), folder)
                #expect(try await getter.waitForExit(within: .seconds(30)) == .code(0), "\(getter.log)")
            }
            #expect(try await sharer.waitForExit(within: .seconds(20)) == .code(0), "\(sharer.log)")
            let owners = sharer.events.filter { $0.event == "fetcher" && $0.state == "has_everything" }
            #expect(owners.map(\.finished) == [1, 2, 3, 4, 5], "\(sharer.log)")
        }
    }

    @Test("A peer that is started again with everything is not counted twice")
    func again() async throws {
        try await withStage { stage in
            let content = try Payload(file: "one.bin", size: 20_000).write(below: stage.folder.path)
            let sharer = try stage.startShare([content], ["--until", "2"])
            let url = try #require(try await sharer.sharing().magnet)
            for round in 1...2 {
                let getter = try stage.startGet(url, "got", ["--seed"])
                try await getter.waitForEvent("complete", within: .seconds(30))
                // What it says of itself comes by the tracker, too.
                try await getter.waitForEvent("tracker", within: .seconds(30)) { $0.state == "answered" }
                #expect(try await getter.interrupt() == .code(0), "round \(round)\n\(getter.log)")
            }
            try await sharer.waitForEvent("fetcher") { $0.state == "has_everything" }
            #expect(sharer.events.count { $0.event == "fetcher" && $0.state == "has_everything" } == 1, "\(sharer.log)")
            // Fewer than were waited for.
            #expect(try await sharer.interrupt() == .code(7), "\(sharer.log)")
        }
    }

    @Test("Ctrl-C ends it within two seconds, time by itself", arguments: [true, false])
    func ending(byTime: Bool) async throws {
        try await withStage { stage in
            let content = try Payload(file: "one.bin", size: 20_000).write(below: stage.folder.path)
            let sharer = try stage.startShare([content], byTime ? ["--time", "1s"] : [])
            try await sharer.waitForEvent("seeding")
            if byTime {
                #expect(try await sharer.waitForExit(within: .seconds(20)) == .code(0), "\(sharer.log)")
            } else {
                #expect(try await sharer.interrupt() == .code(130), "\(sharer.log)")
                let time = try #require(sharer.timeToEnd)
                #expect(time < .seconds(3), "\(time)")
            }
            #expect(
                sharer.events.last { $0.event == "stopped" }?.infohash
                    == sharer.events.first { $0.event == "sharing" }?.infohash)
        }
    }

    @Test("Time is over before enough have it: 7")
    func tooEarly() async throws {
        try await withStage { stage in
            let content = try Payload(file: "one.bin", size: 20_000).write(below: stage.folder.path)
            let sharer = try stage.startShare([content], ["--until", "1", "--time", "1s"])
            #expect(try await sharer.waitForExit(within: .seconds(20)) == .code(7), "\(sharer.log)")
        }
    }

    @Test("A pipe gets plain lines, and the line to type is among them")
    func piped() async throws {
        try await withStage { stage in
            let content = try Payload(file: "it's [one].bin", size: 20_000).write(below: stage.folder.path)
            let sharer = try stage.startShare([content], ["--once", "--qr"], isJSON: false)
            let line = try await sharer.waitForLine(within: .seconds(20), "p2p-peer get") {
                $0.contains("p2p-peer get http")
            }
            let url = try #require(line.split(separator: " ").first { $0.hasPrefix("http://") })
            #expect(url.hasSuffix("/it%27s%20%5Bone%5D.bin"), "\(url)")
            let getter = try stage.startGet(String(url), "got")
            #expect(try await getter.waitForExit(within: .seconds(30)) == .code(0), "\(getter.log)")
            #expect(try await sharer.waitForExit(within: .seconds(20)) == .code(0), "\(sharer.log)")
            #expect(sharer.lines.contains { $0.hasSuffix("has everything (1 of 1)") }, "\(sharer.log)")
            // No picture, and nothing that steers a terminal.
            #expect(sharer.lines.allSatisfy { !$0.contains("▀") && !$0.contains("\u{1B}") })
        }
    }
}
