import TestSupport
import Testing

/// What cannot be shared is said at the start, before anything is hashed.
@Suite("What cannot be shared")
struct BadShareTests {
    @Test("No such path, nothing in it, only empty files, the same name twice, our own records")
    func paths() async throws {
        try await withStage { stage in
            let empty = try stage.folder.folder("empty")
            let hollow = try stage.folder.folder("hollow")
            try FileTree.write([], to: "\(hollow)/none")
            for parent in ["a", "b"] { try FileTree.write([1], to: stage.folder.path("\(parent)/same")) }
            let cases: [([String], Int32, String)] = [
                (["nowhere"], 3, "nowhere: no such file or folder"), ([empty], 1, "no files to share"),
                ([hollow], 1, "only empty files"), (["a/same", "b/same"], 2, "have the same name, same"),
                (["a/same", "a/same"], 2, "have the same name, same"),
                (["/dev/null"], 5, "neither a file nor a folder"),
                ([], 2, "PATH"),
            ]
            for (paths, code, words) in cases {
                let process = try await stage.run(Executables.peer, ["share"] + paths + ["--tracker", "127.0.0.1:0"])
                #expect(process.status == .code(code) && process.log.contains(words), "\(process.log)")
            }
            _ = try stage.folder.folder("home/STATE/p2p")
            let process = try await stage.run(Executables.peer, ["share", stage.folder.path("home")])
            #expect(process.status == .code(1) && process.log.contains("where torrents are kept"), "\(process.log)")
        }
    }

    @Test("A port that was asked for and is taken; without one, another is found")
    func ports() async throws {
        try await withStage { stage in
            try FileTree.write([1, 2, 3], to: stage.folder.path("it"))
            let taken = try LoopbackServer { _ in }
            let refused = try await stage.peer("share", "it", "--tracker", "127.0.0.1:\(taken.port)")
            #expect(refused.status == .code(8) && refused.log.contains("port \(taken.port) is taken"), "\(refused.log)")
            var ports: [Int] = []
            for _ in 0..<2 {
                let sharer = try stage.start(
                    Executables.peer, ["share", "it", "--listen", "127.0.0.1:0", "--json"], name: "share")
                ports.append(try #require(try await sharer.waitForEvent("tracker") { $0.urls != nil }.port))
                #expect(
                    try await sharer.sharing().urls?.last?.hasPrefix("http://127.0.0.1:\(ports.last ?? 0)/") == true)
            }
            #expect(Set(ports).count == 2 && !ports.contains(0))
        }
    }

    @Test("Options that contradict each other, or make no sense")
    func options() async throws {
        try await withStage { stage in
            try FileTree.write([1, 2, 3], to: stage.folder.path("it"))
            for arguments in [
                ["--once", "--until", "2"], ["--until", "0"], ["--until", "x"], ["--time", "soon"],
                ["--exit-when-done"],
            ] {
                let process = try await stage.run(Executables.peer, ["share", "it"] + arguments)
                #expect(process.status == .code(2), "\(arguments) \(process.log)")
            }
        }
    }
}
