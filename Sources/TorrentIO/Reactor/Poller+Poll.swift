import Glibc

/// The poller of every POSIX system: hands the whole list over at each wait.
final class PollPoller: Poller {
    private var entries: [pollfd] = []
    private var tokens: [UInt64] = []
    // Where each descriptor stands in `entries`; those without interest are not in.
    private var positions: [Int32: Int] = [:]

    func add(_ descriptor: Int32, _ interest: Readiness, token: UInt64) {
        guard !interest.isEmpty else { return }
        positions[descriptor] = entries.count
        entries.append(pollfd(fd: descriptor, events: Self.events(interest), revents: 0))
        tokens.append(token)
    }

    func change(_ descriptor: Int32, from old: Readiness, to interest: Readiness, token: UInt64) {
        if old.isEmpty { return add(descriptor, interest, token: token) }
        if interest.isEmpty { return remove(descriptor, old) }
        guard let position = positions[descriptor] else { return }
        entries[position].events = Self.events(interest)
        tokens[position] = token
    }

    func remove(_ descriptor: Int32, _ interest: Readiness) {
        guard let position = positions.removeValue(forKey: descriptor) else { return }
        let last = entries.count - 1
        if position < last {
            entries[position] = entries[last]
            tokens[position] = tokens[last]
            positions[entries[position].fd] = position
        }
        entries.removeLast()
        tokens.removeLast()
    }

    func wait(milliseconds: Int32?, into events: inout [PollerEvent]) throws(SystemError) {
        events.removeAll(keepingCapacity: true)
        let count = entries.withUnsafeMutableBufferPointer {
            poll($0.baseAddress, nfds_t($0.count), milliseconds ?? -1)
        }
        if count < 0 {
            let error = SystemError.last("poll")
            if error.isInterrupted { return }
            throw error
        }
        var left = count
        for position in entries.indices where left > 0 && entries[position].revents != 0 {
            events.append(PollerEvent(token: tokens[position], readiness: Self.readiness(entries[position].revents)))
            left -= 1
        }
    }

    private static func events(_ interest: Readiness) -> Int16 {
        Int16((interest.contains(.read) ? POLLIN : 0) | (interest.contains(.write) ? POLLOUT : 0))
    }

    private static func readiness(_ events: Int16) -> Readiness {
        let events = Int32(events)
        var readiness: Readiness = []
        if events & Int32(POLLIN) != 0 { readiness.insert(.read) }
        if events & Int32(POLLOUT) != 0 { readiness.insert(.write) }
        if events & Int32(POLLERR | POLLHUP | POLLNVAL) != 0 { readiness.insert(.hangup) }
        return readiness
    }
}
