import TestSupport
import Testing

/// A walk of the field's teaching projects: clients at addresses of their own on one machine, driven by numbers.
@Suite("Walk: upload by menu, download by number")
struct MenuWalkTests {
    @Test("A third client takes from both who have it, two leave by Ctrl-C, and the list shows one")
    func walk() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let url = "http://127.0.0.1:\(tracker.port)"
            let payload = Payload(file: "lecture.bin", size: 600_000)
            let content = try payload.write(below: stage.folder.folder("anna"))
            let anna = try client(stage, "anna", at: "127.0.0.1", of: url, ["--upload-limit", "150K"])
            try await anna.run("menu")
            try await answer(anna, "number:", "1")
            try await answer(anna, "path of the file or folder:", content)
            try await anna.wait(for: "lecture.bin is number 1 of the list")
            try await answer(anna, "number:", "2")
            try await anna.wait(for: "1", "lecture.bin", "1 anna")

            let ben = try client(stage, "ben", at: "127.0.0.2", of: url, ["--upload-limit", "150K"])
            try await ben.run("menu")
            try await answer(ben, "number:", "3")
            try await answer(ben, "number or name:", "1")
            try await ben.wait(for: "complete: 586 KiB")
            #expect(try FileTree.read(stage.folder.path("ben/lecture.bin")) == FileTree.read(content))
            try await tracker.waitForList(stage, "two of them") { $0.contains("2 ") && $0.contains("anna, ben") }

            let cleo = try stage.start(
                Executables.peer,
                ["get", url, "1", "--dir", "cleo", "--listen", "127.0.0.1:0", "--seed", "--name", "cleo", "-v"],
                name: "cleo")
            try await tracker.waitForList(stage, "three of them") { $0.contains("3 ") && $0.contains("cleo") }
            #expect(try FileTree.read(stage.folder.path("cleo/lecture.bin")) == FileTree.read(content))
            for client in [anna, ben] {
                // The first one leaves the menu.
                client.type("\u{3}")
                try await client.wait("the prompt") { $0.last == "p2p>" }
                client.type("\u{3}")
                try await client.wait(for: "Ctrl-C once more")
                client.type("\u{3}")
                #expect(try await client.process.waitForExit(within: .seconds(10)) == .code(0))
            }
            try await tracker.waitForList(stage, "one of them") { $0.contains("1 cleo") }
            #expect(try await cleo.interrupt() == .code(0), "\(cleo.log)")
            for owner in ["127.0.0.1:", "127.0.0.2:"] {
                let took = cleo.errorLines.filter { $0.contains("took ") && $0.contains(" \(owner)") }
                #expect(took.contains { !$0.contains("took 0 B ") }, "\(cleo.log)")
            }
        }
    }

    /// Each has a port of its own at its address.
    private func client(
        _ stage: Stage, _ name: String, at address: String, of url: String, _ options: [String]
    ) throws -> TypedConsole {
        try TypedConsole(
            stage, program: Executables.peer,
            ["console", "--listen", "\(address):0", "--no-color", "--to", url, "--name", name, "--dir", name] + options,
            name: name)
    }

    private func answer(_ console: TypedConsole, _ question: String, _ text: String) async throws {
        try await console.wait(question) { $0.last == question }
        console.type(text + "\r")
    }
}

extension LocalTracker {
    /// Until the line of the first torrent in the list is as it should be.
    fileprivate func waitForList(_ stage: Stage, _ what: String, _ matches: (String) -> Bool) async throws {
        var line = ""
        let found = try await eventually(within: .seconds(20), every: .milliseconds(100)) {
            let list = try await stage.peer("browse", "127.0.0.1:\(port)")
            line = list.lines.first { $0.contains("lecture.bin") } ?? ""
            return matches(line)
        }
        guard found else { throw TestFailure("the list never showed \(what): \(line)") }
    }
}
