import ByteStrings
import Foundation
import Synchronization
import TestSupport
import Testing
import TorrentCore
import TrackerEngine

@testable import TrackerRuntime

/// The catalogue with much to do: slow readers, changes that wait, and the end of the tracker.
@Suite struct CatalogueLoadTests {
    @Test func `who ends the tracker does not wait for what others have queued`() async throws {
        let statuses = Recorder<Int>()
        let fixture = try TrackerFixture {
            $0.onRequest = { if case .page(_, let status) = $0.outcome { statuses.add(status) } }
        }
        let worker = fixture.server.shared.catalogueWorker
        let files = try ["a", "b", "c"].map { try SampleTorrent(ByteString($0)).made.file }
        _ = try fixture.server.publish(files[0])
        let (goOn, isStopped) = (DispatchSemaphore(value: 0), Recorder<Bool>())
        let isBusy = Recorder<Bool>()
        Thread.detachNewThread {
            worker.sync {
                isBusy.add(true)
                goOn.wait()
            }
        }
        #expect(try await eventually(within: .seconds(10)) { !isBusy.all.isEmpty })
        var waiting = try files.dropFirst().map { try fixture.begin("POST /torrents", body: $0) }
        waiting.append(try fixture.begin("DELETE /torrents/1", ""))
        #expect(try await eventually(within: .seconds(10)) { worker.waitingCount == 3 })
        Thread.detachNewThread { [server = fixture.server] in
            server.stop()
            isStopped.add(true)
        }
        #expect(try await eventually(within: .seconds(10)) { worker.isStopping })
        // Who comes now hears it at once.
        let late = try fixture.send("POST /torrents", body: files[1])
        #expect(late.status == 503 && late.body.contains("is being stopped"), "\(late)")
        #expect(isStopped.all.isEmpty)
        goOn.signal()
        for socket in waiting {
            let answer = try socket.receiveAnswer()
            #expect(answer.head?.status == 503 && String(decoding: answer.body, as: UTF8.self).contains("busy"))
        }
        #expect(try await eventually(within: .seconds(10)) { !isStopped.all.isEmpty })
        #expect(statuses.all == [503, 503, 503, 503] && worker.waitingCount == 0)
        #expect(fixture.server.shared.tracker.withLock { $0.catalogue.entries.map(\.number) } == [1])
    }

    @Test func `changes wait within bounds, and those that bring nothing count as well`() {
        let room = WaitingRoom(count: 2, bytes: 10)
        #expect(room.enter(10) && !room.enter(1) && room.enter(0) && !room.enter(0))
        room.leave(10)
        #expect(room.enter(9) && room.count == 2)
        room.leave(0)
        #expect(!room.enter(2) && room.enter(1))
    }

    @Test func `where slow readers have the room, a long list is refused and the rest is given`() throws {
        let fixture = try TrackerFixture { $0.limits.answerBytes = 1 << 20 }
        for number in 0..<100 {
            let name = ByteString("\(number) " + String(repeating: "long ", count: 40))
            _ = try fixture.server.publish(SampleTorrent(name).made.file)
        }
        let list = try fixture.fetch("/torrents")
        #expect(list.status == 200 && list.body.utf8.count > 65_536)
        // The room is back each time.
        for _ in 0..<40 { #expect(try fixture.fetch("/torrents").status == 200) }
        let room = fixture.server.shared.answersWaiting
        #expect(room.count == 0 && room.enter((1 << 20) - 1_000))
        for path in ["/torrents", "/"] {
            let socket = try BlockingSocket(connectingTo: fixture.endpoint)
            try socket.send(TrackerFixture.get(path, "Connection: close\r\n"))
            let answer = try #require(socket.receiveToEnd())
            #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("\r\nRetry-After: 2\r\n"), "\(path)")
            #expect(answer.contains("try again in a moment") && answer.hasSuffix("\"code\":\"busy\"}"), "\(path)")
        }
        for path in ["/torrents?limit=5", "/torrents/1", "/torrents/1.json", "/torrents/1.torrent"] {
            #expect(try fixture.fetch(path).status == 200, "\(path)")
        }
        room.leave((1 << 20) - 1_000)
        #expect(try fixture.fetch("/torrents").status == 200)
    }

    @Test func `who reads a torrent slowly holds no copy of it`() async throws {
        let fixture = try TrackerFixture()
        // More than a socket takes.
        var info = BencodeDictionary()
        info["length"] = .integer(16_384 * 400_000)
        info["name"] = .text("large")
        info["piece length"] = .integer(16_384)
        info["pieces"] = .string(Array(repeating: 7, count: 20 * 400_000))
        var root = BencodeDictionary()
        root["info"] = .dictionary(info)
        let file = BencodeValue.dictionary(root).encoded
        _ = try fixture.server.publish(file)
        let room = fixture.server.shared.answersWaiting
        var slow: BlockingSocket? = try BlockingSocket(slowlyReading: fixture.endpoint)
        try slow?.send(TrackerFixture.get("/torrents/1.torrent"))
        // It has begun, and cannot go on.
        #expect(slow?.receive()?.isEmpty == false && room.count == 1)
        #expect(room.enter(64 << 20), "nothing of the file is counted")
        room.leave(64 << 20)
        slow = nil
        #expect(try await eventually(within: .seconds(10)) { room.count == 0 })
    }

    @Test func `bytes of streamed answers are counted`() throws {
        let fixture = try TrackerFixture()
        for number in 1...40 { _ = try fixture.server.publish(SampleTorrent(ByteString("file \(number)")).made.file) }
        let list = try fixture.fetch("/torrents").body.utf8.count
        let sent = try fixture.statistic("bytes_out")
        #expect(list > 8_000 && list < sent && sent < list + 1_000)
    }
}

extension TrackerFixture {
    /// A number of `/stats.json`.
    fileprivate func statistic(_ name: String) throws -> Int {
        let body = try fetch("/stats.json").body
        let found = try #require(body.firstRange(of: "\"\(name)\":"))
        return try #require(Int(body[found.upperBound...].prefix { $0.isNumber }))
    }
}
