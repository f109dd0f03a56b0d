import ByteStrings
import PeerEvents
import TestSupport
import Testing
import TorrentCore

@testable import PeerRuntime
@testable import TorrentIO

/// A node beside a tracker of its own: which torrents are announced there.
@Suite struct OwnTrackerTests {
    private static func content(
        _ announce: [String], isPrivate: Bool, _ own: OwnTracker?
    ) throws -> TorrentContent {
        let home = try TemporaryFolder()
        let payload = Payload(file: "x", size: 9)
        try payload.write(below: home.path)
        let torrent = try TestTorrent(
            of: payload, at: home.path("x"), pieceLength: 16_384, announce: announce, isPrivate: isPrivate)
        return try TorrentContent(
            Metainfo(parsing: torrent.encoded), folder: ByteString(home.path), role: .seed, ownTracker: own,
            openFiles: OpenFileCache())
    }

    private static let ours = "http://127.0.0.1:7000/announce"

    @Test(
        arguments: [
            ([], false, [ours]), (["http://t.test:7000/announce"], false, [ours, "http://t.test:7000/announce"]),
            // Whoever names it, by whatever name of this machine, is not announced twice.
            ([ours], false, [ours]), (["udp://localhost:7000"], false, ["udp://localhost:7000/"]),
            (["http://127.0.0.2:7000/x"], false, ["http://127.0.0.2:7000/x"]),
            (["http://127.0.0.1:7001/x"], false, [ours, "http://127.0.0.1:7001/x"]),
            ([], true, []), (["http://t.test:7000/announce"], true, ["http://t.test:7000/announce"]),
            ([ours], true, [ours]),
        ] as [([String], Bool, [String])])
    func aTorrentIsAnnouncedThereUnlessItIsPrivate(announce: [String], isPrivate: Bool, asked: [String]) throws {
        let own = OwnTracker([Endpoint(.anyV4, port: 7_000), Endpoint(.anyV6, port: 7_000)], from: nil)
        let content = try Self.content(announce, isPrivate: isPrivate, own)
        #expect(content.trackers.tiers.joined().map(\.description) == asked)
        #expect(content.trackers.isKeptFromOwnTracker == (isPrivate && !asked.contains(Self.ours)))
        #expect(try Self.content(announce, isPrivate: isPrivate, nil).trackers.tiers.joined().count == announce.count)
    }

    @Test func aTrackerThatStandsInSeveralTiersIsAskedOnce() throws {
        let content = try Self.content(
            ["http://a.test/announce", "udp://b.test:1", "HTTP://a.test:80/announce "], isPrivate: false, nil)
        #expect(content.trackers.tiers.map { $0.map(\.host) } == [["a.test"], ["b.test"]])
    }

    @Test(
        arguments: [
            (["0.0.0.0:7", "[::]:7"], nil, "http://127.0.0.1:7/announce"),
            (["0.0.0.0:7", "[::]:7"], "[::1]:9", "http://[::1]:7/announce"),
            (["0.0.0.0:7", "[::]:7"], "[::]:9", "http://127.0.0.1:7/announce"),
            (["192.0.2.1:7"], "0.0.0.0:9", "http://192.0.2.1:7/announce"), (["192.0.2.1:7"], "[::1]:9", nil),
        ] as [([String], String?, String?)])
    func itIsReachedByTheWayThatEverythingGoes(endpoints: [String], listen: String?, url: String?) {
        var options = PeerOptions()
        options.listen = listen.flatMap { Endpoint($0) }
        let own = OwnTracker(endpoints.compactMap { Endpoint($0) }, from: options.source)
        #expect(own?.url.description == url)
    }
}
