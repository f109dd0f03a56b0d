package import Glibc

// Bytes to and from a nonblocking descriptor. Nil stands for "it would have to wait".
extension Descriptor {
    /// How many bytes came; 0 at the end of the stream, nil if there are none yet.
    package func read(into bytes: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        try transferred("read") { Glibc.read(number, bytes.baseAddress, bytes.count) }
    }

    /// Fills one buffer after the other; else as `read`. At most 1,024 vectors.
    package func read(into vectors: UnsafeBufferPointer<iovec>) throws(SystemError) -> Int? {
        try transferred("readv") { readv(number, vectors.baseAddress, Int32(vectors.count)) }
    }

    /// The same from a socket, by a shorter way through the system.
    package func receive(into bytes: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        try transferred("recv") { recv(number, bytes.baseAddress, bytes.count, 0) }
    }

    /// How many bytes a socket took, which may be fewer than offered; nil if none. Never raises SIGPIPE.
    package func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        try transferred("send") { Glibc.send(number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Sends one buffer after the other; else as `send`. At most 1,024 vectors.
    package func send(_ vectors: UnsafeBufferPointer<iovec>) throws(SystemError) -> Int? {
        var header = msghdr()
        header.msg_iov = UnsafeMutablePointer(mutating: vectors.baseAddress)
        header.msg_iovlen = vectors.count
        return try transferred("sendmsg") { sendmsg(number, &header, Int32(MSG_NOSIGNAL)) }
    }

    /// Sends an array; else as `send` above.
    package func send(_ bytes: [UInt8]) throws(SystemError) -> Int? {
        try bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in try send(UnsafeRawBufferPointer(bytes)) }
    }

    /// Reads into an array, which keeps its length; else as `read` above.
    package func read(into bytes: inout [UInt8]) throws(SystemError) -> Int? {
        try bytes.withUnsafeMutableBufferPointer { (bytes) throws(SystemError) in
            try read(into: UnsafeMutableRawBufferPointer(bytes))
        }
    }

    private func transferred(_ call: StaticString, _ body: () -> Int) throws(SystemError) -> Int? {
        do {
            return try retrying(call, body)
        } catch {
            if error.isWouldBlock { return nil }
            throw error
        }
    }
}
