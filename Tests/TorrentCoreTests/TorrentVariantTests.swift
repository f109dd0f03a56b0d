import TestSupport
import Testing
import TorrentCore

/// Torrents as the field brings them: which are read, and what their files are called then.
@Suite struct TorrentVariantTests {
    @Test(arguments: TorrentVariant.all)
    func `each is read, or refused`(variant: TorrentVariant) {
        let torrent = try? Metainfo(parsing: variant.bytes)
        let hash = Array((torrent?.infoHash.hex ?? "").utf8)
        let expected = variant.paths.map { $0.map { $0.replacingPrefix(TorrentVariant.infoHash, with: hash) } }
        #expect(torrent?.files.map(\.path.bytes) == expected)
    }

    @Test func `there are many, each with its own name`() {
        #expect(TorrentVariant.all.count >= 150)
        #expect(Set(TorrentVariant.all.map(\.name)).count == TorrentVariant.all.count)
        #expect(TorrentVariant.all.count { $0.name.hasPrefix("libtorrent's") } >= 40)
    }

    @Test func `mutated ones never trap; whatever is read has safe, distinct names, the same each time`() throws {
        var generator = SplitMix64(seed: 12)
        let seeds = TorrentVariant.all.filter { $0.bytes.count < 4_000 }.map(\.bytes)
        var read = 0
        for round in 0..<8_000 {
            let bytes = seeds[round % seeds.count].mutated(using: &generator)
            guard let torrent = try? Metainfo(parsing: bytes) else { continue }
            read += 1
            try check(torrent, "round \(round)")
            let again = try Metainfo(parsing: bytes)
            #expect(again.files == torrent.files && again.name == torrent.name, "round \(round)")
        }
        #expect(read > 200)
    }

    /// Names are drawn from a few that are in each other's way.
    @Test func `drawn names are repaired to safe and distinct ones`() throws {
        var generator = SplitMix64(seed: 13)
        let long = String(repeating: "n", count: 256)
        let names = [
            "", ".", "..", "/", "_", "a", "a/", "a_", "a.1", "a.2", "a.1.1", "\0", long, long + ".x", "é" + long,
        ]
        for round in 0..<300 {
            let files = (0..<Int.random(in: 1...40, using: &generator)).map { _ -> Bencoded in
                let path = (0..<Int.random(in: 1...3, using: &generator)).map { _ -> Bencoded in
                    .text(names[Int.random(in: 0..<names.count, using: &generator)])
                }
                return .dictionary([("length", 1), ("path", .list(path))])
            }
            let torrent = try Metainfo(parsing: Self.torrent(files))
            #expect(torrent.files.count == files.count)
            try check(torrent, "round \(round)")
        }
    }

    @Test func `very many files of one name are told apart in time that grows with them`() throws {
        // Half of them collide after they are cut; what is tried for one is not tried for the next.
        let long = String(repeating: "n", count: 300)
        let files = (0..<20_000).map { number -> Bencoded in
            .dictionary([("length", 0), ("path", [number.isMultiple(of: 2) ? "a.txt" : .text("\(long)\(number)")])])
        }
        let torrent = try Metainfo(parsing: Self.torrent(files + [.dictionary([("length", 1), ("path", ["b"])])]))
        #expect(Set(torrent.files.map(\.path)).count == files.count + 1)
        #expect(torrent.files[19_998].path.description == "n/a.9999.txt")
        #expect(torrent.remarkCount > torrent.remarks.count)
    }

    private static func torrent(_ files: [Bencoded]) -> [UInt8] {
        Bencoded.dictionary([
            (
                "info",
                .dictionary([
                    ("files", .list(files)), ("name", "n"), ("piece length", 16_384),
                    ("pieces", .bytes([UInt8](repeating: 1, count: 20))),
                ])
            )
        ]).encoded
    }

    /// Safe, relative, and no two in each other's way.
    private func check(_ torrent: Metainfo, _ comment: Comment) throws {
        #expect(torrent.layout.totalLength == torrent.totalLength, comment)
        var files: Set<[UInt8]> = []
        var folders: Set<[UInt8]> = []
        for file in torrent.files {
            let names = file.path.components
            #expect(names.allSatisfy { TorrentPath.fault(of: $0) == nil }, comment)
            #expect(file.path.bytes.count <= TorrentPath.byteLimit + 8, comment)
            #expect(torrent.isSingleFile ? names.count == 1 : names.count > 1, comment)
            #expect(names[0].elementsEqual(torrent.name.bytes), comment)
            guard !file.isPadding else { continue }
            #expect(files.insert(file.path.bytes).inserted, comment)
            for depth in 1..<names.count { folders.insert(Array(names[..<depth].joined(separator: [47]))) }
        }
        #expect(files.isDisjoint(with: folders), comment)
    }
}

extension [UInt8] {
    fileprivate func replacingPrefix(_ prefix: String, with other: [UInt8]) -> [UInt8] {
        starts(with: prefix.utf8) ? other + dropFirst(prefix.utf8.count) : self
    }
}
