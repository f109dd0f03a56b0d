import Foundation
import TestSupport
import Testing

/// What is wrong with the disk, the folder or the port is told in one line and loses nothing.
@Suite("Bad folders and ports")
struct BadFolderTests {
    @Test("A torrent that is not there", arguments: ["leech", "seed", "show", "verify", "magnet"])
    func missingTorrent(command: String) async throws {
        try await withStage { stage in
            let needsFolder = !["show", "magnet"].contains(command)
            let process = try await stage.run(
                Executables.peer, [command, "nowhere.torrent"] + (needsFolder ? ["--dir", stage.folder.path] : []))
            #expect(process.status == .code(3))
            #expect(process.errorLines.count == 1, "\(process.log)")
            #expect(process.errorLines.first?.contains("nowhere.torrent") == true)
        }
    }

    @Test("A folder that is not there", arguments: ["seed", "verify"])
    func missingFolder(command: String) async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 20_000))
            let folder = stage.folder.path("nowhere/deep")
            let process = try await stage.peer(command, shared.path, "--dir", folder)
            #expect(process.status == .code(3), "\(process.log)")
            #expect(process.errorLines.count == 1, "\(process.log)")
            #expect(!FileTree.exists(folder))
        }
    }

    @Test("A file in the place of the folder")
    func fileAsFolder() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 20_000))
            let file = stage.folder.path("file")
            try FileTree.write([1, 2, 3], to: file)
            let process = try await stage.peer("leech", shared.path, "--dir", file, "--listen", "127.0.0.1:0", "-e")
            #expect(process.status == .code(5) || process.status == .code(3), "\(process.log)")
            #expect(process.errorLines.count == 1, "\(process.log)")
            #expect(try FileTree.read(file) == [1, 2, 3])
        }
    }

    @Test("A folder that cannot be written", .enabled(if: SmallMount.isPossible, SmallMount.skipReason))
    func readOnlyFolder() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 20_000))
            let mount = try SmallMount(stage, size: "1m")
            defer { mount.remove() }
            try mount.remount("ro")
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let port = try await seeder.listeningPort()
            let process = try stage.startPeer(
                "leech", [shared.path], dir: mount.path, ["--peer", "127.0.0.1:\(port)", "-e"])
            #expect(try await process.waitForExit(within: .seconds(20)) == .code(5))
            #expect(process.events.contains { $0.event == "error" && $0.code == "io" }, "\(process.log)")
        }
    }

    @Test(
        "A full disk pauses the download, and room lets it go on",
        .enabled(if: SmallMount.isPossible, SmallMount.skipReason))
    func diskFull() async throws {
        try await withFullDisk("-e") { leecher, mount in
            #expect(leecher.status == nil)
            try mount.remount("size=8m")
            #expect(try await leecher.waitForExit(within: .seconds(60)) == .code(0))
        }
    }

    @Test(
        "Ctrl-C stores what a full disk would not take, if there is room by then",
        .enabled(if: SmallMount.isPossible, SmallMount.skipReason))
    func diskFullThenInterrupted() async throws {
        try await withFullDisk { leecher, mount in
            // Its own next look at the disk must not come between.
            leecher.signal(SIGSTOP)
            try mount.remount("size=8m")
            leecher.signal(SIGINT)
            leecher.signal(SIGCONT)
            #expect(try await leecher.waitForExit(within: .seconds(20)) == .code(0))
        }
    }

    /// A leecher that has received everything and said that the disk is full; all is to be right after `body`.
    private func withFullDisk(
        _ options: String..., body: (RunningProcess, SmallMount) async throws -> Void
    ) async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(name: "big", files: [("a", 900_000), ("b", 300_001)]))
            let mount = try SmallMount(stage, size: "600k")
            defer { mount.remove() }
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let port = try await seeder.listeningPort()
            let leecher = try stage.startPeer(
                "leech", [shared.path], dir: mount.path, ["--peer", "127.0.0.1:\(port)"] + options)
            let notice = try await leecher.waitForEvent("notice") { $0.code == "disk_full" }
            #expect(notice.message?.isEmpty == false)
            try await leecher.waitForEvent("progress") { $0.downloaded == shared.payload.length }
            try await body(leecher, mount)
            #expect(try FileTree.differences("\(mount.path)/big", from: shared.content) == [])
        }
    }

    @Test("A port that is taken")
    func portTaken() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 20_000))
            let other = try LoopbackServer { _ in }
            let peer = try await stage.peer(
                "seed", shared.path, "--dir", shared.folder, "--listen", "127.0.0.1:\(other.port)")
            #expect(peer.status == .code(8), "\(peer.log)")
            #expect(peer.errorLines.count == 1, "\(peer.log)")
            #expect(peer.errorLines.first?.contains("\(other.port)") == true, "\(peer.log)")
            let tracker = try await stage.run(
                Executables.tracker, ["--port", "\(other.port)", "--bind", "127.0.0.1"])
            #expect(tracker.status == .code(8), "\(tracker.log)")
            #expect(tracker.errorLines.count == 1, "\(tracker.log)")
        }
    }

    @Test("A file that shrinks while it is seeded ends nobody and spoils nothing")
    func shrinkingFile() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "shrinks", size: 400_000))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            let port = try await seeder.listeningPort()
            #expect(truncate(shared.content, 100_000) == 0)
            let target = try stage.folder.folder("leech")
            let leecher = try stage.startLeech(shared.path, dir: target, ["--peer", "127.0.0.1:\(port)"])
            // What is left of the file is served or the torrent stops with an error; either is said.
            let told = try await eventually(within: .seconds(20)) {
                seeder.events.contains { $0.event == "error" || $0.event == "notice" }
            }
            #expect(told, "\(seeder.log)")
            if case .signal(let number) = seeder.status { Issue.record("ended by signal \(number)") }
            #expect(!leecher.events.contains { $0.event == "complete" })
            #expect(leecher.status == nil)
            #expect(try await leecher.interrupt() == .code(7))
        }
    }

    @Test("Content that changes while it is seeded is checked, not taken by a leecher, and the rest is served")
    func changingFile() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "changes", size: 200_000))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            let port = try await seeder.listeningPort()
            var bytes = try FileTree.read(shared.content)
            bytes[50_000] ^= 1
            try FileTree.write(bytes, to: shared.content)
            let leecher = try stage.startLeech(
                shared.path, dir: try stage.folder.folder("leech"), ["--peer", "127.0.0.1:\(port)", "-v"])
            // The changed piece is never sent; who has it notices, and then shows only what is right.
            try await seeder.waitForEvent("notice") { $0.code == "content_changed" }
            let verified = try await seeder.waitForEvent("verified") { $0.goodPieces != $0.pieces }
            let good = verified.goodBytes ?? 0
            #expect(good > 0 && good < shared.payload.length)
            let hasTheRest = try await eventually(within: .seconds(20)) {
                leecher.events.contains { $0.left == 200_000 - good }
            }
            #expect(hasTheRest, "\(leecher.log)")
            #expect(!leecher.events.contains { $0.event == "complete" || $0.code == "piece_rejected" })
            #expect(try await leecher.interrupt() == .code(7))
        }
    }
}

/// A file system of a given size, for tests of full and read-only disks.
final class SmallMount: Sendable {
    let path: String

    /// Only root can mount one.
    static let isPossible: Bool = {
        guard let folder = try? TemporaryFolder(), mount(["-t", "tmpfs", "tmpfs", folder.path]) else { return false }
        return unmount(folder.path)
    }()
    static let skipReason: Comment = "only root can mount a small disk"

    init(_ stage: Stage, size: String) throws {
        path = try stage.folder.folder("mount")
        guard Self.mount(["-t", "tmpfs", "-o", "size=\(size)", "tmpfs", path]) else {
            throw TestFailure("cannot mount a tmpfs")
        }
    }

    func remount(_ options: String) throws {
        guard Self.mount(["-o", "remount,\(options)", path]) else { throw TestFailure("cannot remount: \(options)") }
    }

    func remove() {
        _ = Self.unmount(path)
    }

    private static func mount(_ arguments: [String]) -> Bool { run(["mount"] + arguments) }

    // Lazily: a peer may still have files open here.
    private static func unmount(_ path: String) -> Bool { run(["umount", "-l", path]) }

    private static func run(_ command: [String]) -> Bool {
        guard let process = try? RunningProcess("/usr/bin/env", command) else { return false }
        for _ in 0..<1000 where process.status == nil { usleep(2_000) }
        return process.status == .code(0)
    }
}
