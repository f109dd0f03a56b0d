import TestSupport
import Testing

/// What a magnet link leads to is fetched as a user does it: the link is all that he has.
@Suite("From a magnet link")
struct MagnetTests {
    private static let payload = Payload.mixed(bytes: 700_001)

    private static func link(_ shared: SharedTorrent, port: Int) -> String {
        "magnet:?xt=urn:btih:\(shared.infoHash)&x.pe=127.0.0.1:\(port)"
    }

    @Test("get fetches what the link names and ends; the .torrent is saved; a restart needs nobody for it")
    func fetched() async throws {
        try await withStage { stage in
            let shared = try stage.share(Self.payload, pieceLength: 16 << 10)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let link = Self.link(shared, port: try await seeder.listeningPort())
            let target = try stage.folder.folder("get")
            let saved = stage.folder.path("saved.torrent")
            let getter = try stage.startPeer("get", [link], dir: target, ["--save-torrent", saved])
            #expect(try await getter.waitForExit(within: .seconds(40)) == .code(0), "\(getter.log)")
            #expect(try shared.differences(in: target) == [])
            let complete = try #require(getter.events.filter { $0.event == "metadata_complete" }.first)
            #expect(getter.events.filter { $0.event == "metadata_complete" }.count == 1)
            #expect(complete.infohash == shared.infoHash)
            #expect(complete.name == "mixed")
            #expect(complete.length == Self.payload.length)
            #expect(complete.private == false)
            #expect(getter.events.contains { $0.event == "complete" && $0.bytes == Self.payload.length })
            #expect(getter.events.contains { $0.event == "torrent_saved" && $0.path == saved })
            // The same torrent byte for byte, as far as the hash goes over it.
            let original = try FileTree.read(shared.path)
            let start = try #require(original.firstRange(of: Array("4:info".utf8))).lowerBound
            #expect(try FileTree.read(saved) == [UInt8(ascii: "d")] + original[start...])

            _ = try await seeder.interrupt()
            let again = try stage.startLeech(
                "magnet:?xt=urn:btih:\(shared.infoHash)", dir: try stage.folder.folder("other"))
            try await again.waitForEvent("metadata_complete") { $0.name == "mixed" }
            let verified = try await again.waitForEvent("verified")
            #expect(verified.goodPieces == 0)
            #expect(!again.events.contains { $0.event == "metadata" })
            #expect(try await again.interrupt() == .code(7))
        }
    }

    @Test("leech goes on to serve; get --seed does, too", arguments: [["leech"], ["get", "--seed"]])
    func served(command: [String]) async throws {
        try await withStage { stage in
            let shared = try stage.share(Self.payload)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let link = Self.link(shared, port: try await seeder.listeningPort())
            let first = try stage.startPeer(
                command[0], [link], dir: try stage.folder.folder("first"), Array(command.dropFirst()))
            try await first.waitForEvent("seeding", within: .seconds(40))
            _ = try await seeder.interrupt()
            // Who has it from a link gives it on, and its metadata as well.
            let second = try stage.folder.folder("second")
            let getter = try stage.startPeer(
                "get", [Self.link(shared, port: try await first.listeningPort())], dir: second, [],
                environment: ["P2P_STATE_DIR": stage.folder.path("state2")])
            #expect(try await getter.waitForExit(within: .seconds(40)) == .code(0), "\(getter.log)")
            #expect(try shared.differences(in: second) == [])
            #expect(try await first.interrupt() == .code(0))
        }
    }

    @Test("Links come in base 32, in capitals, and from standard input")
    func spellings() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "single.bin", size: 40_000))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let peer = "x.pe=127.0.0.1:\(try await seeder.listeningPort())"
            let hash = Self.base32(ReferenceSHA1.bytes(ofHex: shared.infoHash))
            let target = try stage.folder.folder("get")
            let getter = try stage.startPeer("get", ["MAGNET:?xt=urn:btih:\(hash)&\(peer)"], dir: target, [])
            #expect(try await getter.waitForExit(within: .seconds(40)) == .code(0), "\(getter.log)")
            #expect(try shared.differences(in: target) == [])

            let file = stage.folder.path("link.txt")
            try FileTree.write(Array("magnet:?xt=urn:btih:\(shared.infoHash)\n".utf8), to: file)
            let again = try await stage.run(
                Executables.peer, ["get", "-", "--dir", target, "--listen", "127.0.0.1:0"], inputFile: file)
            #expect(again.status == .code(0), "\(again.log)")
        }
    }

    private static func base32(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var (bits, count, text) = (0, 0, "")
        for byte in bytes {
            (bits, count) = (bits << 8 | Int(byte), count + 8)
            while count >= 5 {
                count -= 5
                text.append(letters[bits >> count & 31])
            }
            bits &= 1 << count - 1
        }
        return text
    }

    @Test("A private torrent: once that is known, the link's tracker is believed and the peers that it names are not")
    func privateTorrent() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(.mixed(bytes: 90_000), announce: [tracker.announce], isPrivate: true)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            // As with other programs, our seeder keeps the metadata of a private torrent to itself.
            let file = try FileTree.read(shared.path)
            let start = try #require(file.firstRange(of: Array("4:info".utf8))).upperBound
            let peer = try MetadataPeer(Array(file[start...].dropLast()), of: shared.infoHash)

            let both = "\(peer.link)&x.pe=127.0.0.1:\(try await seeder.listeningPort())"
            let lonely = try stage.startLeech(both, dir: try stage.folder.folder("lonely"))
            try await lonely.waitForEvent("metadata_complete") { $0.private == true }
            try await lonely.waitForEvent("progress") { $0.state == "leeching" && $0.peers == 0 }
            #expect(try await lonely.interrupt() == .code(7))
            #expect(lonely.events.last { $0.event == "stopped" }?.downloaded == 0, "\(lonely.log)")

            let target = try stage.folder.folder("get")
            let getter = try stage.startPeer(
                "get", ["\(peer.link)&tr=\(tracker.announce)"], dir: target, [],
                environment: ["P2P_STATE_DIR": stage.folder.path("state2")])
            #expect(try await getter.waitForExit(within: .seconds(40)) == .code(0), "\(getter.log)")
            #expect(try shared.differences(in: target) == [])
            #expect(getter.events.contains { $0.event == "metadata_complete" && $0.private == true })
        }
    }

    @Test("A file and a link of one torrent are one torrent, which knows what both know")
    func fileAndLink() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 60_000))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let link = Self.link(shared, port: try await seeder.listeningPort())
            for (number, arguments) in [[shared.path, link], [link, shared.path]].enumerated() {
                let target = try stage.folder.folder("leech\(number)")
                let leecher = try stage.startPeer("leech", arguments, dir: target, ["-e"])
                #expect(try await leecher.waitForExit(within: .seconds(40)) == .code(0), "\(leecher.log)")
                #expect(try shared.differences(in: target) == [])
                #expect(leecher.events.contains { $0.event == "notice" && $0.code == "same_torrent" })
                #expect(!leecher.events.contains { $0.event == "metadata" }, "\(leecher.log)")
            }
        }
    }
}
