import Glibc
import TorrentCore

/// One socket of a hub, and what waits to leave by it.
final class DatagramPort {
    /// A datagram that has not left yet.
    private struct Outgoing: Equatable {
        let bytes: [UInt8]
        let endpoint: Endpoint
    }

    let socket: UDPSocket
    private var queue = Queue<Outgoing>()
    /// The system has no room just now, and will say when it has.
    private(set) var waitsForRoom = false

    /// Most errors that are taken from the system at once.
    private static let errorsAtOnce = 64
    /// How often one datagram is tried whose turn it was when errors of others were told.
    private static let tries = 4

    init(_ socket: UDPSocket) {
        self.socket = socket
        socket.keepErrors()
    }

    /// Datagrams that have not left.
    var queued: Int { queue.count }

    func append(_ bytes: [UInt8], to endpoint: Endpoint) {
        queue.append(Outgoing(bytes: bytes, endpoint: endpoint))
    }

    /// What the network says of datagrams that have left. How many things it said.
    @discardableResult
    func takeErrors(_ undelivered: (Endpoint, SystemError) -> Void) -> Int {
        socket.takeErrors(atMost: Self.errorsAtOnce, undelivered)
    }

    /// Sends what was queued when the call began, as far as there is room.
    func flush(by outbox: DatagramBatch, _ undelivered: (Endpoint, SystemError) -> Void) {
        waitsForRoom = false
        var left = queue.count
        while left > 0, !waitsForRoom {
            outbox.removeAll()
            for position in 0..<min(left, DatagramBatch.capacity) {
                outbox.append(to: queue[position].endpoint) { room in
                    room.copyBytes(from: queue[position].bytes)
                    return queue[position].bytes.count
                }
            }
            let gone = send(outbox, undelivered)
            waitsForRoom = gone < outbox.count
            for _ in 0..<gone { queue.removeFirst() }
            left -= gone
        }
    }

    /// How many of the batch need no further try.
    private func send(_ outbox: DatagramBatch, _ undelivered: (Endpoint, SystemError) -> Void) -> Int {
        var next = 0
        var (tried, tries) = (0, 0)
        while next < outbox.count {
            do throws(SystemError) {
                try outbox.send(through: socket, from: &next)
            } catch {
                if error.isWouldBlock { break }
                if tried != next { (tried, tries) = (next, 0) }
                tries += 1
                // What befell an earlier datagram is told at the next call, whatever that one is about.
                let wasOfOthers = takeErrors(undelivered) > 0 || tries == 1
                if wasOfOthers, tries < Self.tries { continue }
                // For want of room in a queue on the way out it is lost, as it may be further on.
                if error.code != ENOBUFS, let endpoint = outbox.endpoint(next) { undelivered(endpoint, error) }
                next += 1
            }
        }
        return next
    }
}
