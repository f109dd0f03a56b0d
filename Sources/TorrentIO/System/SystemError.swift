import Glibc

/// A system call that failed: which one, and its `errno`.
package struct SystemError: Error, Hashable, CustomStringConvertible {
    /// `errno`.
    package let code: Int32
    /// The name of the call, for people.
    package let call: String

    package init(code: Int32, call: StaticString) {
        self.code = code
        self.call = call.description
    }

    /// There is no socket by which a way could lead there.
    package static let noWay = SystemError(code: ENETUNREACH, call: "sendmmsg")
    /// Longer than a datagram of ours may be.
    package static let datagramTooLong = SystemError(code: EMSGSIZE, call: "sendmmsg")

    /// Of the call that just failed on this thread.
    package static func last(_ call: StaticString) -> SystemError { SystemError(code: errno, call: call) }

    package var isWouldBlock: Bool { code == EAGAIN || code == EWOULDBLOCK }
    package var isInterrupted: Bool { code == EINTR }
    package var isInProgress: Bool { code == EINPROGRESS }
    /// The disk, or the user's share of it, is full.
    package var isNoSpace: Bool { code == ENOSPC || code == EDQUOT }
    package var isNotFound: Bool { code == ENOENT }
    package var isExisting: Bool { code == EEXIST }
    /// The file system, or its owner, allows a file one name only.
    var isWithoutLinks: Bool { code == EPERM || code == ENOTSUP || code == ENOSYS || code == EMLINK }
    /// Longer than whoever reads it allows.
    package var isTooLarge: Bool { code == EFBIG }
    /// Memory that is not there, as where a mapped file has shrunk.
    package var isBadAddress: Bool { code == EFAULT }
    package var isAddressInUse: Bool { code == EADDRINUSE }
    package var isNotPermitted: Bool { code == EACCES || code == EPERM || code == EROFS }
    /// The process or the machine has no descriptor left.
    package var isOutOfDescriptors: Bool { code == EMFILE || code == ENFILE }
    /// The other end has gone.
    package var isDisconnect: Bool { code == ECONNRESET || code == EPIPE || code == ENOTCONN }

    /// Nobody listens there.
    package var isRefused: Bool { code == ECONNREFUSED }
    /// No way leads there, from here or at all.
    package var isUnreachable: Bool { code == ENETUNREACH || code == EHOSTUNREACH }
    /// Of a connection that was not even begun: the fault is that of our own machine and its network, and says nothing
    /// of whoever is meant.
    package var isOurOwnFault: Bool {
        isWithoutWay || isOutOfDescriptors || [ENOBUFS, ENOMEM, EAGAIN, EADDRINUSE].contains(code)
    }
    /// Of the same: no way leads there from this machine, or from the address that it shall leave by.
    package var isWithoutWay: Bool { isUnreachable || isFamilyMissing || isInvalid || code == ENETDOWN }
    /// The machine does not know such addresses.
    package var isFamilyMissing: Bool { code == EAFNOSUPPORT || code == EADDRNOTAVAIL || code == EPROTONOSUPPORT }
    /// The call made no sense: for a connect, that no way leads there from the address that it shall leave by.
    package var isInvalid: Bool { code == EINVAL }

    /// What it means, in the words of the C library.
    package var text: String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }
    package var description: String { "\(call): \(text)" }
}

/// Repeats `body` while a signal interrupts it; throws `errno` if it returns -1.
@discardableResult
func retrying<Number: FixedWidthInteger & SignedInteger>(
    _ call: StaticString, _ body: () -> Number
) throws(SystemError) -> Number {
    while true {
        let result = body()
        if result != -1 { return result }
        let error = SystemError.last(call)
        guard error.isInterrupted else { throw error }
    }
}
