import TestSupport
import Testing

/// `--tracker` beside `seed`, and `--listen` at one address of several.
@Suite("A peer that is a tracker, and a peer at one address")
struct OwnTrackerTests {
    @Test("A torrent without trackers is found by the URL that the seeder says", arguments: [false, true])
    func found(namesAnother: Bool) async throws {
        try await withStage { stage in
            let gone = try LoopbackServer.freePort()
            let announce = namesAnother ? ["http://127.0.0.1:\(gone)/announce"] : []
            let shared = try stage.share(.mixed(bytes: 60_000), announce: announce)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--tracker", "127.0.0.1:0"])
            let tracker = try await seeder.waitForEvent("tracker")
            let port = try #require(tracker.port)
            #expect(tracker.urls == ["http://127.0.0.1:\(port)/announce"])
            let isThere = try await eventually(within: .seconds(20), every: .milliseconds(30)) {
                HTTPProbe.scrape(shared.infoHash, port: port)?.seeders == 1
            }
            #expect(isThere, "the seeder is not on its own tracker\n\(seeder.log)")
            #expect(try HTTPProbe.get("/stats.json", port: port).text.contains("\"name\":\"\(shared.payload.name)\""))

            let named = try TestTorrent(
                of: shared.payload, at: shared.content, pieceLength: 32 << 10, announce: tracker.urls ?? [])
            let path = try named.write(to: stage.folder.path("named.torrent"))
            let target = try stage.folder.folder("leech")
            let leecher = try stage.startLeech(path, dir: target, ["-e"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: target) == [])
        }
    }

    @Test("The link that it invites with is enough, and once a newcomer is there the inviter may go")
    func invitation() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 60_000))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--tracker", "127.0.0.1:0"])
            let port = try #require(try await seeder.waitForEvent("tracker").port)
            let listening = try #require(try await seeder.waitForEvent("listening").port)
            let link = try #require(try await seeder.waitForEvent("invitation").magnet)
            #expect(link.contains("tr=http%3A%2F%2F127.0.0.1%3A\(port)%2Fannounce"), "\(link)")
            #expect(link.contains("x.pe=127.0.0.1%3A\(listening)"), "\(link)")
            let first = try stage.startPeer("leech", [link], dir: try stage.folder.folder("first"), [])
            try await first.waitForEvent("complete")
            #expect(try shared.differences(in: stage.folder.path("first")) == [])
            let second = try #require(try await first.waitForEvent("listening").port)
            seeder.signal(2)
            _ = try await seeder.waitForExit(within: .seconds(10))
            // The tracker of the link has gone, too.
            let late = try stage.startPeer(
                "get", [link], dir: try stage.folder.folder("late"), ["--peer", "127.0.0.1:\(second)"])
            #expect(try await late.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: stage.folder.path("late")) == [])
        }
    }

    @Test("What begins as a link is announced from the start, and invites once it is known what it is")
    func link() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 60_000))
            let link = "magnet:?xt=urn:btih:\(shared.infoHash)"
            let first = try stage.startPeer(
                "get", [link], dir: try stage.folder.folder("first"), ["--seed", "--tracker", "127.0.0.1:0"])
            let port = try #require(try await first.waitForEvent("tracker").port)
            let isThere = try await eventually(within: .seconds(20), every: .milliseconds(30)) {
                HTTPProbe.scrape(shared.infoHash, port: port)?.leechers == 1
            }
            #expect(isThere, "nobody is on the tracker\n\(first.log)")
            #expect(!first.events.contains { $0.event == "invitation" || $0.event == "metadata_complete" })
            // Who knows the tracker alone is found by that, and has it.
            let named = try TestTorrent(
                of: shared.payload, at: shared.content, pieceLength: 32 << 10,
                announce: ["http://127.0.0.1:\(port)/announce"])
            let seeder = try stage.startSeed(
                try named.write(to: stage.folder.path("named.torrent")), dir: shared.folder)
            let invitation = try await first.waitForEvent("invitation", within: .seconds(40))
            #expect(invitation.name == shared.payload.name)
            let magnet = try #require(invitation.magnet)
            #expect(magnet.contains("tr=http%3A%2F%2F127.0.0.1%3A\(port)%2Fannounce"), "\(magnet)")
            try await first.waitForEvent("complete", within: .seconds(40))
            #expect(first.events.count { $0.event == "invitation" } == 1)
            // What it announces itself comes to its tracker as well, and is no newcomer.
            let ours = try await first.listeningPort()
            #expect(!first.events.contains { $0.event == "peer" && $0.port == ours }, "\(first.log)")
            _ = try await seeder.interrupt()
            let late = try stage.startPeer("get", [magnet], dir: try stage.folder.folder("late"), [])
            #expect(try await late.waitForExit(within: .seconds(40)) == .code(0), "\(late.log)")
        }
    }

    @Test("A link to a private torrent leaves the tracker here, and invites to its own alone")
    func privateLink() async throws {
        try await withStage { stage in
            let info = Bencoded.dictionary([
                ("length", 20_000), ("name", .text("secret")), ("piece length", 32_768),
                ("pieces", .bytes([UInt8](repeating: 7, count: 20))), ("private", 1),
            ]).encoded
            let hash = ReferenceSHA1.hex(ReferenceSHA1.hash(info))
            let peer = try MetadataPeer(info, of: hash, blocks: 0)
            let getter = try stage.startPeer(
                "get", ["magnet:?xt=urn:btih:\(hash)"], dir: try stage.folder.folder("get"),
                ["--seed", "--tracker", "127.0.0.1:0", "--peer", "127.0.0.1:\(peer.port)"])
            let port = try #require(try await getter.waitForEvent("tracker").port)
            func waitForLeechers(_ count: Int) async throws -> Bool {
                try await eventually(within: .seconds(20), every: .milliseconds(30)) {
                    HTTPProbe.scrape(hash, port: port)?.leechers == count
                }
            }
            #expect(try await waitForLeechers(1), "it is not on the tracker\n\(getter.log)")
            peer.open()
            try await getter.waitForEvent("notice") { $0.code == "tracker_private" }
            let magnet = try #require(try await getter.waitForEvent("invitation").magnet)
            #expect(!magnet.contains("tr=") && !magnet.contains("x.pe="), "\(magnet)")
            #expect(try await waitForLeechers(0), "it is still on the tracker\n\(getter.log)")
        }
    }

    @Test("--save-torrent names the tracker here, for those who take no links")
    func savedTorrent() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 60_000), announce: ["http://127.0.0.1:9/announce"])
            let out = stage.folder.path("out.torrent")
            let seeder = try stage.startSeed(
                shared.path, dir: shared.folder, ["--tracker", "127.0.0.1:0", "--save-torrent", out])
            let ours = "http://127.0.0.1:\(try #require(try await seeder.waitForEvent("tracker").port))/announce"
            #expect(try await seeder.waitForEvent("invitation").torrent == out)
            let saved = try await seeder.waitForEvent("torrent_saved")
            #expect(saved.path == out && saved.infohash == shared.infoHash)
            #expect(saved.announce == [[ours], ["http://127.0.0.1:9/announce"]])
            let leecher = try stage.startLeech(out, dir: try stage.folder.folder("leech"), ["-e"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0), "\(leecher.log)")
            let again = try await stage.peer("seed", shared.path, "--dir", shared.folder, "--save-torrent", out)
            #expect(again.log.contains("exists already; --overwrite replaces it"), "\(again.log)")
        }
    }

    @Test("A private torrent is saved as it is")
    func savedPrivateTorrent() async throws {
        try await withStage { stage in
            let shared = try stage.share(
                .mixed(bytes: 60_000), announce: ["http://127.0.0.1:9/announce"], isPrivate: true)
            let out = stage.folder.path("out.torrent")
            let seeder = try stage.startSeed(
                shared.path, dir: shared.folder, ["--tracker", "127.0.0.1:0", "--save-torrent", out])
            let saved = try await seeder.waitForEvent("torrent_saved")
            #expect(saved.announce == [["http://127.0.0.1:9/announce"]])
            #expect(try await seeder.waitForEvent("invitation").torrent == nil)
        }
    }

    @Test("Whoever comes to it is told to those who ask no tracker")
    func newcomers() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 400_000))
            let seeder = try stage.startSeed(
                shared.path, dir: shared.folder, ["--tracker", "127.0.0.1:0", "--upload-limit", "1K"])
            let tracker = try #require(try await seeder.waitForEvent("tracker").port)
            let listening = try #require(try await seeder.waitForEvent("listening").port)
            let leecher = try stage.startLeech(
                shared.path, dir: try stage.folder.folder("leech"), ["--peer", "127.0.0.1:\(listening)"])
            try await leecher.waitForEvent("peer") { $0.state == "connected" }
            let callers = LockedList()
            let newcomer = try LoopbackServer { connection in
                if let hello = connection.receiveExactly(68) { callers.append("\(hello.suffix(20))") }
            }
            _ = try HTTPProbe.get(
                "/announce?info_hash=\(HTTPProbe.escaped(shared.infoHash))&peer_id=-XX0001-abcdefghijkl&left=1"
                    + "&port=\(newcomer.port)&uploaded=0&downloaded=0&event=started&compact=1", port: tracker)
            let bothCame = try await eventually(within: .seconds(20), every: .milliseconds(30)) {
                Set(callers.all).count >= 2
            }
            #expect(bothCame, "\(callers.all)\n\(leecher.log)")
        }
    }

    @Test("A private torrent that does not name it is kept from it, and that is said")
    func privateTorrent() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 60_000), isPrivate: true)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--tracker", "127.0.0.1:0"])
            let notice = try await seeder.waitForEvent("notice") { $0.code == "tracker_private" }
            #expect(notice.message?.contains("is private: the tracker here hears of it only if") == true)
        }
    }

    @Test("Everything leaves by the address of --listen")
    func listen() async throws {
        try await withStage { stage in
            let hosts = LockedList()
            let fake = try LoopbackServer { connection in
                hosts.append(connection.remoteHost)
                let head = connection.receiveHead()
                if head.hasPrefix("GET") { connection.send(httpAnswer(Array("d5:peers0:e".utf8))) }
            }
            let shared = try stage.share(
                .mixed(bytes: 60_000), announce: ["http://127.0.0.1:\(fake.port)/announce"])
            let place = ["--listen", "127.0.0.7:0", "--json", "--peer", "127.0.0.1:\(fake.port)", "--peer", "[::1]:9"]
            let leecher = try stage.start(
                Executables.peer, ["leech", shared.path, "--dir", try stage.folder.folder("leech")] + place)
            // The tracker's, and the handshake with the peer.
            let came = try await eventually(within: .seconds(20)) { hosts.all.count >= 2 }
            #expect(came, "\(leecher.log)")
            #expect(Set(hosts.all) == ["127.0.0.7"])
            let notice = try await leecher.waitForEvent("notice") { $0.code == "peer_family" }
            #expect(notice.message?.contains("--listen names 127.0.0.7") == true)
        }
    }
}
