import Testing
import TorrentCore

@testable import TrackerEngine

/// What peers of listed torrents are called, from their first announce to their last.
@Suite struct PeerNameTests {
    private let stage = TrackerStage()
    private let torrent: CatalogueTorrent

    init() throws {
        torrent = try CatalogueTests.torrent("listed")
        stage.tracker.catalogue.carryOut(try stage.tracker.plan(torrent, by: nil, at: 5))
    }

    private func announce(
        _ endpoint: String, _ name: String?, left: Int64 = 0, _ event: AnnounceEvent = .none, id: String = "-qB4650-"
    ) throws {
        let infoHash = torrent.infoHash
        try stage.announce(endpoint, left: left, event) { request in
            request.infoHash = infoHash
            request.name = name
            let bytes = Array(id.utf8) + Array("\(endpoint)____________".utf8)
            request.peerID = Bytes20(Array(bytes.prefix(20))).map { PeerID($0) } ?? request.peerID
        }
    }

    private var listed: CatalogueEntry? {
        stage.tracker.catalogue[1].map { entry in
            entry.listed(stage.tracker.sight(of: entry, at: stage.now), announcing: ["http://t/announce"])
        }
    }

    @Test func `a name is listed among those of its kind, and gone with its peer at once`() throws {
        try announce("1.2.3.4:5", "Ada", .started)
        try announce("1.2.3.5:5", "Bob", left: 7)
        #expect(listed?.seeds == ["Ada"] && listed?.others == ["Bob"])
        #expect(listed?.seeders == 1 && listed?.leechers == 1)
        try announce("1.2.3.5:5", "Bob", .completed)
        #expect(listed?.seeds == ["Ada", "Bob"] && listed?.others == [] && listed?.downloads == 1)
        try announce("1.2.3.4:5", "Ada", .stopped)
        #expect(listed?.seeds == ["Bob"] && listed?.seeders == 1)
        #expect(stage.tracker.catalogue.nameCount == 1)
    }

    @Test func `who falls silent is named no longer than it is counted`() throws {
        try announce("1.2.3.4:5", "Ada", .started)
        stage.wait(stage.tracker.policy.peerLifetime - .seconds(120))
        #expect(listed?.seeds == ["Ada"])
        stage.wait(.seconds(300))
        #expect(listed?.seeds == [] && listed?.seeders == 0 && stage.tracker.catalogue.nameCount == 0)
    }

    @Test func `who says no name has that of its program`() throws {
        try announce("1.2.3.4:5", nil)
        try announce("1.2.3.5:5", nil, id: "-XY12A0-")
        try announce("1.2.3.6:5", nil, id: "M7-10-5-")
        try announce("1.2.3.7:5", nil, id: "????????")
        #expect(listed?.seeds == ["qBittorrent 4.6.5", "XY 1.2.10", "Mainline 7.10.5", "?"])
    }

    @Test func `names have a bound, and seeders come before leechers`() throws {
        stage.tracker.catalogue.limits.names = 3
        for port in 1...3 { try announce("1.2.3.4:\(port)", "leecher \(port)", left: 9) }
        try announce("1.2.3.4:4", "leecher 4", left: 9)
        #expect(listed?.others == ["leecher 1", "leecher 2", "leecher 3"])
        try announce("1.2.3.4:5", "seeder", left: 0)
        #expect(listed?.seeds == ["seeder"] && listed?.others.count == 2)
        stage.tracker.catalogue.limits.namesOfAll = 3
        try announce("1.2.3.4:5", nil, .stopped)
        try announce("1.2.3.4:6", "a", left: 9)
        try announce("1.2.3.4:7", "b", left: 9)
        #expect(stage.tracker.catalogue.nameCount == 3)
    }

    @Test func `nothing is noted of torrents that are not listed`() throws {
        try stage.announce("1.2.3.4:5") { $0.name = "Eve" }
        #expect(stage.tracker.catalogue.nameCount == 0)
        _ = stage.tracker.catalogue.withdraw(torrent.infoHash)
        try announce("1.2.3.4:5", "Ada")
        #expect(stage.tracker.catalogue.nameCount == 0 && listed == nil)
    }

    @Test func `where only listed torrents are tracked, others are refused with words that help`() throws {
        stage.tracker.policy.isListedOnly = true
        #expect(throws: TrackerRefusal.notListed) { try stage.announce("1.2.3.4:5") }
        #expect(stage.tracker.torrentCount == 0 && !stage.tracker.serves(TrackerStage.hash(0)))
        try announce("1.2.3.4:5", nil)
        #expect(listed?.seeders == 1 && stage.tracker.serves(torrent.infoHash))
    }

    @Test func `a link names the tracker, but that of a private torrent`() throws {
        #expect(listed?.magnet.hasSuffix("&dn=listed&tr=http%3A%2F%2Ft%2Fannounce") == true)
    }
}
