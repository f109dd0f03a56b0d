package import ByteStrings
import Glibc

/// Whole small files: read with a bound, written so that a crash leaves the old one or the new one.
package enum AtomicFile {
    /// Writes `bytes` to a file at `path`, links followed. A regular file there is replaced, and its mode kept;
    /// folders, pipes and devices are refused.
    package static func write(_ bytes: [UInt8], to path: ByteString, mode: UInt32 = 0o666) throws(SystemError) {
        try WriteTarget(path).put(bytes, mode: mode, replaces: true)
    }

    /// A name under which a file was being written by a process that ended meanwhile: it is of use to nobody.
    package static func isLeftover(_ name: ByteString) -> Bool { TemporaryFile.isName(name) }

    /// All of a file; EFBIG if it is longer than `limit` bytes.
    package static func readWhole(_ path: ByteString, limit: Int) throws(SystemError) -> [UInt8] {
        let file = Descriptor(
            owning: try retrying("open") { path.withCharacters { open($0, O_RDONLY | O_CLOEXEC) } })
        return try readWhole(file, limit: limit)
    }

    /// What is left of a file, a pipe or a terminal; EFBIG if it is longer than `limit` bytes.
    package static func readWhole(_ file: Descriptor, limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        // The buffer is one byte longer than the file seems, to see its end; a pipe has no size.
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
}
