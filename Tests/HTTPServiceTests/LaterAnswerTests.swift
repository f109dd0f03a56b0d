import HTTPService
import TestSupport
import Testing
import TorrentCore
import TorrentIO

/// Answers that are not known yet when their requests have come, and bodies of many clients at once.
@Suite struct LaterAnswerTests {
    @Test func `an answer that comes later is whole, and the next request waits for it`() throws {
        let stage = try ServerBench()
        let text = try stage.exchange(
            "GET /later HTTP/1.1\r\n\r\nGET /range HTTP/1.1\r\nRange: next\r\nConnection: close\r\n\r\n")
        let parts = text.split(separator: "HTTP/1.1 200 OK")
        #expect(parts.count == 2 && parts[0].hasSuffix("\r\n\r\nlate") && parts[1].hasSuffix("\r\n\r\nnext"))
        #expect(try stage.exchange("HEAD /later HTTP/1.0\r\n\r\n").hasSuffix("Connection: close\r\n\r\n"))
    }

    @Test func `bodies of all clients together have a bound`() throws {
        let stage = try ServerBench { ($0.uploadBytes, $0.bodyTime) = (1_500, .seconds(1)) }
        func begin() throws -> LoopbackConnection {
            let client = try stage.connect()
            client.send(Array("POST /echo HTTP/1.1\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n".utf8))
            client.send([UInt8](repeating: 0x61, count: 900))
            return client
        }
        let (first, second) = (try begin(), try begin())
        let refused = [first, second].map { $0.receiveHead() }.filter { $0.hasPrefix("HTTP/1.1 503 ") }
        #expect(refused.count == 1)
    }
}
