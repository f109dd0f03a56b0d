import TestSupport
import Testing

/// A catalogue as people use it: put in, look, fetch, take out.
@Suite("A tracker's catalogue by its commands")
struct CatalogueTests {
    @Test("A folder is published, listed, fetched by number and by URL, and taken out")
    func walk() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let url = "http://127.0.0.1:\(tracker.port)"
            let empty = try await stage.peer("browse", url)
            #expect(empty.lines == ["\(url) has nothing to offer yet."], "\(empty.log)")

            let payload = Payload.mixed(name: "holiday", bytes: 60_000)
            let source = try stage.folder.folder("source")
            let content = try payload.write(below: source)
            let published = try await stage.peer("publish", content, "--to", url)
            #expect(published.status == .code(0), "\(published.log)")
            #expect(published.lines.first == "holiday is number 1 at \(url)", "\(published.log)")
            #expect(published.lines.contains { $0.hasSuffix("p2p-peer get \(url) 1") }, "\(published.log)")
            let again = try await stage.peer("publish", content, "--to", url, "--json")
            #expect(again.lines.first?.contains("\"new\":false") == true, "\(again.log)")

            let seeder = try stage.startPeer("get", [url, "1"], dir: source, ["--seed", "--name", "Zoë"])
            _ = try await seeder.waitForEvent("seeding")
            let isListed = try await eventually(within: .seconds(20), every: .milliseconds(100)) {
                try await stage.peer("browse", url).lines.contains { $0.contains("holiday") && $0.contains("1 Zoë") }
            }
            #expect(isListed)
            let list = try await stage.peer("browse", "127.0.0.1:\(tracker.port)", "--json")
            #expect(list.lines.count == 1 && list.lines[0].contains("\"seeds\":[\"Zoë\"]"), "\(list.log)")

            for (number, what) in [[url, "1"], [url, "holiday"], ["\(url)/holiday"]].enumerated() {
                let folder = "got \(number)"
                let getter = try await stage.run(
                    Executables.peer, ["get"] + what + ["-d", folder, "--listen", "127.0.0.1:0"])
                #expect(getter.status == .code(0), "\(getter.log)")
                #expect(getter.lines.last == "\(folder)/holiday", "\(getter.log)")
                let path = stage.folder.path("\(folder)/holiday")
                #expect(try FileTree.differences(path, from: content, exactly: true) == [])
            }

            let gone = try await stage.peer("unpublish", "holiday", "--to", url)
            #expect(gone.lines == ["holiday, number 1, is no longer offered at \(url)"], "\(gone.log)")
            let missing = try await stage.peer("get", url, "1")
            #expect(missing.status == .code(3), "\(missing.log)")
        }
    }

    @Test("With the URL alone it shows the list, and takes a line", arguments: [nil, "1\n", "film\n", "7\n"])
    func asks(typed: String?) async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 40_000))
            let catalogue = try FalseCatalogue(
                listing: shared.infoHash, name: "film", torrent: try FileTree.read(shared.path))
            let input = stage.folder.path("typed")
            try FileTree.write(Array((typed ?? "").utf8), to: input)
            // Content that is there already: nobody else is needed.
            let process = try await stage.peer(
                "get", catalogue.url, "-d", shared.folder, "--listen", "127.0.0.1:0", inputFile: input)
            #expect(
                process.errorLines.contains { $0.contains("film") && $0.contains("39.1 KiB") || $0.contains("5 B") })
            if let typed {
                // The stand-in gives its one torrent whatever is asked for.
                #expect(process.status == .code(0), "\(typed) \(process.log)")
                #expect(process.lines.last == "\(shared.folder)/film", "\(process.log)")
            } else {
                #expect(process.status == .code(2), "\(process.log)")
                let step = "none was picked: p2p-peer get \(catalogue.url) NUMBER"
                #expect(process.errorLines.last == "p2p-peer: error: \(step)", "\(process.log)")
            }
        }
    }

    @Test("An info hash is a link: in hexadecimal digits, and in base 32", arguments: [false, true])
    func infoHash(isBase32: Bool) async throws {
        try await withStage { stage in
            let hash = isBase32 ? String(repeating: "VOV2XK5L", count: 4) : String(repeating: "ab", count: 20)
            let process = try await stage.peer("show", hash, "--json")
            #expect(process.status == .code(0), "\(process.log)")
            let wanted = String(repeating: "ab", count: 20)
            #expect(process.lines.first?.contains("\"infohash\":\"\(wanted)\"") == true, "\(process.log)")
        }
    }

    @Test("A token from a file or the environment is sent; a refusal says what to do", arguments: [false, true])
    func token(isInFile: Bool) async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 40_000))
            let entry = "{\"number\":4,\"infohash\":\"\(shared.infoHash)\",\"name\":\"film\",\"length\":40000}"
            let server = try LoopbackServer { connection in
                let head = connection.receiveHead()
                let isList = head.hasPrefix("GET")
                let isRight =
                    head.contains("Authorization: Bearer open-sesame\r\n")
                    && head.contains("Content-Type: application/x-bittorrent\r\n")
                let refusal = "{\"error\":\"no\",\"code\":\"not_allowed\"}"
                let body = isList ? "{\"torrents\":[],\"total\":0}" : isRight ? entry : refusal
                let status = isList ? "200 OK" : isRight ? "201 Created" : "403 Forbidden"
                // All of the request is read first: a reset would take the answer away.
                let length = head.lowercased().firstRange(of: "content-length: ").map { head[$0.upperBound...] }
                _ = connection.receiveExactly(length.flatMap { Int($0.prefix(while: \.isNumber)) } ?? 0)
                connection.send(FalseCatalogue.answer(Array(body.utf8), status: status))
            }
            let url = "http://127.0.0.1:\(server.port)"
            try FileTree.write(Array("open-sesame\n".utf8), to: stage.folder.path("token"))
            let allowed = try await stage.run(
                Executables.peer, ["publish", shared.path, "--to", url] + (isInFile ? ["--token-file", "token"] : []),
                environment: isInFile ? [:] : ["P2P_PUBLISH_TOKEN": "open-sesame"])
            #expect(allowed.status == .code(0), "\(allowed.log)")
            #expect(allowed.lines.first == "film is number 4 at \(url)", "\(allowed.log)")
            let refused = try await stage.peer("publish", shared.path, "--to", url)
            #expect(refused.status == .code(1), "\(refused.log)")
            #expect(refused.errorLines.first?.contains("holders of its token may; --token-file FILE") == true)
        }
    }
}
