import Foundation
import TestSupport
import Testing

/// What stands where `p2p-tracker` is to keep its state: used if it is ours, refused at the start if it is not.
@Suite("The tracker's state file")
struct TrackerStateTests {
    /// What may stand there that is no state.
    enum Stranger: String, CaseIterable, Sendable {
        case folder, emptyFolder, document, shortDocument, magicWithoutEnd, newerVersion, pipe, device, linkToFolder
        case missingFolder, folderIsFile, longName, loop

        /// Puts it there; the path to name.
        func make(in stage: Stage) throws -> String {
            let path = stage.folder.path("state")
            switch self {
            case .folder: try FileTree.write([1, 2, 3], to: "\(path)/precious")
            case .emptyFolder: _ = try stage.folder.folder("state")
            case .document:
                try FileTree.write(Array("Dear diary,\n".utf8) + [UInt8](repeating: 0x80, count: 9_000), to: path)
            case .shortDocument: try FileTree.write([0x41], to: path)
            case .magicWithoutEnd: try FileTree.write(Array("P2PTRK".utf8), to: path)
            case .newerVersion: try FileTree.write(Self.newer, to: path)
            case .pipe: try Self.check(mkfifo(path, 0o644))
            case .device: try Self.check(symlink("/dev/zero", path))
            case .linkToFolder: try Self.check(symlink(try stage.folder.folder("elsewhere"), path))
            case .missingFolder: return stage.folder.path("nowhere/state")
            case .folderIsFile:
                try FileTree.write([1], to: path)
                return "\(path)/state"
            case .longName: return stage.folder.path(String(repeating: "n", count: 256))
            case .loop: try Self.check(symlink(path, path))
            }
            return path
        }

        private static func check(_ result: Int32) throws {
            guard result == 0 else { throw TestFailure("errno \(errno)") }
        }

        /// "P2PTRKR", version 9, a time, and their checksum: SipHash-2-4 with the key of the format.
        static let newer: [UInt8] =
            Array("P2PTRKR".utf8) + [9, 0, 0, 0, 0, 0x71, 0x3F, 0xB3, 0x00] + checksumOfNewer + [1, 2, 3]
        static let checksumOfNewer: [UInt8] = [0x9F, 0xC5, 0x3A, 0x5F, 0x7C, 0x69, 0xBE, 0xCD]
    }

    /// Everything below a folder: name, kind, inode, size and bytes.
    private func inventory(_ folder: String) -> [String] {
        let names = (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).sorted()
        return names.map { name in
            var status = stat()
            guard lstat("\(folder)/\(name)", &status) == 0 else { return "\(name): gone" }
            let isFile = status.st_mode & S_IFMT == S_IFREG
            let bytes = isFile ? (try? FileTree.read("\(folder)/\(name)")) ?? [] : []
            let digest = ReferenceSHA1.hex(ReferenceSHA1.hash(bytes))
            return "\(name) \(status.st_mode) \(status.st_ino) \(status.st_size) \(digest)"
        }
    }

    private func startWith(_ path: String, _ stage: Stage) throws -> RunningProcess {
        try stage.start(
            Executables.tracker, ["--port", "0", "--bind", "127.0.0.1", "--json", "--state", path], name: "tracker")
    }

    @Test("What is no state of a tracker is refused at the start, and stays as it is", arguments: Stranger.allCases)
    func strangers(_ stranger: Stranger) async throws {
        try await withStage { stage in
            let path = try stranger.make(in: stage)
            let before = inventory(stage.folder.path)
            let process = try startWith(path, stage)
            #expect(try await process.waitForExit(within: .seconds(20)) == .code(5), "\(process.log)")
            #expect(process.errorLines.count == 1, "\(process.log)")
            #expect(process.errorLines.first?.contains("state") == true, "\(process.log)")
            #expect(!process.events.contains { $0.event == "listening" })
            #expect(inventory(stage.folder.path) == before)
        }
    }

    @Test("A place that cannot be written", .enabled(if: SmallMount.isPossible, SmallMount.skipReason))
    func unwritable() async throws {
        try await withStage { stage in
            let mount = try SmallMount(stage, size: "1m")
            defer { mount.remove() }
            try mount.remount("ro")
            let refused = try startWith("\(mount.path)/state", stage)
            #expect(try await refused.waitForExit(within: .seconds(20)) == .code(5), "\(refused.log)")
            #expect(refused.errorLines.count == 1, "\(refused.log)")
            // What becomes so later is told at the end, too.
            try mount.remount("rw")
            let tracker = try await stage.startTracker(["--state", "\(mount.path)/state"])
            try mount.remount("ro")
            #expect(try await tracker.process.interrupt() == .code(5), "\(tracker.process.log)")
            #expect(tracker.process.errorLines.contains { $0.contains("could not be written") })
        }
    }

    @Test("What has taken the state's place while the tracker ran is left alone")
    func replacedMeanwhile() async throws {
        try await withStage { stage in
            let path = stage.folder.path("state")
            let tracker = try await stage.startTracker(["--state", path])
            try FileTree.write(Array("my notes".utf8), to: path)
            #expect(try await tracker.process.interrupt() == .code(5), "\(tracker.process.log)")
            #expect(try FileTree.read(path) == Array("my notes".utf8))
        }
    }

    @Test("An empty file becomes the state; links stay, and modes")
    func links() async throws {
        try await withStage { stage in
            let (file, link) = (stage.folder.path("real/swarms"), stage.folder.path("state"))
            try FileTree.write([], to: file)
            #expect(chmod(file, 0o640) == 0 && symlink("real/swarms", link) == 0)
            for round in 0..<2 {
                let tracker = try await stage.startTracker(["--state", link])
                try HTTPProbe.announce(torrent: 1, port: 5_001, left: 0, to: tracker)
                #expect(HTTPProbe.scrape(HTTPProbe.torrent(1), port: tracker.port)?.seeders == 1)
                #expect(try await tracker.process.interrupt() == .code(0))
                #expect(tracker.process.errorLines.contains { $0.contains("is empty") } == (round == 0))
                var status = stat()
                #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
                #expect(stat(file, &status) == 0 && status.st_mode & 0o7777 == 0o640)
                #expect(try FileTree.read(file).starts(with: Array("P2PTRKR".utf8)))
            }
            // And one that leads to nothing yet.
            #expect(unlink(file) == 0)
            let tracker = try await stage.startTracker(["--state", link])
            #expect(try await tracker.process.interrupt() == .code(0))
            #expect(FileTree.exists(file))
            #expect(FileTree.files(below: stage.folder.path("real")) == ["swarms"])
        }
    }

    /// A whole state with a seeder, a leecher and a download, as the tracker writes it.
    private func state(_ stage: Stage) async throws -> [UInt8] {
        let path = stage.folder.path("whole")
        let tracker = try await stage.startTracker(["--state", path])
        try HTTPProbe.announce(torrent: 1, port: 5_001, left: 0, event: "completed", to: tracker)
        try HTTPProbe.announce(torrent: 2, port: 5_002, left: 7, to: tracker)
        #expect(try await tracker.process.interrupt() == .code(0))
        return try FileTree.read(path)
    }

    /// Flips one bit of a byte, or cuts the file there.
    @Test(
        "A state that is damaged anywhere is kept, and said to be so",
        arguments: [
            (7, 0x80), (8, 0x80), (15, 1), (20, 4), (27, 1), (40, 2), (-20, 1), (-1, 1), (7, 0), (100, 0), (-1, 0),
        ])
    func damaged(_ place: Int, _ mask: UInt8) async throws {
        try await withStage { stage in
            var bytes = try await state(stage)
            let position = place < 0 ? bytes.count + place : place
            if mask == 0 { bytes.removeSubrange(position...) } else { bytes[position] ^= mask }
            let path = stage.folder.path("state")
            // Two in a row, within a second: both are kept.
            for round in 1...2 {
                if round == 2 { bytes.append(0x40) }
                try FileTree.write(bytes, to: path)
                let tracker = try await stage.startTracker(["--state", path])
                #expect(HTTPProbe.scrape(HTTPProbe.torrent(1), port: tracker.port)?.seeders ?? 0 == 0)
                #expect(try await tracker.process.interrupt() == .code(0))
                #expect(tracker.process.errorLines.count == 1, "\(tracker.process.log)")
                #expect(tracker.process.errorLines.first?.contains("state.previous") == true, "\(tracker.process.log)")
                let kept = FileTree.files(below: stage.folder.path).filter { $0.hasPrefix("state.previous") }
                #expect(kept.count == round)
                #expect(try kept.contains { try FileTree.read(stage.folder.path($0)) == bytes })
            }
        }
    }

    @Test("A state of the version before is read, whatever time it tells, and kept")
    func oldVersion() async throws {
        try await withStage { stage in
            let path = stage.folder.path("state")
            var kept: [UInt8] = []
            // One second after 1970 began, and a time with the top bit set, which once was a trap.
            for time in [[0, 0, 0, 0, 0, 0, 0, 1], [0x80, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]] {
                kept = Self.oldVersion(time)
                try FileTree.write(kept, to: path)
                let tracker = try await stage.startTracker(["--state", path])
                #expect(
                    HTTPProbe.scrape(HTTPProbe.torrent(1), port: tracker.port)
                        == .init(seeders: 1, leechers: 1, downloads: 5))
                #expect(try await tracker.process.interrupt() == .code(0))
                #expect(tracker.process.errorLines.contains { $0.contains("clock") }, "\(tracker.process.log)")
                #expect(tracker.process.errorLines.contains { $0.contains("state.previous") }, "\(tracker.process.log)")
                #expect(try FileTree.read(path + ".previous") == kept)
            }
            let next = try await stage.startTracker(["--state", path])
            #expect(HTTPProbe.scrape(HTTPProbe.torrent(1), port: next.port)?.downloads == 5)
            #expect(try await next.process.interrupt() == .code(0))
            #expect(next.process.errorLines.isEmpty, "\(next.process.log)")
            #expect(try FileTree.read(path + ".previous") == kept)
        }
    }

    @Test("After three weeks of rest torrents and counts are there, and the old file is kept")
    func rest() async throws {
        try await withStage { stage in
            let path = stage.folder.path("state")
            let written = UInt64(time(nil)) - 21 * 86_400
            let old = Self.oldVersion((0..<8).map { UInt8(truncatingIfNeeded: written >> (56 - 8 * UInt64($0))) })
            try FileTree.write(old, to: path)
            // What is not ours, or is damaged, keeps its name.
            try FileTree.write([1, 2, 3], to: path + ".previous")
            try FileTree.write(Array(old.dropLast()), to: path + ".previous-2")
            let tracker = try await stage.startTracker(["--state", path])
            let counts = HTTPProbe.Counts(seeders: 0, leechers: 0, downloads: 5)
            #expect(HTTPProbe.scrape(HTTPProbe.torrent(1), port: tracker.port) == counts)
            #expect(try await tracker.process.interrupt() == .code(0))
            #expect(tracker.process.errorLines.contains { $0.contains("21 days") }, "\(tracker.process.log)")
            #expect(try FileTree.read(path + ".previous-3") == old)
            #expect(try FileTree.read(path + ".previous") == [1, 2, 3])
            #expect(try FileTree.read(path + ".previous-2") == Array(old.dropLast()))
            let next = try await stage.startTracker(["--state", path])
            #expect(HTTPProbe.scrape(HTTPProbe.torrent(1), port: next.port) == counts)
        }
    }

    /// Torrent 1 with five downloads, a seeder and a leecher, as version 1 wrote it with this time.
    private static func oldVersion(_ time: [UInt8]) -> [UInt8] {
        let torrent: [UInt8] = Array(repeating: 0, count: 19) + [1]
        let counts: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 1] + Array(repeating: 0, count: 8)
        let peers: [UInt8] = [127, 0, 0, 1, 0x13, 0x89, 0, 3, 127, 0, 0, 1, 0x13, 0x8A, 0, 2]
        return Array("P2PTRKR".utf8) + [1] + time + [0, 0, 0, 58] + checksumOfOldVersion
            + torrent + [0, 0, 0, 5, 0, 1] + counts + peers + [0, 0, 0, 0]
    }

    /// SipHash-2-4 of the 58 bytes of its records.
    private static let checksumOfOldVersion: [UInt8] = [0x10, 0x41, 0xCD, 0x3B, 0x56, 0x20, 0x06, 0x0F]
}

extension HTTPProbe {
    /// The info hash that is the number.
    static func torrent(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 40 - digits.count) + digits
    }

    static func announce(
        torrent number: Int, port: Int, left: Int, event: String = "started", to tracker: LocalTracker
    ) throws {
        let answer = try get(
            "/announce?info_hash=\(escaped(torrent(number)))&peer_id=-TE0000-\(port)00000000&port=\(port)"
                + "&uploaded=0&downloaded=0&left=\(left)&compact=1&event=\(event)", port: tracker.port)
        guard answer.status == 200 else { throw TestFailure("\(answer.head)") }
    }
}
