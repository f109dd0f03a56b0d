import ByteStrings

/// What a descriptor is watched for, and what it turned out to be.
package struct Readiness: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There are bytes or connections to take, or the end was reached.
    package static let read = Readiness(rawValue: 1)
    /// The system takes bytes, or a connect has ended.
    package static let write = Readiness(rawValue: 2)
    /// An error, or both directions are closed: comes unasked. What was sent before can still be read.
    package static let hangup = Readiness(rawValue: 4)

    /// Like the generic `contains`, which is slower: it goes through protocols at every event.
    package func contains(_ other: Readiness) -> Bool { rawValue & other.rawValue == other.rawValue }
}

/// Something happened to the descriptor that was added with `token`.
struct PollerEvent {
    var token: UInt64
    var readiness: Readiness
}

/// Waits for many descriptors at once. Level-triggered: what is not dealt with is reported again.
///
/// A descriptor with an empty interest is not reported at all, not even when it hangs up.
protocol Poller: AnyObject {
    /// The descriptor must be open and not be there already.
    func add(_ descriptor: Int32, _ interest: Readiness, token: UInt64) throws(SystemError)
    func change(_ descriptor: Int32, from old: Readiness, to interest: Readiness, token: UInt64) throws(SystemError)
    /// Must be called before the descriptor is closed.
    func remove(_ descriptor: Int32, _ interest: Readiness)
    /// Puts what happened into `events`, in place of what was there; nothing if time ran out or a signal came.
    /// A nil timeout waits for ever.
    func wait(milliseconds: Int32?, into events: inout [PollerEvent]) throws(SystemError)
}

/// Which of the implementations a reactor uses.
package enum PollerKind: String, Sendable, CaseIterable {
    case epoll, poll

    /// The fast one, unless the environment says `P2P_POLLER=poll`.
    package static var preferred: PollerKind {
        ProcessEnvironment.value(of: "P2P_POLLER")?.text.flatMap(PollerKind.init) ?? .epoll
    }

    func makePoller() throws(SystemError) -> any Poller {
        switch self {
        case .epoll: try EpollPoller()
        case .poll: PollPoller()
        }
    }
}
