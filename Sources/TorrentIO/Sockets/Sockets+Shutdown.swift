import Glibc

extension Sockets {
    /// Says that nothing more will be sent; what the other end still sends can be read (shutdown).
    package static func finishSending(_ descriptor: Descriptor) {
        _ = shutdown(descriptor.number, Int32(SHUT_WR))
    }
}
