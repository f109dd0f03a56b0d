import CPosixShims
import Glibc
package import TorrentCore

/// Up to 64 datagrams with their addresses, in buffers that are used again and again. Not for two threads at once.
package final class DatagramBatch {
    /// Datagrams of one batch.
    package static let capacity = Int(P2P_DATAGRAMS)
    /// Longest datagram that fits, bytes.
    package let datagramBytes: Int
    package private(set) var count = 0

    // A stride that is no power of two: buffers at the same offset of each page would fight for the same cache lines.
    private let stride: Int
    private let buffers: UnsafeMutableRawBufferPointer
    private let headers: OpaquePointer
    private var lengths = [Int](repeating: 0, count: capacity)

    package init(datagramBytes: Int = 1_500) {
        precondition(datagramBytes > 0 && datagramBytes <= 65_535)
        self.datagramBytes = datagramBytes
        stride = (datagramBytes + 63) / 64 * 64 + 64
        buffers = .allocate(byteCount: stride * Self.capacity, alignment: 64)
        guard let base = buffers.baseAddress,
            let headers = p2p_datagrams_create(base.assumingMemoryBound(to: UInt8.self), stride)
        else { preconditionFailure("no memory for a batch of datagrams") }
        self.headers = headers
    }

    deinit {
        p2p_datagrams_destroy(headers)
        buffers.deallocate()
    }

    package var isFull: Bool { count == Self.capacity }

    /// The bytes of the `index`-th datagram, for as long as the batch is not filled anew.
    package func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        precondition(index < count)
        return UnsafeRawBufferPointer(rebasing: buffers[index * stride..<index * stride + lengths[index]])
    }

    /// Who sent it, or where it goes; nil for a family that is neither IPv4 nor IPv6.
    package func endpoint(_ index: Int) -> Endpoint? {
        precondition(index < count)
        return SocketAddress.endpoint(address(index))
    }

    /// Adds one for `endpoint`: `fill` writes it and says how long it is; 0 leaves it out. The batch must not be full.
    package func append(to endpoint: Endpoint, _ fill: (UnsafeMutableRawBufferPointer) -> Int) {
        precondition(!isFull)
        let room = UnsafeMutableRawBufferPointer(rebasing: buffers[count * stride..<count * stride + datagramBytes])
        let length = fill(room)
        precondition(length <= datagramBytes)
        guard length > 0 else { return }
        let addressLength = SocketAddress.write(endpoint, to: address(count))
        p2p_datagrams_set(headers, Int32(count), length, addressLength)
        lengths[count] = length
        count += 1
    }

    /// Has the last one leave from the address that the `index`-th of `batch` was sent to: a client that asked one of
    /// our addresses takes no answer from another. Needs a socket that tells destinations.
    package func replyFromDestination(of index: Int, in batch: DatagramBatch) {
        guard count > 0 else { return }
        p2p_datagrams_reply(headers, Int32(count - 1), batch.headers, Int32(index))
    }

    /// Takes what has come, up to a full batch, in place of what was there. Datagrams longer than `datagramBytes` are
    /// cut. How many there are: 0 if none waits.
    @discardableResult
    package func receive(from socket: UDPSocket) throws(SystemError) -> Int {
        count = 0
        while true {
            // A datagram cut short fills its buffer and the spare line behind it, so it is told by its length.
            let received = p2p_datagrams_receive(socket.descriptor.number, headers)
            if received >= 0 {
                for index in 0..<Int(received) {
                    var truncated: Int32 = 0
                    let length = p2p_datagrams_length(headers, Int32(index), &truncated)
                    lengths[index] = min(Int(length), datagramBytes)
                }
                count = Int(received)
                return count
            }
            let error = SystemError.last("recvmmsg")
            if error.isWouldBlock { return 0 }
            guard error.isInterrupted || error.code == ECONNREFUSED else { throw error }
        }
    }

    /// Calls `body` with each batch that waits at `socket`, `limit` at the most, so that other sockets are served too.
    /// How many datagrams the last one had. The rest waits for the next iteration.
    package func receiveAll(from socket: UDPSocket, batches limit: Int, _ body: () -> Void) -> Int {
        for _ in 0..<limit {
            // An error here is one of an earlier datagram that found nobody; the socket itself is fine.
            guard let received = try? receive(from: socket), received > 0 else { return 0 }
            body()
            guard isFull else { break }
        }
        return count
    }

    /// Sends all, in order, and empties the batch. How many left: those that cannot be sent (no room, no way there)
    /// are dropped, as datagrams may be.
    @discardableResult
    package func send(through socket: UDPSocket) -> Int {
        var next = 0
        var lost = 0
        while next < count {
            do throws(SystemError) {
                try send(through: socket, from: &next)
            } catch {
                if error.isWouldBlock { break }
                next += 1
                lost += 1
            }
        }
        count = 0
        return next - lost
    }

    /// Sends those from the `next`-th on, in order, and keeps them all. Throws why the one that `next` is then cannot
    /// leave: for want of room (`isWouldBlock`), or because no way leads there.
    func send(through socket: UDPSocket, from next: inout Int) throws(SystemError) {
        while next < count {
            let result = p2p_datagrams_send(socket.descriptor.number, headers, Int32(next), Int32(count))
            if result > 0 {
                next += Int(result)
                continue
            }
            let error = SystemError.last("sendmmsg")
            guard error.isInterrupted else { throw error }
        }
    }

    /// Empties it.
    func removeAll() { count = 0 }

    private func address(_ index: Int) -> UnsafeMutablePointer<sockaddr_storage> {
        p2p_datagrams_address(headers, Int32(index)).assumingMemoryBound(to: sockaddr_storage.self)
    }
}
