import TorrentCore
import TorrentIO

/// One TCP connection to a server: requests come in one behind the other, answers leave in the same order.
final class HTTPConnection: ReadinessHandler {
    enum Phase {
        case serving
        /// Nothing more is read; closes once everything has left.
        case finishing
        /// Everything has been sent. What still comes is discarded for a moment: closing with unread bytes would reset
        /// the connection, and the client might lose the answer.
        case draining
        case closed
    }

    let descriptor: Descriptor
    let remote: IPAddress
    let server: HTTPServer
    var phase = Phase.serving
    // An incomplete request, or requests that wait until answers have been sent.
    private var input: [UInt8] = []
    var output: [UInt8] = []
    private var sent = 0
    private var isWatched = false
    // All that was read was one whole request and the client wants no other: nothing unread can reset the connection.
    private var mayCloseAtOnce = false
    /// When the connection is closed if nothing happens.
    var deadline: Moment
    // A request whose body is not there yet; then `input` is empty.
    private var upload: RequestUpload?
    /// An answer that is not there yet; further requests wait for its end.
    var stream: AnswerStream?

    private static let drainTime = Duration.seconds(1)
    /// Most pieces of a streamed answer sent in one go, so that other connections are served, too.
    private static let piecesAtOnce = 4

    init(_ descriptor: Descriptor, remote: IPAddress, server: HTTPServer) {
        self.descriptor = descriptor
        self.remote = remote
        self.server = server
        deadline = server.patience.head(from: server.reactor.now)
    }

    /// Serves what has come already, and waits for more if the connection goes on.
    func begin() { receive() }

    func descriptorReady(_ number: Int32, _ readiness: Readiness) {
        if readiness.contains(.read) {
            if stream != nil {
                receiveBesideStream()
            } else if phase == .draining {
                drain()
            } else {
                receive()
            }
        } else if readiness.contains(.hangup) {
            return close()
        }
        if phase != .closed, readiness.contains(.write) { flush() }
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        if isWatched { server.reactor.unwatch(descriptor) }
        descriptor.close()
        server.forget(self, wasKept: isWatched)
        endStream(.clientGone)
    }

    // MARK: In

    private func receive() {
        do throws(SystemError) {
            guard let count = try server.receive(descriptor) else { return wait(for: .read) }
            guard count > 0 else { return endOfInput() }
            if output.isEmpty { swap(&output, &server.spareOutput) }
            let isFresh = input.isEmpty
            if isFresh {
                // Straight from the shared buffer; only the start of an unfinished request is copied.
                let used = server.withReceived(count) { process($0) }
                if used < count { input = server.received(used..<count) }
            } else {
                input += server.received(0..<count)
                processInput()
            }
            settle(isFresh: isFresh)
        } catch {
            close()
        }
    }

    private func processInput() {
        let used = input.withBytes { process($0) }
        input.removeFirst(used)
    }

    /// Answers the requests in `bytes`; how many bytes were used up.
    private func process(_ bytes: RawSpan) -> Int {
        var offset = 0
        while phase == .serving, stream == nil, output.count - sent < server.limits.queuedBytes {
            if let upload {
                offset += receiveBody(of: upload, from: bytes.extracting(offset..<bytes.byteCount))
                guard self.upload == nil else { break }
                continue
            }
            // Line breaks before a request are let pass (RFC 9112, 2.2).
            while offset < bytes.byteCount, bytes.uint8(at: offset) == 0x0D || bytes.uint8(at: offset) == 0x0A {
                offset += 1
            }
            guard offset < bytes.byteCount else { break }
            let rest = bytes.extracting(offset..<bytes.byteCount)
            do throws(HTTPError) {
                guard let head = try HTTPRequestHead.parse(rest, limit: server.limits.headBytes) else { break }
                offset += head.byteCount
                if head.hasBody, try beginUpload(head, rest) { continue }
                if !answer(head, of: rest) {
                    phase = .finishing
                    mayCloseAtOnce =
                        !head.keepsAlive && !head.hasBody && (head.method == .get || head.method == .head)
                        && offset == bytes.byteCount && offset < HTTPServer.receiveBytes
                }
            } catch {
                refuse(malformed: error)
            }
        }
        return phase == .serving ? offset : bytes.byteCount
    }

    /// False if the connection must not go on after the answer.
    private func answer(_ head: HTTPRequestHead, of bytes: RawSpan, body: [UInt8] = []) -> Bool {
        let isWhole = !head.hasBody || upload != nil
        let framing = HTTPFraming(
            stays: server.room.hasRoomForIdle && head.keepsAlive && isWhole, isHTTP10: head.isHTTP10,
            hasBody: head.method != .head)
        let request = HTTPServerRequest(
            head: head, remote: remote, framing: framing, body: body, isBodyUnread: !isWhole)
        switch server.responder.respond(to: request, in: bytes, output: &output) {
        case .written: return framing.stays
        case .streamed(let answer):
            guard let head = answer.head else { return begin(wholeFrom: answer.source, framing) }
            return begin(head, from: answer.source, framing)
        }
    }

    /// True if there is a body to wait for; false if the responder wants none.
    private func beginUpload(_ head: HTTPRequestHead, _ bytes: RawSpan) throws(HTTPError) -> Bool {
        let limit = server.responder.bodyLimit(of: head, in: bytes, from: remote)
        guard limit > 0 else {
            guard !head.isChunked else { throw .unsupportedEncoding }
            return false
        }
        upload = try RequestUpload(
            head, of: bytes, limit: limit, room: server.uploads,
            deadline: server.patience.body(from: server.reactor.now))
        // Who has sent it already needs no word.
        if head.expectsContinue, bytes.byteCount == head.byteCount {
            output.append(ascii: "HTTP/1.1 100 Continue\r\n\r\n")
        }
        return true
    }

    /// Takes what `bytes` hold of a body, and answers once it is whole; how many bytes were used up.
    private func receiveBody(of upload: RequestUpload, from bytes: RawSpan) -> Int {
        do throws(HTTPError) {
            let used = try upload.receive(bytes)
            guard upload.hasRoom else {
                self.upload = nil
                refuse(.uploadsFull)
                return bytes.byteCount
            }
            guard upload.isComplete else { return used }
            let stays = upload.headBytes.withBytes { answer(upload.head, of: $0, body: upload.body) }
            self.upload = nil
            if !stays { phase = .finishing }
            return used
        } catch {
            self.upload = nil
            refuse(malformed: error)
            return bytes.byteCount
        }
    }

    private func refuse(malformed error: HTTPError) {
        server.traffic.malformed += 1
        refuse(HTTPStatus(error))
    }

    private func refuse(_ status: HTTPStatus) {
        HTTPAnswer.append(status, HTTPFraming(stays: false), to: &output)
        phase = .finishing
    }

    /// The client sends no more; it may still read.
    private func endOfInput() {
        guard sent < output.count, phase != .draining else { return close() }
        phase = .finishing
        flush()
    }

    /// Keeps requests that come during a streamed answer, within bounds, and sees the client go.
    private func receiveBesideStream() {
        do throws(SystemError) {
            guard let count = try server.receive(descriptor) else { return }
            if count == 0 {
                // Who closes one direction may read on, but hardly for ever.
                guard let stream, !stream.isEndless else { return close() }
                stream.watchesInput = false
                phase = .finishing
            } else if phase == .serving {
                input += server.received(0..<count)
                if input.count >= server.limits.headBytes { stream?.watchesInput = false }
            }
            guard let stream, !stream.watchesInput else { return }
            if stream.isWaiting, output.isEmpty { waitForSource(stream) }
            waitForStream()
        } catch {
            close()
        }
    }

    private func drain() {
        do throws(SystemError) {
            // At most one buffer an iteration; the deadline bounds the whole.
            if let count = try server.receive(descriptor), count == 0 { close() }
        } catch {
            close()
        }
    }

    // MARK: Out

    func flush() {
        for _ in 0..<Self.piecesAtOnce {
            guard sendOutput() else { return }
            guard stream != nil else { return allIsSent() }
            guard appendPiece() else { return }
        }
        waitForStream()
    }

    /// False if the socket takes no more, or has failed.
    private func sendOutput() -> Bool {
        do throws(SystemError) {
            while sent < output.count {
                let count = try output.withBytes { bytes throws(SystemError) in
                    try descriptor.send(bytes.extracting(sent..<bytes.byteCount))
                }
                guard let count else {
                    if stream == nil { wait(for: .write) } else { waitForStream() }
                    return false
                }
                sent += count
                server.traffic.bytesOut += UInt64(count)
                deadline = server.patience.send(from: server.reactor.now)
            }
        } catch {
            close()
            return false
        }
        output.removeAll(keepingCapacity: output.capacity <= 16_384)
        sent = 0
        if server.spareOutput.capacity < output.capacity { swap(&output, &server.spareOutput) }
        return true
    }

    private func allIsSent() {
        if phase == .finishing { return mayCloseAtOnce ? close() : beginDraining() }
        // Requests that waited until there was room for their answers.
        if !input.isEmpty {
            processInput()
            if !output.isEmpty { return flush() }
        }
        settle(isFresh: true)
    }

    /// Sends what there is, and decides what to wait for.
    private func settle(isFresh: Bool) {
        guard phase != .closed else { return }
        if sent < output.count || phase == .finishing || stream != nil { return flush() }
        if let upload {
            deadline = upload.deadline
        } else if input.isEmpty {
            deadline = server.patience.idle(from: server.reactor.now)
        } else if isFresh {
            // From its first byte on, a request has this long; further bytes buy no more time.
            deadline = server.patience.head(from: server.reactor.now)
        }
        wait(for: .read)
    }

    /// While an answer is streamed: for room if there is something to send, and for the end of the client.
    func waitForStream() {
        var interest: Readiness = stream?.watchesInput == true ? .read : []
        if sent < output.count { interest.insert(.write) }
        wait(for: interest)
    }

    private func wait(for interest: Readiness) {
        if isWatched { return server.reactor.change(descriptor, to: interest) }
        do {
            try server.reactor.watch(descriptor, interest, handler: self)
            isWatched = true
            server.keep(self)
        } catch {
            close()
        }
    }

    private func beginDraining() {
        phase = .draining
        Sockets.finishSending(descriptor)
        deadline = server.reactor.now + Self.drainTime
        wait(for: .read)
    }
}
