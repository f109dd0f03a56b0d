import Glibc

extension Descriptor {
    /// Sends from a span; else as `send` from a buffer.
    package func send(_ bytes: RawSpan) throws(SystemError) -> Int? {
        try bytes.withUnsafeBytes { buffer throws(SystemError) in try send(buffer) }
    }
}
