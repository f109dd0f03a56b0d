import TestSupport
import Testing

/// A console that asks for what it needs.
@Suite struct ConsoleQuestionTests {
    @Test func aMenuHasNumbers() async throws {
        try await withStage { stage in
            _ = try Payload(file: "a.bin", size: 40_000).write(below: stage.folder.folder("a"))
            let console = try TypedConsole(stage, ["--tracker", "127.0.0.1:0"], name: "console")
            try await console.run("menu")
            func answer(_ question: String, _ text: String) async throws {
                try await console.wait(question) { $0.last == question }
                console.type(text + "\r")
            }
            try await answer("number:", "1")
            try await answer("path of the file or folder:", stage.folder.path("a/a.bin"))
            try await answer("number:", "2")
            try await console.wait(for: "1", "a.bin", "39.1 KiB")
            try await answer("number:", "6")
            try await answer("up or down:", "up")
            try await answer("bytes a second (500K, 2M; 0 is none):", "500K")
            try await console.wait(for: "all together: up 500 KiB/s")
            try await answer("number:", "0")
            #expect(try await console.process.waitForExit(within: .seconds(10)) == .code(0))
        }
    }

    /// Whatever it looks like: signs of a command line, a number, an option, a file that is here.
    @Test func anAnswerIsAName() async throws {
        try await withStage { stage in
            let shared = try Payload(file: "it's #1 of 2.bin", size: 40_000).write(below: stage.folder.folder("ann"))
            let ann = try TypedConsole(stage, ["--tracker", "127.0.0.1:0"], name: "ann")
            let place = try await ann.wait(for: "tracker at http://127.0.0.1:")
            let url = String(place.drop { $0 != "h" }.prefix { $0 != " " }).replacing("/announce", with: "")
            try await ann.run("menu")
            try await ann.wait("the question") { $0.last == "number:" }
            ann.type("7\r")
            try await ann.wait(for: "error: 7 is none of the menu")
            try await ann.wait("the question") { $0.last == "number:" }
            ann.type("1\r")
            try await ann.wait("the question") { $0.last == "path of the file or folder:" }
            // Tab completes names, not commands, and what it quotes is read as that.
            ann.type("\(stage.folder.path)/ann/it\t\r")
            try await ann.wait(for: "it's #1 of 2.bin is number 1 of the list")

            try FileTree.write([1], to: stage.folder.path("it's #1 of 2.bin"))
            let bob = try TypedConsole(stage, ["--to", url, "--dir", stage.folder.folder("bob")], name: "bob")
            try await bob.run("menu")
            try await bob.wait("the question") { $0.last == "number:" }
            bob.type("3\r")
            try await bob.wait("the question") { $0.last == "number or name:" }
            bob.type("it's #1 of 2.bin\r")
            try await bob.wait(for: "complete: 39.1 KiB")
            #expect(try FileTree.read(stage.folder.path("bob/it's #1 of 2.bin")) == FileTree.read(shared))
            for console in [ann, bob] {
                try await console.wait("the question") { $0.last == "number:" }
                console.type("\u{3}")
                try await console.exit()
            }
        }
    }
}
