import Foundation
import TestSupport
import Testing

/// What is said and done while the metadata of a link does not come, or is no good.
@Suite("Waiting for metadata")
struct MetadataWaitTests {
    /// Metadata of so many blocks of 16 KiB, and its hash.
    private static func metadata(blocks: Int, invalid: Bool = false) -> (info: [UInt8], hash: String) {
        let pieces = [UInt8](repeating: 7, count: (blocks * 16_384 - 8_000) / 20 * 20)
        let info = Bencoded.dictionary([
            ("length", .integer(pieces.count / 20 * 16_384 - (invalid ? 1 << 20 : 0))), ("name", .text("big")),
            ("piece length", 16_384), ("pieces", .bytes(pieces)),
        ]).encoded
        return (info, ReferenceSHA1.hex(ReferenceSHA1.hash(info)))
    }

    @Test("Its progress is told while it comes, and once when it is there")
    func progress() async throws {
        try await withStage { stage in
            let (info, hash) = Self.metadata(blocks: 3)
            let peer = try MetadataPeer(info, of: hash, blocks: 2)
            let leecher = try stage.startLeech(peer.link, dir: try stage.folder.folder("leech"))
            let half = try await leecher.waitForEvent("metadata") { $0.done == 2 }
            #expect(half.infohash == hash)
            #expect(half.pieces == 3)
            #expect(half.peers == 1)
            #expect(half.waiting == nil)
            peer.open()
            let complete = try await leecher.waitForEvent("metadata_complete")
            #expect(complete.name == "big")
            #expect(complete.pieces == (info.count - 60) / 20)
            #expect(try await leecher.interrupt() == .code(7))
        }
    }

    @Test("A torrent is called by its link until its own name is there")
    func names() async throws {
        try await withStage { stage in
            let (info, hash) = Self.metadata(blocks: 12)
            let peer = try MetadataPeer(info, of: hash, blocks: 3)
            let getter = try stage.start(
                Executables.peer,
                ["get", "\(peer.link)&dn=film", "--dir", try stage.folder.folder("get"), "--listen", "127.0.0.1:0"])
            peer.open()
            let isThere = try await eventually(within: .seconds(30)) {
                getter.errorLines.contains { $0.hasPrefix("big") && $0.contains("the metadata is there") }
            }
            #expect(isThere, "\(getter.log)")
            #expect(try await getter.interrupt() == .code(7))
        }
    }

    @Test("Ended before it is there: 7, and what was tried")
    func endedBefore() async throws {
        try await withStage { stage in
            let port = try LoopbackServer.freePort()
            let hash = String(repeating: "5a", count: 20)
            let link = "magnet:?xt=urn:btih:\(hash)&x.pe=127.0.0.1:\(port)&tr=udp://127.0.0.1:1/a&x.pe=nobody"
            let getter = try stage.startPeer("get", [link], dir: try stage.folder.folder("get"), ["-v"])
            let waiting = try await getter.waitForEvent("metadata") {
                $0.waiting == "nobody_reached" && ($0.tried ?? []).contains { $0.contains("tracker") }
            }
            let tried = waiting.tried ?? []
            #expect(tried.contains { $0.hasPrefix("peer 127.0.0.1:\(port): connection refused") }, "\(tried)")
            #expect(tried.contains { $0.hasPrefix("tracker 127.0.0.1:1") }, "\(tried)")
            #expect(tried.last == "the DHT is off")
            #expect(getter.events.contains { $0.code == "peer_unknown" && $0.message == "x.pe=nobody names no peer" })
            #expect(try await getter.interrupt() == .code(7))
            let stopped = try #require(getter.events.last { $0.event == "stopped" })
            #expect(stopped.left == nil)
        }
    }

    @Test("Nobody to ask is said at once")
    func nobodyToAsk() async throws {
        try await withStage { stage in
            let getter = try stage.startPeer(
                "get", ["magnet:?xt=urn:btih:\(String(repeating: "5a", count: 20))"],
                dir: try stage.folder.folder("get"), [])
            let notice = try await getter.waitForEvent("notice") { $0.code == "nobody_to_ask" }
            #expect(notice.message?.contains("--peer") == true)
            #expect(try await getter.interrupt() == .code(7))
        }
    }

    @Test("What has the right hash and is no torrent ends it with 4")
    func noTorrent() async throws {
        try await withStage { stage in
            let (info, hash) = Self.metadata(blocks: 1, invalid: true)
            let peer = try MetadataPeer(info, of: hash)
            let dir = try stage.folder.folder("get")
            let getter = try stage.startPeer("get", [peer.link], dir: dir, [])
            #expect(try await getter.waitForExit(within: .seconds(20)) == .code(4), "\(getter.log)")
            let error = try #require(getter.events.first { $0.event == "error" })
            #expect(error.code == "bad_torrent")
            #expect(error.message?.contains("is no torrent") == true)
            #expect(FileTree.exists(dir))
            let shown = try stage.start(Executables.peer, ["show", peer.link, "--fetch", "--listen", "127.0.0.1:0"])
            #expect(try await shown.waitForExit(within: .seconds(20)) == .code(4), "\(shown.log)")
            let words = try stage.start(
                Executables.peer, ["get", peer.link, "--dir", dir, "--listen", "127.0.0.1:0"])
            #expect(try await words.waitForExit(within: .seconds(20)) == .code(4), "\(words.log)")
            #expect(words.lines.contains { $0.contains("no metadata that is of use") }, "\(words.log)")
            #expect(!words.log.contains("nobody has sent"), "\(words.log)")
        }
    }

    @Test("Whoever sends wrong metadata is banned, and nothing of it is kept")
    func liar() async throws {
        try await withStage { stage in
            let (info, hash) = Self.metadata(blocks: 2)
            let liar = try MetadataPeer(info.map { ~$0 }, of: hash)
            let leecher = try stage.startLeech(liar.link, dir: try stage.folder.folder("leech"))
            let notice = try await leecher.waitForEvent("notice") { $0.code == "banned" }
            #expect(notice.message == "127.0.0.1 sent wrong metadata and is banned")
            #expect(!leecher.events.contains { $0.event == "metadata_complete" })
            #expect(try await leecher.interrupt() == .code(7))
            #expect(!FileTree.exists("\(stage.records)/\(hash).metadata"))
        }
    }

    @Test("What was kept and is damaged is fetched again, and what stands in its place stays")
    func kept() async throws {
        try await withStage { stage in
            let (info, hash) = Self.metadata(blocks: 1)
            let kept = "\(stage.records)/\(hash).metadata"
            let damaged = Array(info.dropLast()) + [0]
            try FileTree.write(damaged, to: kept)
            let peer = try MetadataPeer(info, of: hash)
            let first = try stage.startLeech(peer.link, dir: try stage.folder.folder("leech"))
            try await first.waitForEvent("verified")
            #expect(try await first.interrupt() == .code(7))
            #expect(try FileTree.read(kept) == info)

            try SweepFile.remove(kept)
            try SweepFile.check(mkfifo(kept, 0o600), "mkfifo")
            let second = try stage.startLeech(peer.link, dir: try stage.folder.folder("leech"))
            try await second.waitForEvent("verified")
            #expect(second.events.contains { $0.code == "not_recorded" }, "\(second.log)")
            #expect(try await second.interrupt() == .code(7))
            #expect(try SweepFile.status(kept).st_mode & S_IFMT == S_IFIFO)
        }
    }
}
