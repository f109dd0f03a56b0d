import ByteStrings
import Glibc
import PeerRuntime
import TestSupport
import Testing
import TorrentCore

@Suite struct TorrentMakerTests {
    /// A folder with the files that tell the rules apart, in the order in which they must come.
    private let listed: [(String, Int)] = [
        (".h/q", 5), (".hidden", 7), ("B/b", 16_384), ("a b", 1), ("a-b", 40_000), ("a.tx", 9), ("a.txt", 0),
        ("a/x", 3), ("é", 2),
    ]

    private func fill(_ folder: TemporaryFolder) throws {
        mkdir(folder.path("in"), 0o777)
        for name in [".h", "B", "a", "empty"] { mkdir(folder.path("in/" + name), 0o777) }
        for (seed, (name, length)) in listed.enumerated().reversed() {
            try folder.write("in/" + name, pattern(length, seed: seed))
        }
    }

    private func make(
        _ path: String, _ options: MakeOptions = MakeOptions()
    ) throws(MakeError) -> (maker: TorrentMaker, builder: MetainfoBuilder) {
        let maker = try TorrentMaker(path: path, options: options)
        return (
            maker,
            try maker.run { _ in
            } isCancelled: {
                false
            }
        )
    }

    @Test func `files come in the order of their paths, and every piece has its digest`() throws {
        let folder = try TemporaryFolder()
        try fill(folder)
        var options = MakeOptions()
        options.pieceLength = 16_384
        for threads in [1, 2, 5] {
            options.threads = threads
            let (maker, builder) = try make(folder.path("in"), options)
            let torrent = try Metainfo(parsing: builder.encoded)
            #expect(torrent.name.description == "in")
            #expect(torrent.files.map(\.path.description) == listed.map { "in/" + $0.0 })
            #expect(torrent.files.map(\.length) == listed.map { Int64($0.1) })
            let payload = listed.enumerated().flatMap { pattern($1.1, seed: $0) }
            #expect(Int64(payload.count) == maker.totalLength)
            for piece in torrent.geometry.pieces {
                let start = piece.position * 16_384
                let bytes = Array(payload[start..<min(start + 16_384, payload.count)])
                #expect(torrent.check(of: piece) == .sha1(SHA1.digest(of: bytes)), "\(piece), \(threads) threads")
            }
        }
    }

    @Test func `links, pipes and empty folders are left out and said`() throws {
        let folder = try TemporaryFolder()
        try fill(folder)
        folder.link("in/z-link", to: "a.txt")
        folder.link("in/z-folder", to: "a")
        folder.link("in/z-loop", to: ".")
        mkfifo(folder.path("in/z-pipe"), 0o666)
        let (maker, _) = try make(folder.path("in"))
        #expect(maker.skipped == ["z-folder", "z-link", "z-loop", "z-pipe"])
        #expect(maker.files.count == listed.count)
    }

    @Test func `globs choose, and exclusion wins`() throws {
        let folder = try TemporaryFolder()
        try fill(folder)
        var options = MakeOptions()
        options.exclude = try [".*", "a/**", "a-?"].map { try #require(Glob($0)) }
        #expect(try names(make(folder.path("in"), options).maker) == ["B/b", "a b", "a.tx", "a.txt", "é"])
        options.include = try ["a*", "B"].map { try #require(Glob($0)) }
        #expect(try names(make(folder.path("in"), options).maker) == ["B/b", "a b", "a.tx", "a.txt"])
        options.exclude = [try #require(Glob("*"))]
        #expect(throws: MakeError.nothingToShare(path: ByteString(folder.path("in")))) {
            try make(folder.path("in"), options)
        }
    }

    private func names(_ maker: TorrentMaker) -> [String] {
        maker.files.map { file in
            file.components.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
        }
    }

    @Test func `a single file is named by itself, a link to it too, or as told`() throws {
        let folder = try TemporaryFolder()
        try folder.write("f.bin", pattern(70_000))
        folder.link("l", to: "f.bin")
        for (path, name) in [("f.bin", "f.bin"), ("l", "l")] {
            let torrent = try Metainfo(parsing: try make(folder.path(path)).builder.encoded)
            #expect(torrent.isSingleFile)
            #expect(torrent.files.map(\.path.description) == [name])
            #expect(torrent.totalLength == 70_000)
            #expect(
                torrent.check(of: torrent.geometry.piece(0))
                    == .sha1(SHA1.digest(of: Array(pattern(70_000)[..<16_384]))))
        }
        var options = MakeOptions()
        options.name = "other"
        #expect(
            try Metainfo(parsing: try make(folder.path("f.bin"), options).builder.encoded).name.description == "other")
        options.name = "../x"
        #expect(throws: MakeError.unusableTorrentName("../x")) { try make(folder.path("f.bin"), options) }
    }

    @Test func `empty files alone make no torrent, since nobody could load it; among others they are shared`() throws {
        let folder = try TemporaryFolder()
        mkdir(folder.path("in"), 0o777)
        try folder.write("in/a", [])
        for path in ["in", "in/a"] {
            #expect(throws: MakeError.onlyEmptyFiles(path: ByteString(folder.path(path)))) {
                try make(folder.path(path))
            }
        }
        try folder.write("in/b", [1])
        let torrent = try Metainfo(parsing: try make(folder.path("in")).builder.encoded)
        #expect(torrent.files.map(\.length) == [0, 1])
    }

    @Test func `patterns are for the files of a folder`() throws {
        let folder = try TemporaryFolder()
        try folder.write("f", [1])
        for isExcluded in [true, false] {
            var options = MakeOptions()
            let glob = try #require(Glob("*.tmp"))
            if isExcluded { options.exclude = [glob] } else { options.include = [glob] }
            #expect(throws: MakeError.patternsOfOneFile(path: ByteString(folder.path("f")))) {
                try make(folder.path("f"), options)
            }
        }
    }

    @Test func `what cannot be shared is said plainly`() throws {
        let folder = try TemporaryFolder()
        mkdir(folder.path("empty"), 0o777)
        mkfifo(folder.path("pipe"), 0o666)
        try folder.write("f", [1])
        #expect(throws: MakeError.notFound(path: ByteString(folder.path("none")))) { try make(folder.path("none")) }
        #expect(throws: MakeError.nothingToShare(path: ByteString(folder.path("empty")))) {
            try make(folder.path("empty"))
        }
        #expect(throws: MakeError.notFileOrFolder(path: ByteString(folder.path("pipe")))) {
            try make(folder.path("pipe"))
        }
        for length in [0, 1, 8_192, 16_385, 100_000, 256 << 20] {
            var options = MakeOptions()
            options.pieceLength = length
            #expect(throws: MakeError.unusablePieceLength(length)) { try make(folder.path("f"), options) }
        }
    }

    @Test func `a file that changes after it was found is an error`() throws {
        let folder = try TemporaryFolder()
        for change in [pattern(39_999), pattern(40_000, seed: 9), []] {
            try folder.write("f", pattern(40_000))
            let maker = try TorrentMaker(path: folder.path("f"), options: MakeOptions())
            try folder.write("f", change)
            #expect(throws: MakeError.changedWhileHashing(path: ByteString(folder.path("f")))) {
                try maker.run { _ in
                } isCancelled: {
                    false
                }
            }
        }
    }

    @Test func `it can be called off, and tells how far it is`() throws {
        let folder = try TemporaryFolder()
        try folder.write("f", pattern(100_000))
        let maker = try TorrentMaker(path: folder.path("f"), options: MakeOptions())
        var last: Int64 = -1
        _ = try maker.run { done in
            last = done
        } isCancelled: {
            false
        }
        #expect(last == 100_000)
        #expect(throws: MakeError.cancelled) {
            try maker.run { _ in
            } isCancelled: {
                true
            }
        }
    }

    @Test(
        arguments: [
            (0, 16 << 10), (1, 16 << 10), (32 << 20, 16 << 10), (32 << 20 + 1, 32 << 10), (1 << 30, 512 << 10),
            (4 << 30, 2 << 20), (32 << 30, 16 << 20), (1 << 40, 16 << 20),
        ] as [(Int64, Int)])
    func `piece lengths follow the table`(total: Int64, length: Int) {
        #expect(PieceLengthTable.length(for: total) == length)
    }
}
