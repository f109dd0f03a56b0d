import Glibc
import TorrentCore
import TorrentIO

@testable import HTTPService

extension Fuzzer {
    /// What a client sends on one connection to our HTTP server: requests one behind the other, some with bodies.
    static let requestBodies = Fuzzer(
        "request-bodies", "requests and answers are the same in whatever parts they come; bodies keep to the limit"
    ) {
        let byLength = "POST /a HTTP/1.1\r\nContent-Length:"
        let inChunks = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
        let get = "GET / HTTP/1.1\r\n\r\n"
        return [
            "\(byLength) 3\r\n\r\nabc\(inChunks)\r\n2\r\nde\r\n1;x=y\r\nf\r\n0\r\n\r\n",
            "\(get)\r\n\r\nHEAD /b?c HTTP/1.1\r\n\r\n\(byLength) 0\r\n\r\nGET / HTTP/1.0\r\n\r\nxy",
            "\(byLength) 2\r\nExpect: 100-continue\r\n\r\nhi\(byLength) 999\r\n\r\n",
            "\(inChunks)\r\n41\r\n\(String(repeating: "x", count: 65))\r\n0\r\n\r\n",
            "\(inChunks)\r\n0\r\nA: b\r\n\r\n\(get)PUT / HTTP/1.1\r\nContent-Length: 1\r\n\r\na",
            String(repeating: "GET / HTTP/1.1\n\n", count: 20),
            "GET /\(String(repeating: "y", count: 300)) HTTP/1.1\r\n\r\n",
        ].map { Array($0.utf8) }
    } run: { bytes in
        let whole = ServedConnection.exchange([bytes])
        hold(ServedConnection.exchange(pieces(of: bytes)) == whole, "another conversation when it comes in pieces")
        hold(whole.requests.allSatisfy { $0.body.count <= ServedConnection.bodyLimit }, "a body that is too long")
        hold(whole.answerCount == whole.requests.count + whole.malformed, "\(whole.answerCount) answers")

        // The same bytes as bodies of our own requests, by length and in chunks by turns.
        let bodies = pieces(of: Array(bytes.prefix(ServedConnection.bodyLimit)))
        let sent = bodies.enumerated().flatMap { $0 & 1 == 0 ? withLength($1) : inChunks($1) }
        let ours = ServedConnection.exchange(pieces(of: sent))
        hold(ours.requests.map(\.body) == bodies && ours.malformed == 0, "other bodies than were sent")
        hold(ours.goesOn, "the connection is closed")
    }

    private static func withLength(_ body: [UInt8]) -> [UInt8] {
        Array("POST / HTTP/1.1\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    private static func inChunks(_ body: [UInt8]) -> [UInt8] {
        var bytes = Array("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        for piece in pieces(of: body) {
            bytes += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10]
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }
}

/// What came of the bytes that a client has sent.
private struct Conversation: Equatable {
    struct Request: Equatable {
        let method: HTTPRequestHead.Method
        let path: [UInt8]
        let body: [UInt8]
        let isBodyUnread: Bool
    }

    var requests: [Request] = []
    /// Requests that were refused as none.
    var malformed = 0
    /// Without the words that tell a client to go on: who has sent its body already gets none.
    var output: [UInt8] = []
    /// The connection waits for more.
    var goesOn = false

    var answerCount: Int { count(of: "\r\nContent-Length: ") }

    private func count(of text: String) -> Int {
        let text = Array(text.utf8)
        return output.indices.count { output[$0...].starts(with: text) }
    }
}

/// A connection of the server on one end of a pair of sockets; its reactor is never started.
private enum ServedConnection {
    static let bodyLimit = 64

    static func exchange(_ parts: [[UInt8]]) -> Conversation {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        hold(socketpair(AF_UNIX, kind, 0, &ends) == 0, "no pair of sockets: errno \(errno)")
        let far = ends[1]
        defer { close(far) }
        let (server, recorder) = (bench.server, bench.recorder)
        recorder.conversation = Conversation()
        let malformedBefore = server.traffic.malformed
        server.room.enter()
        let connection = HTTPConnection(Descriptor(owning: ends[0]), remote: .loopbackV4, server: server)
        connection.begin()
        for part in parts where connection.phase == .serving {
            hold(send(far, part, part.count, Int32(MSG_NOSIGNAL)) == part.count, "not sent: errno \(errno)")
            connection.descriptorReady(ends[0], .read)
            receive(far, into: &recorder.conversation.output)
        }
        var conversation = recorder.conversation
        conversation.malformed = Int(server.traffic.malformed - malformedBefore)
        conversation.goesOn = connection.phase == .serving
        conversation.output = withoutContinue(conversation.output)
        // The client leaves; nothing of the connection may stay.
        shutdown(far, Int32(SHUT_WR))
        for _ in 0..<2 where connection.phase != .closed { connection.descriptorReady(ends[0], .read) }
        hold(connection.phase == .closed && server.room.count == 0, "a connection without a client")
        return conversation
    }

    private static func receive(_ descriptor: Int32, into output: inout [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { output += buffer[..<count] }
    }

    private static func withoutContinue(_ bytes: [UInt8]) -> [UInt8] {
        let word = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
        var (kept, at): ([UInt8], Int) = ([], 0)
        while at < bytes.count {
            if bytes[at...].starts(with: word) {
                at += word.count
            } else {
                kept.append(bytes[at])
                at += 1
            }
        }
        return kept
    }

    private struct Bench {
        let server: HTTPServer
        let recorder: Recorder
    }

    // One for all inputs, on the thread that libFuzzer calls on.
    nonisolated(unsafe) private static let bench: Bench = {
        guard let reactor = try? Reactor(name: "fuzz") else {
            print("no reactor")
            exit(1)
        }
        var limits = HTTPServerLimits()
        (limits.headBytes, limits.queuedBytes) = (256, 512)
        let recorder = Recorder()
        return Bench(
            server: HTTPServer(recorder, on: reactor, limits: limits, room: HTTPConnectionRoom(limit: 64)),
            recorder: recorder)
    }()

    /// Keeps what was asked, and answers each in the same words.
    private final class Recorder: HTTPResponder {
        var conversation = Conversation()

        func bodyLimit(of head: HTTPRequestHead, in bytes: RawSpan, from remote: IPAddress) -> Int {
            head.method == .post ? ServedConnection.bodyLimit : 0
        }

        func respond(to request: HTTPServerRequest, in bytes: RawSpan, output: inout [UInt8]) -> HTTPReply {
            conversation.requests.append(
                .init(
                    method: request.head.method, path: bytes.array(request.head.path), body: request.body,
                    isBodyUnread: request.isBodyUnread))
            HTTPAnswer.append(.ok, request.framing, to: &output)
            return .written
        }
    }
}
