import Glibc

/// Payload as it lies in the page cache, for the kernel to send from: one copy fewer than reading it first.
///
/// Nobody here reads the bytes. If the file shrinks meanwhile, reading them would end the process (SIGBUS), while a
/// system call answers EFAULT.
package final class MappedPayload {
    /// To be handed to a system call, and not to be read.
    package let bytes: UnsafeRawBufferPointer
    private let base: UnsafeMutableRawPointer
    private let length: Int

    private static let page = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// Maps `count` bytes of a file from `offset` on; nil if some of them are not in memory now, or if the system says
    /// no.
    init?(_ file: Descriptor, offset: Int64, count: Int) {
        let lead = Int(offset % Int64(Self.page))
        length = lead + count
        guard count > 0,
            let base = mmap(nil, length, PROT_READ, MAP_SHARED, file.number, off_t(offset) - off_t(lead)),
            base != MAP_FAILED
        else { return nil }
        self.base = base
        bytes = UnsafeRawBufferPointer(start: base + lead, count: count)
        guard isResident else { return nil }
    }

    deinit { munmap(base, length) }

    private var isResident: Bool {
        let pages = (length + Self.page - 1) / Self.page
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: pages) { present in
            mincore(base, length, present.baseAddress) == 0 && present.allSatisfy { $0 & 1 == 1 }
        }
    }
}
