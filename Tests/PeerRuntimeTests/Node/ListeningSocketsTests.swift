import ByteStrings
import PeerEvents
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

/// One port number for TCP and UDP.
@Suite struct ListeningSocketsTests {
    @Test(arguments: [Endpoint(.loopbackV4, port: 0), Endpoint(.loopbackV6, port: 0), Endpoint(.anyV4, port: 0), nil])
    func theNumberIsOne(wanted: Endpoint?) throws {
        let sockets = try ListeningSockets(at: wanted)
        #expect(sockets.port != 0 && !sockets.isApart)
        let families = sockets.datagrams.map(\.endpoint.address.isV4)
        #expect(Set(families).count == families.count && sockets.datagrams.first?.endpoint.port == sockets.port)
        if let address = wanted?.address, !address.isUnspecified {
            #expect(sockets.datagrams.map(\.endpoint.address) == [address])
        }
    }

    @Test func aPortOfTheUserThatIsTakenForUDPAloneIsUsedAndSaid() throws {
        let other = try UDPSocket(Endpoint(.loopbackV4, port: UInt16(LoopbackServer.freePort())))
        let sockets = try ListeningSockets(at: other.endpoint)
        #expect(sockets.port == other.endpoint.port && sockets.isApart)
        #expect(sockets.datagrams.map(\.endpoint.address) == [.loopbackV4])
        #expect(sockets.datagrams[0].endpoint.port != other.endpoint.port)
        for (url, isSaid) in [("udp://127.0.0.1:1/announce", true), ("http://127.0.0.1:1/announce", false)] {
            let home = try TemporaryFolder()
            let content = try Self.content(home, url)
            #expect((sockets.remark(on: content.trackers) != nil) == isSaid)
        }
    }

    @Test func aPortThatIsTakenForTCPFails() throws {
        let other = try TCPListener(Endpoint(.loopbackV4, port: 0))
        let failure = #expect(throws: PeerFailure.self) { try ListeningSockets(at: other.endpoint) }
        #expect(failure?.message.hasSuffix("choose another with --listen, or leave it out") == true)
    }

    private static func content(_ home: TemporaryFolder, _ url: String) throws -> TorrentContent {
        try FileTree.write([1, 2, 3], to: home.path("payload"))
        let torrent = try TestTorrent(
            of: Payload(file: "payload", size: 3), at: home.path("payload"), pieceLength: 16_384, announce: [url])
        return try TorrentContent(
            Metainfo(parsing: torrent.encoded), folder: ByteString(home.path("target")), role: .leech,
            openFiles: OpenFileCache())
    }
}
