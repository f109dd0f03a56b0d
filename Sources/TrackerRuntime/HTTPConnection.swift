import TorrentCore
import TorrentIO

/// One TCP connection to the tracker: requests come in one behind the other, answers leave in the same order.
final class HTTPConnection: ReadinessHandler {
    private enum Phase {
        case serving
        /// Nothing more is read; closes once everything has left.
        case finishing
        /// Everything has been sent. What still comes is discarded for a moment: closing with unread bytes would reset
        /// the connection, and the client might lose the answer.
        case draining
        case closed
    }

    let descriptor: Descriptor
    private let remote: IPAddress
    private let service: TrackerService
    private unowned let listener: HTTPListener
    private var phase = Phase.serving
    // An incomplete request, or requests that wait until answers have been sent.
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var sent = 0
    private var isWatched = false
    // All that was read was one whole request and the client wants no other: nothing unread can reset the connection.
    private var mayCloseAtOnce = false
    /// When the connection is closed if nothing happens.
    private(set) var deadline: Moment

    private static let drainTime = Duration.seconds(1)

    init(
        _ descriptor: Descriptor, remote: IPAddress, service: TrackerService, listener: HTTPListener
    ) {
        self.descriptor = descriptor
        self.remote = remote
        self.service = service
        self.listener = listener
        deadline = service.patience.request(from: service.reactor.now)
    }

    /// Serves what has come already, and waits for more if the connection goes on.
    func begin() { receive() }

    func descriptorReady(_ number: Int32, _ readiness: Readiness) {
        if readiness.contains(.read) {
            phase == .draining ? drain() : receive()
        } else if readiness.contains(.hangup) {
            return close()
        }
        if phase != .closed, readiness.contains(.write) { flush() }
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        if isWatched { service.reactor.unwatch(descriptor) }
        descriptor.close()
        listener.forget(self, wasKept: isWatched)
    }

    // MARK: In

    private func receive() {
        do throws(SystemError) {
            guard let count = try service.receive(descriptor) else { return wait(for: .read) }
            guard count > 0 else { return endOfInput() }
            if output.isEmpty { swap(&output, &service.spareOutput) }
            let isFresh = input.isEmpty
            if isFresh {
                // Straight from the shared buffer; only the start of an unfinished request is copied.
                let used = service.withReceived(count) { process($0) }
                if used < count { input = service.received(used..<count) }
            } else {
                input += service.received(0..<count)
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
        let limits = service.shared.configuration.limits
        while phase == .serving, output.count - sent < limits.queuedBytes {
            // Line breaks before a request are let pass (RFC 9112, 2.2).
            while offset < bytes.byteCount, bytes.uint8(at: offset) == 0x0D || bytes.uint8(at: offset) == 0x0A {
                offset += 1
            }
            guard offset < bytes.byteCount else { break }
            let rest = bytes.extracting(offset..<bytes.byteCount)
            do throws(HTTPError) {
                guard let head = try HTTPRequestHead.parse(rest, limit: limits.requestBytes) else { break }
                let stays = service.answer(
                    head, of: rest, from: remote, mayStay: service.hasRoomForIdle, to: &output)
                offset += head.byteCount
                if !stays {
                    phase = .finishing
                    mayCloseAtOnce =
                        !head.keepsAlive && head.contentLength == 0 && head.method != .other
                        && offset == bytes.byteCount && offset < TrackerService.receiveBytes
                }
            } catch {
                refuse(error)
            }
        }
        return phase == .serving ? offset : bytes.byteCount
    }

    private func refuse(_ error: HTTPError) {
        service.totals.malformed += 1
        let status: HTTPAnswer.Status =
            switch error {
            case .headTooLong: .headTooLong
            case .unsupportedVersion: .versionUnknown
            default: .badRequest
            }
        HTTPAnswer.append(status, HTTPAnswer.Framing(stays: false), to: &output)
        phase = .finishing
    }

    /// The client sends no more; it may still read.
    private func endOfInput() {
        guard sent < output.count, phase != .draining else { return close() }
        phase = .finishing
        flush()
    }

    private func drain() {
        do throws(SystemError) {
            // At most one buffer an iteration; the deadline bounds the whole.
            if let count = try service.receive(descriptor), count == 0 { close() }
        } catch {
            close()
        }
    }

    // MARK: Out

    private func flush() {
        do throws(SystemError) {
            while sent < output.count {
                let count = try output.withBytes { bytes throws(SystemError) in
                    try descriptor.send(bytes.extracting(sent..<bytes.byteCount))
                }
                guard let count else { return wait(for: .write) }
                sent += count
                deadline = service.patience.send(from: service.reactor.now)
            }
        } catch {
            return close()
        }
        output.removeAll(keepingCapacity: output.capacity <= 16_384)
        sent = 0
        if service.spareOutput.capacity < output.capacity { swap(&output, &service.spareOutput) }
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
        if sent < output.count || phase == .finishing { return flush() }
        if input.isEmpty {
            deadline = service.patience.idle(from: service.reactor.now)
        } else if isFresh {
            // From its first byte on, a request has this long; further bytes buy no more time.
            deadline = service.patience.request(from: service.reactor.now)
        }
        wait(for: .read)
    }

    private func wait(for interest: Readiness) {
        if isWatched { return service.reactor.change(descriptor, to: interest) }
        do {
            try service.reactor.watch(descriptor, interest, handler: self)
            isWatched = true
            listener.keep(self)
        } catch {
            close()
        }
    }

    private func beginDraining() {
        phase = .draining
        Sockets.finishSending(descriptor)
        deadline = service.reactor.now + Self.drainTime
        wait(for: .read)
    }
}
