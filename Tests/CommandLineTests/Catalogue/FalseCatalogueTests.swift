import Synchronization
import TestSupport
import Testing

/// A place that is no catalogue, or one that lies: one line says what is there, and nothing is left behind.
@Suite("Catalogues that lie")
struct FalseCatalogueTests {
    /// What a server says in place of a list.
    enum Lie: String, CaseIterable {
        case webPage, notThere, torrent, broken, otherJSON, huge, endless, circle, toTLS, silent, otherProtocol, short
        case compressed, deep

        var words: String {
            switch self {
            case .webPage: "is no catalogue but a web page; check host and port"
            case .notThere: "nothing is there (404)"
            case .torrent: "is no catalogue but a torrent"
            case .broken: "its list is broken: ends within a value, at byte 13"
            case .otherJSON: "its answer is no catalogue's: \"torrents\" is missing"
            case .huge, .endless: "its answer is longer than 16 MiB"
            case .circle: "it redirects more than 5 times"
            case .toTLS: "https:// needs TLS"
            case .silent: "it closes the connection without an answer"
            case .otherProtocol: "SSH"
            case .short: "its answer ends early"
            case .compressed: "coded in a way that was not asked for"
            case .deep: "nested deeper than 64"
            }
        }

        func tell(_ connection: LoopbackConnection, port: String) {
            let redirect = { (place: String) in
                FalseCatalogue.answer([], status: "302 Found", fields: ["Location: \(place)"])
            }
            let json = { (text: String) in FalseCatalogue.answer(Array(text.utf8)) }
            switch self {
            case .webPage: connection.send(json("\n<!DOCTYPE html><body>hello</body>"))
            case .notThere: connection.send(FalseCatalogue.answer(Array("<html>".utf8), status: "404 Not Found"))
            case .torrent: connection.send(json("d4:infod4:name1:xee"))
            case .broken: connection.send(json("{\"torrents\":["))
            case .otherJSON: connection.send(json("{\"ok\":true}"))
            case .huge: connection.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n{".utf8))
            case .endless:
                connection.send(Array("HTTP/1.1 200 OK\r\n\r\n{\"torrents\":[".utf8))
                while connection.send([UInt8](repeating: 0x20, count: 1 << 20)) {}
            case .circle: connection.send(redirect("/torrents"))
            case .toTLS: connection.send(redirect("https://127.0.0.1/torrents"))
            case .silent: break
            case .otherProtocol: connection.send(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8))
            case .short: connection.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"torrents\"".utf8))
            case .compressed:
                connection.send(FalseCatalogue.answer([0x1F, 0x8B], fields: ["Content-Encoding: gzip"]))
            case .deep: connection.send(json(String(repeating: "[", count: 100_000)))
            }
        }
    }

    @Test("browse and get say what is there in one line", arguments: Lie.allCases)
    func lies(_ lie: Lie) async throws {
        try await withStage { stage in
            let catalogue = try FalseCatalogue { _, connection in lie.tell(connection, port: "") }
            for arguments in [["browse", catalogue.url], ["get", catalogue.url, "1", "-d", "into"]] {
                let process = try await stage.run(Executables.peer, arguments)
                #expect(process.status == .code(lie == .notThere ? 3 : 8), "\(process.log)")
                #expect(process.errorLines.count == 1 && process.lines.isEmpty, "\(process.log)")
                // A torrent's page of nothing is not the list of nothing.
                let isSame = lie != .otherJSON || arguments[0] == "browse"
                #expect(!isSame || process.errorLines.first?.contains(lie.words) == true, "\(process.log)")
                #expect(process.errorLines.first?.contains("127.0.0.1") == true, "\(process.log)")
            }
            #expect(!FileTree.exists(stage.folder.path("into")))
        }
    }

    @Test("A .torrent that is not the one of the list, or is none, is not fetched", arguments: [false, true])
    func wrongTorrent(isPage: Bool) async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 40_000))
            let listed = String(repeating: "ab", count: 20)
            let torrent = isPage ? Array("<html>no</html>".utf8) : try FileTree.read(shared.path)
            let catalogue = try FalseCatalogue(listing: listed, name: "film", torrent: torrent)
            let process = try await stage.peer("get", catalogue.url, "film", "-d", "into")
            #expect(process.status == .code(isPage ? 8 : 4), "\(process.log)")
            let words = isPage ? "a web page" : "it sent the torrent \(shared.infoHash) in place of \(listed)"
            #expect(process.errorLines.count == 1, "\(process.log)")
            #expect(process.errorLines.first?.contains(words) == true, "\(process.log)")
            #expect(!FileTree.exists(stage.folder.path("into")))
        }
    }

    @Test("Names of strangers reach the terminal through the gate")
    func hostileNames() async throws {
        try await withStage { stage in
            let catalogue = try FalseCatalogue(
                listing: String(repeating: "ab", count: 20), name: "\\u001b[2Jx\\u202e\\n", torrent: [])
            let process = try await stage.peer("browse", catalogue.url)
            #expect(process.status == .code(0), "\(process.log)")
            #expect(process.lines.count == 4, "\(process.log)")
            #expect(process.lines.dropFirst().first?.contains("\\x1b[2Jx\\u{202e}\\n") == true, "\(process.log)")
            #expect(!process.bytes.contains(0x1B))
        }
    }

    @Test(
        "Numbers at the ends of 64 bits are shown, and nothing more",
        arguments: ["9223372036854775807", "-9223372036854775808"])
    func hostileNumbers(number: String) async throws {
        try await withStage { stage in
            let keys = ["files", "seeders", "leechers", "downloads", "added"].map { "\"\($0)\":\(number)" }
            let hash = String(repeating: "ab", count: 20)
            let isPositive = !number.hasPrefix("-")
            let entry =
                "{\"number\":\(isPositive ? number : "1"),\"infohash\":\"\(hash)\",\"name\":\"x\","
                + "\"length\":\(isPositive ? number : "0"),\(keys.joined(separator: ","))}"
            let counts = ["offset", "limit", "changes"].map { "\"\($0)\":\(number)" }.joined(separator: ",")
            let page = "{\"torrents\":[\(entry)],\"total\":1,\(counts)}"
            let catalogue = try FalseCatalogue(FalseCatalogue.answer(Array(page.utf8)))
            for options in [[], ["--json"], ["--sort", "age"]] {
                let process = try await stage.run(Executables.peer, ["browse", catalogue.url] + options)
                #expect(process.status == .code(0), "\(process.log)")
                #expect(process.lines.count == (options == ["--json"] ? 1 : 4), "\(process.log)")
            }
        }
    }

    @Test(
        "The host's name goes to a site whose catalogue has the torrent, not to any that has a .torrent",
        arguments: [false, true])
    func hostName(isCatalogue: Bool) async throws {
        try await withStage { stage in
            let payload = Payload(file: "film", size: 40_000)
            let content = try payload.write(below: try stage.folder.folder("seed"))
            let torrent = Mutex((bytes: [UInt8](), infoHash: ""))
            let announce = Mutex<String?>(nil)
            let site = try FalseCatalogue { target, connection in
                let (bytes, infoHash) = torrent.withLock(\.self)
                let entry = "{\"number\":1,\"infohash\":\"\(infoHash)\",\"name\":\"film\",\"length\":40000}"
                if target.hasPrefix("/announce") {
                    announce.withLock { $0 = $0 ?? target }
                    connection.send(FalseCatalogue.answer(Array("d8:intervali1800e5:peers0:e".utf8)))
                } else if target.hasSuffix(".torrent") {
                    connection.send(FalseCatalogue.answer(bytes))
                } else {
                    let status = isCatalogue ? "200 OK" : "404 Not Found"
                    connection.send(FalseCatalogue.answer(Array(isCatalogue ? entry.utf8 : "{}".utf8), status: status))
                }
            }
            let made = try TestTorrent(
                of: payload, at: content, pieceLength: 32 << 10, announce: ["\(site.url)/announce"], isPrivate: false)
            let path = try made.write(to: stage.folder.path("film.torrent"))
            let file = try FileTree.read(path)
            torrent.withLock { $0 = (file, made.infoHash) }
            _ = try stage.startPeer("get", ["\(site.url)/film.torrent"], dir: stage.folder.path("seed"), ["--seed"])
            let isHeard = try await eventually(within: .seconds(20), every: .milliseconds(30)) {
                announce.withLock { $0 != nil }
            }
            #expect(isHeard)
            #expect(announce.withLock { $0?.contains("name=") } == isCatalogue, "\(announce.withLock { $0 ?? "" })")
        }
    }

    @Test("show --json of a URL has the torrent as it came, byte for byte")
    func asItCame() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 40_000))
            // A member that we do not know.
            let bytes = try FileTree.read(shared.path).dropLast() + Array("2:zzi7ee".utf8)
            try FileTree.write(Array(bytes), to: stage.folder.path("odd.torrent"))
            let site = try FalseCatalogue(FalseCatalogue.answer(Array(bytes)))
            let near = try await stage.peer("show", "odd.torrent", "--json")
            let far = try await stage.peer("show", "\(site.url)/odd.torrent", "--json")
            #expect(near.lines.first?.contains("\"zz\":7") == true, "\(near.log)")
            #expect(far.lines == near.lines, "\(far.log)")
        }
    }

    @Test("A URL of something else says what it is", arguments: [false, true])
    func otherURLs(isTracker: Bool) async throws {
        try await withStage { stage in
            let body = isTracker ? "d14:failure reason3:no.e" : "<html>a page</html>"
            let catalogue = try FalseCatalogue(FalseCatalogue.answer(Array(body.utf8)))
            let process = try await stage.peer("get", "\(catalogue.url)/x.torrent", "-d", "into")
            #expect(process.status == .code(4), "\(process.log)")
            let words = isTracker ? "is what a tracker says to peers" : "is a web page, not a torrent"
            #expect(process.errorLines.first?.contains("/x.torrent \(words)") == true, "\(process.log)")
        }
    }

    @Test("Where nobody listens it is said, and https says what is missing")
    func nobody() async throws {
        try await withStage { stage in
            let port = try LoopbackServer.freePort()
            let refused = try await stage.peer("browse", "127.0.0.1:\(port)")
            #expect(refused.status == .code(8), "\(refused.log)")
            #expect(refused.errorLines == ["p2p-peer: error: http://127.0.0.1:\(port): connection refused"])
            let secret = try await stage.peer("get", "https://example.org/x.torrent")
            #expect(secret.status == .code(2), "\(secret.log)")
            let advice = "fetch the .torrent first with curl: no TLS here"
            #expect(secret.errorLines.first?.contains(advice) == true, "\(secret.log)")
            for arguments in [["browse", "https://example.org"], ["unpublish", "3", "--to", "https://example.org"]] {
                let process = try await stage.run(Executables.peer, arguments)
                #expect(process.status == .code(2), "\(process.log)")
                let words = "ask the tracker at http://HOST:PORT: no TLS here"
                #expect(process.errorLines.first?.contains(words) == true, "\(process.log)")
            }
            let none = try await stage.peer("publish", "x")
            #expect(none.status == .code(2) && none.errorLines.first?.contains("--to is missing") == true)
            let surplus = try await stage.peer("get", "magnet:?xt=urn:btih:\(String(repeating: "ab", count: 20))", "2")
            #expect(surplus.status == .code(2), "\(surplus.log)")
        }
    }
}
