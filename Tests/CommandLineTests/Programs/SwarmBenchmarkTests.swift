import Foundation
import TestSupport
import Testing

/// `swarm-benchmark` never says that all is well where it did not do what was asked.
@Suite("swarm-benchmark")
struct SwarmBenchmarkTests {
    private static let table = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "SimulationTests/FrozenDigests.txt").path

    @Test(
        "Arguments that make no sense end it with 2 and a reason",
        arguments: [
            ("digest", "no such case or command"), ("serial nothing", "no such case"), ("--what", "no such option"),
            ("--seeds", "needs a value"), ("--seeds 0", "a number from 1"), ("--first 9223372036854775807", "a number"),
            ("--blocks 9223372036854775807", "a number"), ("replay", "which recordings"),
            ("digests slotz", "the kinds are slots, standard"),
            ("digests slots slotz", "the kinds are slots, standard"),
            ("digests --each --table", "one of --each"), ("digests --each --each", "one of --each"),
            ("digests --each --compare TABLE", "one of --each"), ("digests --first 3 --compare TABLE", "--first"),
            ("digests --seeds 101 --compare TABLE slots", "slots has 100 seeds in it, not 101"),
            ("digests --seeds 101 --compare TABLE", "has 100 seeds in it, not 101"),
            ("digests --seeds 9223372036854775807 --first 2 slots", "--seeds 9223372036854775807: a number"),
            ("digests --first 9223372036854775807 slots", "--first 9223372036854775807: a number"),
            ("digests --compare /dev/null", "/dev/null: is no regular file"),
            ("digests --compare nowhere", "nowhere: cannot be read: no such file"),
            ("digests --compare", "needs a value"),
        ])
    func usage(words: String, reason: String) async throws {
        try await withStage { stage in
            let arguments = words.replacing("TABLE", with: Self.table).split(separator: " ").map(String.init)
            let ended = try await stage.run(Executables.swarmBenchmark, arguments)
            #expect(ended.status == .code(2), "\(ended.log)")
            #expect(ended.lines.first?.contains(reason) == true, "\(ended.log)")
        }
    }

    @Test("A table that is cut, or that begins at the last number, is not compared with")
    func cutTable() async throws {
        try await withStage { stage in
            let whole = try FileTree.read(Self.table)
            let cut = whole.prefix(500)
            try FileTree.write(Array(cut), to: stage.folder.path("cut.txt"))
            let far = "slots, from seed 9223372036854775807: 0123456789abcdef\n 9223372036854775807 0123456789abcdef\n"
            try FileTree.write(Array(far.utf8), to: stage.folder.path("far.txt"))
            for arguments in [["cut.txt"], ["cut.txt", "slots"], ["cut.txt", "standard"], ["far.txt"]] {
                let ended = try await stage.run(Executables.swarmBenchmark, ["digests", "--compare"] + arguments)
                #expect(ended.status == .code(2), "\(ended.log)")
            }
        }
    }

    @Test("A seed is compared with the table, and one that differs is named")
    func comparison() async throws {
        try await withStage { stage in
            let arguments = ["digests", "--seeds", "1", "--compare"]
            let same = try await stage.run(Executables.swarmBenchmark, arguments + [Self.table, "slots"])
            #expect(same.status == .code(0) && same.lines == ["slots: 1 seeds as they were"], "\(same.log)")
            // The digest of the second seed, said to be that of the first.
            let second = try await stage.run(
                Executables.swarmBenchmark, ["digests", "--seeds", "1", "--first", "2", "--table", "slots"])
            let wrong = second.lines.joined(separator: "\n").replacing("seed 2", with: "seed 1")
                .replacing("    2 ", with: "    1 ")
            try FileTree.write(Array(wrong.utf8), to: stage.folder.path("wrong.txt"))
            let differs = try await stage.run(Executables.swarmBenchmark, arguments + ["wrong.txt", "slots"])
            #expect(differs.status == .code(1), "\(differs.log)")
            #expect(differs.lines.first?.hasPrefix("slots: 1 of 1 seeds differ, first seed 1: was ") == true)
        }
    }

    @Test("What is no recording ends a replay with 5, and a name may be any bytes")
    func replay() async throws {
        try await withStage { stage in
            let folder = stage.folder.path("")
            for name in ["/dev/zero", folder, "nowhere"] {
                let ended = try await stage.run(Executables.swarmBenchmark, ["replay", name])
                #expect(ended.status == .code(5), "\(ended.log)")
            }
            let script = """
                name=$(printf 'film\\377'); printf 'swarm-recording 2\\n' > "$name"
                \(Executables.swarmBenchmark) replay "$name"
                """
            let odd = try await stage.run("/bin/sh", ["-c", script])
            #expect(odd.status == .code(5) && odd.lines.first?.contains("line 2") == true, "\(odd.log)")
        }
    }
}
