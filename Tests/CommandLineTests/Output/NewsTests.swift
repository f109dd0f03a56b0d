import Foundation
import Synchronization
import TestSupport
import Testing

/// What `-v`, `-vv` and `--json` say of peers and trackers: nobody has to guess why something moves or does not.
@Suite("What is said of peers and trackers")
struct NewsTests {
    @Test("-v says who comes, who may ask and who leaves, and what the tracker answered, each with its time")
    func verbose() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(Payload(file: "film", size: 100_000), announce: [tracker.announce])
            let seeder = try stage.start(
                Executables.peer,
                ["seed", shared.path, "--dir", shared.folder, "--listen", "127.0.0.1:0", "-v"])
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            let leecher = try await stage.run(
                Executables.peer,
                ["leech", shared.path, "--dir", stage.folder.path("got"), "--listen", "127.0.0.1:0", "-e", "-v"])
            #expect(leecher.status == .code(0), "\(leecher.log)")
            let words = [
                "tracker \(tracker.announce) is asked (started)", "names 1 peer of 1 seed and 1 leecher",
                " is connected, named by a tracker", "(p2p-peer ", " lets us ask",
            ]
            for word in words { #expect(leecher.errorLines.contains { $0.contains(word) }, "\(word) \(leecher.log)") }
            let isLogged = { (line: String) in line.firstMatch(of: #/^[0-2]\d:[0-5]\d:[0-6]\d  /#) != nil }
            #expect(leecher.errorLines.filter { $0.contains("peer 127.0.0.1:") }.allSatisfy(isLogged))
            // Messages are for -vv.
            #expect(!leecher.errorLines.contains { $0.contains(" we ask for ") })
            // Whoever has everything is left by a seed as well: either may close first.
            let reasons = ["it closed the connection", "neither has anything for the other"]
            let isGone = try await eventually(within: .seconds(60)) {
                seeder.errorLines.contains { $0.contains(" has connected") }
                    && seeder.errorLines.contains { line in reasons.contains { line.hasSuffix(" is gone: \($0)") } }
            }
            #expect(isGone, "\(seeder.log)")
        }
    }

    @Test("-vv says each message in words, and without it none is said")
    func everyMessage() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 20_000), pieceLength: 16 << 10)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let port = try await seeder.listeningPort()
            let leecher = try await stage.run(
                Executables.peer,
                [
                    "leech", shared.path, "--dir", stage.folder.path("got"), "--listen", "127.0.0.1:0", "-e", "-vv",
                    "--peer", "127.0.0.1:\(port)",
                ])
            #expect(leecher.status == .code(0), "\(leecher.log)")
            let words = [
                "to 127.0.0.1:\(port): we ask for piece 1, block 0 (3.5 KiB)",
                "from 127.0.0.1:\(port): it sends piece 1, block 0 (3.5 KiB)",
                "to 127.0.0.1:\(port): we are interested: it has pieces that we lack",
                "from 127.0.0.1:\(port): it has every piece",
            ]
            for word in words { #expect(leecher.errorLines.contains { $0.hasSuffix(word) }, "\(word) \(leecher.log)") }
        }
    }

    @Test("-vv says what a peer says within seconds, though nothing else happens")
    func messageInQuiet() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 20_000), pieceLength: 16 << 10)
            let have = ScriptedPeer.message(4, ScriptedPeer.word(0))
            let isSeen = DispatchSemaphore(value: 0)
            let peer = try LoopbackServer { connection in
                guard connection.receiveExactly(68) != nil else { return }
                connection.send(ScriptedPeer.handshake(shared.infoHash) + have)
                // Until whatever follows from that has been told, and nothing moves any more.
                sleep(5)
                connection.send(have)
                // That it leaves would be told, and what it said before with it.
                _ = isSeen.wait(timeout: .now() + 60)
            }
            defer { isSeen.signal() }
            let leecher = try stage.start(
                Executables.peer,
                [
                    "leech", shared.path, "--dir", stage.folder.path("got"), "--listen", "127.0.0.1:0", "-vv",
                    "--peer", "127.0.0.1:\(peer.port)",
                ])
            let line = "from 127.0.0.1:\(peer.port): it has piece 0 now"
            let isSaid = try await eventually(within: .seconds(45)) {
                leecher.errorLines.count { $0.hasSuffix(line) } == 2
            }
            #expect(isSaid, "\(leecher.log)")
        }
    }

    @Test("--json has an event for each peer that comes and goes and each answer of a tracker, and a time in all")
    func objects() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(Payload(file: "film", size: 100_000), announce: [tracker.announce])
            let began = Date().timeIntervalSince1970
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let port = try await seeder.listeningPort()
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            let target = try stage.folder.folder("got")
            let leecher = try stage.startLeech(shared.path, dir: target)
            let answer = try await leecher.waitForEvent("tracker") { $0.state == "answered" }
            #expect(answer.url == tracker.announce && answer.peers == 1 && answer.infohash == shared.infoHash)
            let peer = try await leecher.waitForEvent("peer") { $0.state == "connected" }
            #expect(peer.address == "127.0.0.1" && peer.port == port && peer.incoming == false)
            #expect(peer.source == "tracker")
            let complete = try await leecher.waitForEvent("complete")
            let real = try #require(realpath(target, nil).map { String(cString: $0) })
            #expect(complete.path == "\(real)/film")
            _ = try await seeder.interrupt()
            let left = try await leecher.waitForEvent("peer") { $0.state == "left" }
            #expect(left.reason?.isEmpty == false)
            let times = leecher.events.map { $0.time ?? 0 }
            #expect(times.allSatisfy { $0 >= began - 1 && $0 <= Date().timeIntervalSince1970 + 1 })
            // Who may ask whom changes all the time, and is for -v.
            #expect(!leecher.events.contains { $0.state == "unchokes_us" })
        }
    }

    @Test("--json counts peers by where they came from")
    func sources() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(Payload(file: "film", size: 2_000_000), announce: [tracker.announce])
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--upload-limit", "100K"])
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            let leecher = try stage.startLeech(shared.path, dir: try stage.folder.folder("got"))
            let progress = try await leecher.waitForEvent("progress") { $0.peers == 1 }
            #expect(progress.sources == ["tracker": 1, "exchange": 0, "dht": 0, "lan": 0, "incoming": 0, "named": 0])
            let given = try await seeder.waitForEvent("progress") { $0.peers == 1 }
            #expect(given.sources?["incoming"] == 1)
            _ = try await leecher.interrupt()
        }
    }

    @Test("-v says pieces with a wrong hash, and with --json who may ask")
    func verboseObjects() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 100_000))
            let liar = try LoopbackServer { ScriptedPeer.lie($0, shared.infoHash, pieces: 4) }
            let options = ["--peer", "127.0.0.1:\(liar.port)", "-v"]
            let leecher = try stage.startLeech(shared.path, dir: try stage.folder.folder("got"), options)
            try await leecher.waitForEvent("peer") { $0.state == "unchokes_us" && $0.port == liar.port }
            let rejected = try await leecher.waitForEvent("notice") { $0.code == "piece_rejected" }
            #expect(rejected.message?.contains("wrong hash") == true)
            #expect(try await leecher.interrupt() == .code(7))
        }
    }

    @Test("A name of several addresses is reached if one of them is")
    func severalAddresses() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 100_000))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let port = try await seeder.listeningPort()
            // Before that it takes nobody.
            try await seeder.waitForEvent("seeding")
            // Where localhost has two addresses, one of them refuses.
            let leecher = try stage.startLeech(
                shared.path, dir: try stage.folder.folder("got"), ["--peer", "localhost:\(port)"])
            try await leecher.waitForEvent("complete")
            #expect(!leecher.events.contains { $0.code == "peer_unreachable" }, "\(leecher.log)")
        }
    }

    @Test("A peer that was named and hangs up each time is said once, and is why nothing moves")
    func doesNotStay() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 20_000))
            let rounds = Mutex(0)
            let hasty = try LoopbackServer { connection in
                guard connection.receiveExactly(68) != nil else { return }
                connection.send(ScriptedPeer.handshake(shared.infoHash))
                rounds.withLock { $0 += 1 }
            }
            let leecher = try stage.startLeech(
                shared.path, dir: try stage.folder.folder("got"), ["--peer", "127.0.0.1:\(hasty.port)"])
            try await leecher.waitForEvent("progress") { $0.waiting == "nobody_stays" }
            #expect(try await eventually(within: .seconds(30)) { rounds.withLock(\.self) >= 3 })
            #expect(try await leecher.interrupt() == .code(7))
            let said = leecher.events.filter { $0.code == "peer_lost" }.map { $0.message ?? "" }
            #expect(said == ["peer 127.0.0.1:\(hasty.port): it closed the connection; trying again"])
            #expect(leecher.events.count { $0.code == "no_peers" } <= 1, "\(leecher.log)")
            // Not even before it was tried.
            #expect(!leecher.events.contains { $0.waiting == "nobody_reached" }, "\(leecher.log)")
        }
    }

    @Test("A peer that was named and refuses, hangs up, speaks something else or has another torrent is said at once")
    func unreachable() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 20_000))
            let deaf = try LoopbackServer { _ in }
            let web = try LoopbackServer { $0.send(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)) }
            let stranger = try LoopbackServer { connection in
                connection.send(ScriptedPeer.handshake(String(repeating: "ab", count: 20)))
                while !connection.receive().isEmpty {}
            }
            let gone = try LoopbackServer.freePort()
            let named = [gone] + [deaf, web, stranger].map(\.port)
            let leecher = try stage.startLeech(
                shared.path, dir: stage.folder.path("got"), named.flatMap { ["--peer", "127.0.0.1:\($0)"] })
            let words = ["connection refused", "may require encryption", "is not BitTorrent", "another torrent"]
            for (port, words) in zip(named, words) {
                let notice = try await leecher.waitForEvent("notice") {
                    $0.code == "peer_unreachable" && $0.message?.contains(":\(port): ") == true
                }
                #expect(notice.message?.contains(words) == true, "\(notice.message ?? "")")
                try await leecher.waitForEvent("peer") { $0.port == port && $0.state == "failed" }
            }
            #expect(try await leecher.interrupt() == .code(7))
        }
    }
}
