import ByteStrings
import Testing
import TorrentCore
import TrackerRuntime

/// What the catalogue of a tracker gives over HTTP.
@Suite struct CatalogueHTTPTests {
    @Test func `what is published in process is listed and given, with the tracker as it was reached`() throws {
        let fixture = try TrackerFixture()
        let (file, infoHash) = try SampleTorrent("Ice and fire.txt").made
        let entry = try fixture.server.publish(file)
        #expect(entry.number == 1 && entry.infoHash == infoHash && entry.name == "Ice and fire.txt")
        let list = try fixture.fetch("/torrents")
        #expect(list.status == 200)
        #expect(list.body.contains("\"number\":1,\"infohash\":\"\(infoHash)\",\"name\":\"Ice and fire.txt\""))
        #expect(list.body.hasSuffix(#""total":1,"offset":0,"limit":100,"changes":1}"#))
        for path in ["/torrents/1.torrent", "/torrents/\(infoHash).torrent", "/Ice%20and%20fire.txt"] {
            let socket = try BlockingSocket(connectingTo: fixture.endpoint)
            try socket.send("GET \(path) HTTP/1.1\r\nHost: tracker.example:8080\r\n\r\n")
            let given = try Metainfo(parsing: socket.receiveAnswer().body)
            #expect(given.infoHash == infoHash)
            #expect(given.trackerTiers == [["http://tracker.example:8080/announce"]])
        }
        #expect(fixture.server.withdraw(infoHash))
        #expect(try fixture.fetch("/torrents/1.torrent").status == 404)
        #expect(try fixture.fetch("/Ice%20and%20fire.txt").status == 404)
    }
}
