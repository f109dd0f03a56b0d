import CPosixShims
import Glibc

/// The poller of Linux: costs what happens, not what is watched.
final class EpollPoller: Poller {
    private let descriptor: Descriptor
    private var raw = [p2p_event](repeating: p2p_event(), count: 256)

    init() throws(SystemError) {
        descriptor = Descriptor(owning: try retrying("epoll_create1") { p2p_epoll_create() })
    }

    func add(_ descriptor: Int32, _ interest: Readiness, token: UInt64) throws(SystemError) {
        // epoll reports hang-ups even if not asked to, so a descriptor without interest is not added at all.
        guard !interest.isEmpty else { return }
        try retrying("epoll_ctl") {
            p2p_epoll_add(self.descriptor.number, descriptor, interest.rawValue, token)
        }
    }

    func change(_ descriptor: Int32, from old: Readiness, to interest: Readiness, token: UInt64) throws(SystemError) {
        if old.isEmpty { return try add(descriptor, interest, token: token) }
        if interest.isEmpty { return remove(descriptor, old) }
        try retrying("epoll_ctl") {
            p2p_epoll_change(self.descriptor.number, descriptor, interest.rawValue, token)
        }
    }

    func remove(_ descriptor: Int32, _ interest: Readiness) {
        guard !interest.isEmpty else { return }
        _ = p2p_epoll_remove(self.descriptor.number, descriptor)
    }

    func wait(milliseconds: Int32?, into events: inout [PollerEvent]) throws(SystemError) {
        events.removeAll(keepingCapacity: true)
        let count = raw.withUnsafeMutableBufferPointer {
            p2p_epoll_wait(descriptor.number, $0.baseAddress, Int32($0.count), milliseconds ?? -1)
        }
        if count < 0 {
            let error = SystemError.last("epoll_wait")
            if error.isInterrupted { return }
            throw error
        }
        for position in 0..<Int(count) {
            let event = raw[position]
            events.append(PollerEvent(token: event.token, readiness: Readiness(rawValue: event.readiness)))
        }
    }
}
