import Glibc
import Synchronization

/// The owner of a file descriptor: closed once, by `close` or when the last reference goes.
package final class Descriptor: Sendable {
    /// For system calls; not to be closed by others, nor kept beyond this object.
    package let number: Int32
    private let isOpen = Atomic(true)

    package init(owning number: Int32) {
        precondition(number >= 0, "not a descriptor")
        self.number = number
    }

    deinit { close() }

    /// Further calls do nothing. Nobody may use `number` afterwards.
    package func close() {
        if isOpen.exchange(false, ordering: .acquiringAndReleasing) { _ = Glibc.close(number) }
    }
}
