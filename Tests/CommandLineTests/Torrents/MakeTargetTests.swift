import Foundation
import TestSupport
import Testing

/// Where `make` writes: nothing but a regular file is ever replaced, and what cannot be done is known before hashing.
@Suite("make, its target")
struct MakeTargetTests {
    @Test("A link is followed, also one that leads nowhere yet", arguments: ["old.torrent", "new.torrent"])
    func link(target: String) async throws {
        try await withContent { stage in
            try FileTree.write([1], to: stage.folder.path("there/old.torrent"))
            try FileManager.default.createSymbolicLink(
                atPath: stage.folder.path("out.torrent"), withDestinationPath: "hop")
            try FileManager.default.createSymbolicLink(
                atPath: stage.folder.path("hop"), withDestinationPath: "there/\(target)")
            let made = try await stage.peer("make", "content", "-f", "-o", "out.torrent")
            #expect(made.status == .code(0), "\(made.log)")
            let links = try ["out.torrent", "hop"].map {
                try FileManager.default.destinationOfSymbolicLink(atPath: stage.folder.path($0))
            }
            #expect(links == ["hop", "there/\(target)"])
            #expect(try await MakeTests.show(stage, "there/\(target)").name == "content")
            #expect(FileTree.files(below: stage.folder.path("there")) == Set(["old.torrent", target]).sorted())
        }
    }

    @Test("A pipe is written to and stays", arguments: [["-f"], []])
    func pipe(force: [String]) async throws {
        try await withContent { stage in
            let fifo = stage.folder.path("fifo")
            mkfifo(fifo, 0o600)
            let reader = try stage.start("/bin/cat", [fifo])
            let made = try await stage.run(Executables.peer, ["make", "content", "-o", "fifo"] + force)
            #expect(made.status == .code(0), "\(made.log)")
            try await reader.waitForExit(within: .seconds(10))
            #expect(reader.bytes.starts(with: "d10:created by".utf8))
            #expect(Self.kind(fifo) == S_IFIFO)
        }
    }

    @Test("A device is written to and stays", arguments: [["-f"], []])
    func device(force: [String]) async throws {
        try await withContent { stage in
            symlink("/dev/null", stage.folder.path("null"))
            let made = try await stage.run(Executables.peer, ["make", "content", "-o", "null"] + force)
            #expect(made.status == .code(0), "\(made.log)")
            #expect(Self.kind("/dev/null") == S_IFCHR)
            symlink("/dev/full", stage.folder.path("full"))
            let full = try await stage.run(Executables.peer, ["make", "content", "-o", "full"] + force)
            #expect(full.status == .code(9), "\(full.log)")
            #expect(Self.kind("/dev/full") == S_IFCHR)
            #expect(Self.kind(stage.folder.path("full")) == S_IFLNK)
        }
    }

    /// `stdout` is made as /dev/stdout is, which a program that replaces links would take from the whole machine.
    @Test("/dev/stdout is -, whatever stands behind it", arguments: ["stdout", "/dev/fd/1", "/proc/self/fd/1"])
    func standardOutput(out: String) async throws {
        try await withContent { stage in
            symlink("/proc/self/fd/1", stage.folder.path("stdout"))
            let plain = try await stage.peer("make", "content", "-o", "-", "--no-date")
            let piped = try await stage.peer("make", "content", "-f", "-o", out, "--no-date")
            #expect(piped.bytes == plain.bytes && !plain.bytes.isEmpty, "\(piped.log)")
            let file = try await stage.run(
                "/bin/sh", ["-c", "\"$0\" make content -f -o \(out) --no-date >file", Executables.peer])
            #expect(file.status == .code(0), "\(file.log)")
            #expect(try FileTree.read(stage.folder.path("file")) == plain.bytes)
        }
    }

    @Test("A file that is replaced keeps its mode and its owner; a new one has the usual")
    func mode() async throws {
        try await withContent { stage in
            let out = stage.folder.path("out.torrent")
            for mode: mode_t in [0o600, 0o640, 0o444] {
                try? FileManager.default.removeItem(atPath: out)
                try FileTree.write([1], to: out)
                chmod(out, mode)
                if geteuid() == 0 { chown(out, 12_345, 23_456) }
                let made = try await stage.peer("make", "content", "-f", "-o", "out.torrent")
                #expect(made.status == .code(0), "\(made.log)")
                var status = stat()
                stat(out, &status)
                #expect(status.st_mode & 0o7777 == mode)
                #expect(status.st_size > 1)
                if geteuid() == 0 { #expect(status.st_uid == 12_345 && status.st_gid == 23_456) }
            }
            let fresh = try await stage.run(
                "/bin/sh", ["-c", "umask 027; exec \"$0\" make content -o fresh", Executables.peer])
            #expect(fresh.status == .code(0), "\(fresh.log)")
            var status = stat()
            stat(stage.folder.path("fresh"), &status)
            #expect(status.st_mode & 0o7777 == 0o640)
        }
    }

    @Test("A name as long as names can be", arguments: [243, 255])
    func longName(length: Int) async throws {
        try await withContent { stage in
            let name = String(repeating: "n", count: length)
            for force in [[], ["-f"]] {
                let made = try await stage.run(Executables.peer, ["make", "content", "-o", name] + force)
                #expect(made.status == .code(0), "\(made.log)")
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: stage.folder.path)
            #expect(names.sorted() == ["content", name])
        }
    }

    @Test("A file of somebody's that has the name of our temporary one of old is left alone")
    func neighbour() async throws {
        try await withContent { stage in
            // The shell becomes the program and keeps its number.
            let script = "echo mine > out.torrent.$$.tmp; exec \"$0\" make content -o out.torrent"
            let made = try await stage.run("/bin/sh", ["-c", script, Executables.peer])
            #expect(made.status == .code(0), "\(made.log)")
            #expect(try FileTree.read(stage.folder.path("out.torrent.\(made.processID).tmp")) == Array("mine\n".utf8))
        }
    }

    /// A limit on the length of files ends the program in the middle of the first write.
    @Test("An end in the middle of writing leaves what was there and nothing else")
    func killed() async throws {
        try await withContent { stage in
            let probe = open(stage.folder.path, O_WRONLY | 0x41_0000, 0o600)
            guard probe >= 0 else { return }
            close(probe)
            try FileTree.write([1], to: stage.folder.path("out.torrent"))
            let script = "ulimit -c 0; ulimit -f 0; exec \"$0\" make content -f -o out.torrent"
            let made = try await stage.run("/bin/sh", ["-c", script, Executables.peer])
            #expect(made.status == .signal(SIGXFSZ), "\(made.log)")
            let names = try FileManager.default.contentsOfDirectory(atPath: stage.folder.path)
            #expect(names.sorted() == ["content", "out.torrent"])
            #expect(try FileTree.read(stage.folder.path("out.torrent")) == [1])
        }
    }

    /// OUT that is refused, how the place is furnished, the exit code, and words of the message.
    enum Refused: String, CaseIterable, Sendable {
        case exists, noFolder, underAFile, tooLong, readOnlyFolder, unwritablePipe, itself, linkLoop, empty

        var out: String {
            switch self {
            case .exists: "old.torrent"
            case .noFolder: "no/folder/x.torrent"
            case .underAFile: "content/a/x.torrent"
            case .tooLong: String(repeating: "n", count: 256)
            case .readOnlyFolder: "/sys/x.torrent"
            case .unwritablePipe: "fifo"
            case .itself: "content/a"
            case .linkLoop: "loop"
            case .empty: ""
            }
        }

        var code: Int32 {
            switch self {
            case .exists: 1
            case .noFolder: 3
            case .itself, .empty: 2
            default: 5
            }
        }
    }

    @Test("What cannot be written is refused before anything is read", arguments: Refused.allCases)
    func refused(_ refused: Refused) async throws {
        try await withContent { stage in
            try FileTree.write([1], to: stage.folder.path("old.torrent"))
            symlink("loop", stage.folder.path("loop"))
            var path = "content"
            var arguments = refused == .exists ? [] : ["-f"]
            if refused == .itself { path = "content/a" }
            if refused == .unwritablePipe {
                // Root may write to everything but what stands on a file system that nobody writes to.
                guard geteuid() != 0 else { return }
                mkfifo(stage.folder.path("fifo"), 0o400)
            }
            arguments += ["make", path, "-o", refused.out]
            // Whoever reads it leaves a trace: the time of the last reading, which is older than the content.
            let read = stage.folder.path("content/a")
            let long = timeval(tv_sec: 1_000, tv_usec: 0)
            utimes(read, [long, timeval(tv_sec: 2_000, tv_usec: 0)])
            let made = try await stage.run(Executables.peer, arguments)
            #expect(made.status == .code(refused.code), "\(made.log)")
            #expect(made.errorLines.count == 1, "\(made.log)")
            var status = stat()
            #expect(stat(read, &status) == 0 && status.st_atim.tv_sec == long.tv_sec)
            #expect(try FileTree.read(stage.folder.path("old.torrent")) == [1])
            #expect(FileTree.files(below: stage.folder.path) == ["content/a", "content/b", "old.torrent"])
        }
    }

    @Test("OUT within PATH never becomes part of a torrent, and that is said")
    func withinPath() async throws {
        try await withContent { stage in
            let other = stage.folder.path("content/other.torrent")
            try FileTree.write([1, 2, 3], to: other)
            let first = try await stage.peer("make", "content", "-o", "content/x.torrent", "--no-date")
            #expect(first.status == .code(0), "\(first.log)")
            let before = try FileTree.read(stage.folder.path("content/x.torrent"))
            symlink("content", stage.folder.path("alias"))
            symlink("content/x.torrent", stage.folder.path("l.torrent"))
            for (path, out) in [
                ("content", "content/x.torrent"), ("alias", "content/../content/x.torrent"),
                ("./content/", "alias/x.torrent"), ("content", "l.torrent"),
            ] {
                let again = try await stage.peer("make", path, "-n", "content", "-f", "-o", out, "--no-date")
                #expect(again.status == .code(0), "\(again.log)")
                #expect(again.errorLines.contains { $0.hasPrefix("x.torrent is left out") }, "\(again.log)")
                #expect(try FileTree.read(stage.folder.path("content/x.torrent")) == before)
            }
            let shown = try await MakeTests.show(stage, "content/x.torrent")
            #expect(shown.files?.map(\.path) == ["content/a", "content/b", "content/other.torrent"])
            let plan = try await stage.peer("make", "content", "--dry-run", "-o", "content/x.torrent")
            #expect(!String(decoding: plan.bytes, as: UTF8.self).contains("x.torrent"), "\(plan.log)")
        }
    }

    @Test(
        "Standard streams that are files within PATH are left out, too",
        arguments: [
            "-o - > content/x.torrent", "-o - > content/x.torrent 2> content/log", "-o x.torrent > content/log",
        ])
    func redirectedIntoPath(arguments: String) async throws {
        try await withContent { stage in
            let made = try await stage.run(
                "/bin/sh", ["-c", "exec \"$0\" make content \(arguments)", Executables.peer])
            #expect(made.status == .code(0), "\(made.log)")
            let out = arguments.contains("content/x") ? "content/x.torrent" : "x.torrent"
            let shown = try await MakeTests.show(stage, out)
            #expect(shown.files?.map(\.path) == ["content/a", "content/b"])
        }
    }

    private func withContent(_ body: (Stage) async throws -> Void) async throws {
        try await withStage { stage in
            try Payload(name: "content", files: [("a", 40_000), ("b", 10)]).write(below: stage.folder.path)
            try await body(stage)
        }
    }

    private static func kind(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
    }
}
