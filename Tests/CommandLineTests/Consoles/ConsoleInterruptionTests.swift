import TestSupport
import Testing

/// What Ctrl-C and Ctrl-D end.
@Suite struct ConsoleInterruptionTests {
    @Test func ctrlCClearsALineAndTwiceEnds() async throws {
        try await withStage { stage in
            let console = try TypedConsole(stage, [], name: "console")
            try await console.wait("the prompt") { $0.last == "p2p>" }
            console.type("download someth")
            try await console.wait("the line") { $0.last == "p2p> download someth" }
            console.type("\u{3}")
            try await console.wait("an empty line") { $0.last == "p2p>" }
            console.type("\u{3}")
            try await console.wait(for: "Ctrl-C once more")
            console.type("\u{3}")
            #expect(try await console.process.waitForExit(within: .seconds(10)) == .code(0))
        }
    }

    /// One that waits for what nobody has.
    private static func waiting(_ stage: Stage) async throws -> TypedConsole {
        let shared = try stage.share(Payload(file: "lonely.bin", size: 100_000))
        let console = try TypedConsole(stage, [], name: "console")
        try await console.run("download \(shared.path) \(try stage.folder.folder("in"))")
        try await console.run("wait")
        try await console.wait(for: "waiting for lonely.bin")
        return console
    }

    @Test func ctrlCClearsALineAndTheWorkGoesOn() async throws {
        try await withStage { stage in
            let console = try await Self.waiting(stage)
            console.type("stat")
            try await console.wait("the line") { $0.last == "p2p> stat" }
            console.type("\u{3}")
            try await console.wait("an empty line") { $0.last == "p2p>" }
            console.type("\u{3}")
            try await console.wait(for: "error: lonely.bin is not complete yet")
            // Keys count in their order: had the first one ended the work, the second would have asked for a third.
            try await console.exit()
            #expect(!console.picture.lines.contains { $0.contains("Ctrl-C once more") })
        }
    }

    @Test func ctrlCEndsTheCommandAtWork() async throws {
        try await withStage { stage in
            let console = try await Self.waiting(stage)
            // What is typed behind it is forgotten with it.
            try await console.run("status")
            console.type("\u{3}")
            try await console.wait(for: "error: lonely.bin is not complete yet")
            #expect(!console.picture.lines.contains { $0.hasPrefix("N  name") })
            try await console.exit()
        }
    }

    /// Of a server that says nothing: Ctrl-C ends the command, Ctrl-D the console.
    @Test(arguments: ["\u{3}", "\u{4}"])
    func aFetchCanBeEnded(_ key: String) async throws {
        try await withStage { stage in
            let asked = Recorder<String>()
            let server = try FalseCatalogue { target, connection in
                asked.add(target)
                _ = connection.receiveToEnd()
            }
            let console = try TypedConsole(stage, ["--to", server.url], name: "console")
            for (number, command) in ["download \(server.url)/a.torrent", "list"].enumerated() {
                try await console.run(command)
                #expect(try await eventually(within: .seconds(20)) { asked.all.count == number + 1 })
                console.type(key)
                guard key == "\u{3}" else { break }
                try await console.wait("the end of \(command)") {
                    $0.count { $0.contains("error: interrupted") } == number + 1
                }
            }
            if key == "\u{3}" { try await console.exit() }
            #expect(try await console.process.waitForExit(within: .seconds(10)) == .code(0), "\(console.picture.lines)")
        }
    }
}
