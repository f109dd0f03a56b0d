import ByteStrings
import TestSupport
import Testing
import TorrentCore
import TrackerEngine
import TrackerRuntime

/// The catalogue on disk: what is there after a restart, and what becomes of it where the disk does not do its part.
@Suite struct CatalogueKeepingTests {
    private let folder: TemporaryFolder
    private let warnings = Recorder<TrackerWarning>()

    init() throws { folder = try TemporaryFolder() }

    private func start(_ change: (inout TrackerConfiguration) -> Void = { _ in }) throws -> TrackerFixture {
        try TrackerFixture { configuration in
            configuration.stateFile = ByteString(folder.path("state"))
            configuration.onWarning = { [warnings] in warnings.add($0) }
            change(&configuration)
        }
    }

    private func publish(_ name: ByteString, to fixture: TrackerFixture) throws -> (status: Int, body: String) {
        try fixture.send("POST /torrents", body: SampleTorrent(name).made.file)
    }

    @Test func `a torrent that the disk does not take costs none of those that were to make room`() throws {
        let fixture = try start { $0.catalogue.limits.torrents = 1 }
        #expect(try publish("a", to: fixture).status == 201)
        let kept = try folder.files("state.torrents")
        // As good as a full disk: what has to be written first cannot be.
        let next = folder.path("state.torrents/next")
        try folder.write("aside", FileTree.read(next))
        try folder.remove("state.torrents/next")
        try folder.folder("state.torrents/next")
        let refused = try publish("b", to: fixture)
        #expect(refused.status == 507 && refused.body.hasSuffix("\"code\":\"not_stored\"}"), "\(refused)")
        let list = try fixture.fetch("/torrents").body
        #expect(list.contains("\"name\":\"a\"") && list.contains("\"total\":1") && list.contains("\"changes\":1"))
        try folder.remove("state.torrents/next")
        try FileTree.write(folder.read("aside"), to: next)
        #expect(try folder.files("state.torrents") == kept)
        // The number may have been on the disk.
        #expect(try publish("b", to: fixture).body.hasPrefix("{\"number\":3,"))
        #expect(try fixture.fetch("/torrents").body.contains("\"total\":1"))
        #expect(warnings.all.isEmpty)
    }

    @Test func `what somebody has put in a torrent's place stays, and is told of`() throws {
        let fixture = try start()
        for name in ["a", "b"] as [ByteString] { _ = try publish(name, to: fixture) }
        let hashes = try ["a", "b"].map { try SampleTorrent(ByteString($0)).made.infoHash }
        let (mine, path) = (Array("mine".utf8), folder.path("state.torrents/1-\(hashes[0]).torrent"))
        try FileTree.write(mine, to: path)
        try folder.remove("state.torrents/2-\(hashes[1]).torrent")
        for number in 1...2 { #expect(try fixture.send("DELETE /torrents/\(number)", "").status == 204) }
        #expect(try FileTree.read(path) == mine)
        // Of one that is gone already nobody needs to hear.
        #expect(warnings.all.count == 1)
        guard case .catalogueNotWritten(_, let reason)? = warnings.all.first else {
            Issue.record("\(warnings.all)")
            return
        }
        #expect(reason == "1-\(hashes[0]).torrent is something else by now, and stays")
    }

    @Test func `where all may publish, each has his own after a restart, too`() throws {
        func open(_ configuration: inout TrackerConfiguration) {
            configuration.catalogue.isOpen = true
            configuration.catalogue.limits.torrentsPerAddress = 2
            configuration.trustedProxies = [.loopbackV4]
        }
        let (ada, bob) = ("X-Forwarded-For: 1.2.3.4\r\n", "X-Forwarded-For: 2001:db8::7\r\n")
        func publish(_ name: ByteString, by field: String, to fixture: TrackerFixture) throws -> Int {
            let file = try SampleTorrent(name).made.file
            return try fixture.send("POST /torrents", TrackerFixture.torrentType + field, body: file).status
        }
        do {
            let fixture = try start(open)
            for (name, field) in [("a", ada), ("b", ada), ("c", bob)] as [(ByteString, String)] {
                #expect(try publish(name, by: field, to: fixture) == 201)
            }
            fixture.server.stop()
        }
        #expect(try folder.files("state.torrents").filter { $0.hasSuffix("-01020304.torrent") }.count == 2)
        let fixture = try start(open)
        #expect(try publish("d", by: ada, to: fixture) == 507)
        #expect(try fixture.send("DELETE /torrents/1", bob).status == 403)
        #expect(try fixture.send("DELETE /torrents/1", ada).status == 204)
        #expect(try fixture.send("DELETE /torrents/3", "X-Forwarded-For: 2001:db8::8\r\n").status == 204)
        #expect(try publish("d", by: ada, to: fixture) == 201)
        #expect(try folder.files("state.torrents").count == 3 && warnings.all.isEmpty)
    }

    @Test func `numbers that nobody can hold are none, and the highest is the last`() throws {
        let (file, infoHash) = try SampleTorrent("a").made
        func put(_ name: String, _ bytes: [UInt8]) throws {
            try FileTree.write(bytes, to: folder.path("state.torrents/\(name)"))
        }
        let strange = ["\(Int.max)", "\(Catalogue.mostNumber)", "99999999999999999999", "0", "-1", "01"]
        for number in strange { try put("\(number)-\(infoHash).torrent", file) }
        try put("1-\(infoHash)-0102.torrent", file)
        try put("1-\(infoHash)-.torrent", file)
        try put("\(Catalogue.mostNumber - 1)-\(infoHash).torrent", file)
        do {
            let fixture = try start()
            #expect(try fixture.fetch("/torrents").body.contains("\"total\":1"))
            guard case .catalogueForeign(_, let count, _)? = warnings.all.first else {
                Issue.record("\(warnings.all)")
                return
            }
            #expect(count == strange.count + 2)
            #expect(try publish("b", to: fixture).status == 507)
            fixture.server.stop()
        }
        for number in ["\(Int.max)", "\(Catalogue.mostNumber + 1)", "0"] {
            try put("next", Array("p2p-tracker catalogue 1\n\(number)\n".utf8))
            #expect(throws: TrackerServerError.self, "\(number)") { try start() }
        }
        try put("next", Array("p2p-tracker catalogue 1\n\(Catalogue.mostNumber)\n".utf8))
        #expect(try publish("b", to: start()).status == 507)
    }
}

extension TemporaryFolder {
    fileprivate func files(_ name: String) throws -> [String] { FileTree.files(below: path(name)) }
}
