package import ByteStrings
import Glibc

/// Whole small files: read with a bound, written so that a crash leaves the old one or the new one.
package enum AtomicFile {
    /// Writes `bytes` to a temporary file beside `path`, onto the disk, and puts it in the place of `path`.
    package static func write(_ bytes: [UInt8], to path: ByteString, mode: UInt32 = 0o666) throws(SystemError) {
        let temporary: ByteString = "\(path).\(getpid()).tmp"
        _ = temporary.withCharacters { unlink($0) }
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = Descriptor(owning: try retrying("open") { temporary.withCharacters { open($0, flags, mode) } })
        do {
            try writeAll(bytes, to: file)
            try retrying("fsync") { fsync(file.number) }
            try retrying("rename") {
                temporary.withCharacters { from in path.withCharacters { rename(from, $0) } }
            }
        } catch {
            _ = temporary.withCharacters { unlink($0) }
            throw error
        }
        // The new name is a change of the folder. Without this it is atomic still, only later.
        let parent = Descriptor(
            owning: try retrying("open") {
                path.parent.withCharacters { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            })
        _ = fsync(parent.number)
    }

    /// All of a file; EFBIG if it is longer than `limit` bytes.
    package static func readWhole(_ path: ByteString, limit: Int) throws(SystemError) -> [UInt8] {
        let file = Descriptor(
            owning: try retrying("open") { path.withCharacters { open($0, O_RDONLY | O_CLOEXEC) } })
        return try readWhole(file, limit: limit)
    }

    /// What is left of a file, a pipe or a terminal; EFBIG if it is longer than `limit` bytes.
    package static func readWhole(_ file: Descriptor, limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        // As long as it seems to be, and a byte more to see its end; a pipe says nothing.
        var status = stat()
        let expected = fstat(file.number, &status) == 0 ? Int(clamping: Int64(status.st_size)) : 0
        var room = max(65_536, min(expected, limit) + 1)
        while true {
            var failure: SystemError?
            let part = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                while count < buffer.count {
                    let got = Glibc.read(file.number, buffer.baseAddress.map { $0 + count }, buffer.count - count)
                    if got > 0 { count += got }
                    if got == 0 { break }
                    if got < 0, errno != EINTR {
                        failure = .last("read")
                        break
                    }
                }
            }
            if let failure { throw failure }
            guard bytes.count + part.count <= limit else { throw SystemError(code: EFBIG, call: "read") }
            if bytes.isEmpty { bytes = part } else { bytes += part }
            if part.count < room { return bytes }
            room = 65_536
        }
    }

    private static func writeAll(_ bytes: [UInt8], to file: Descriptor) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try retrying("write") {
                rest.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(count)
        }
    }
}
