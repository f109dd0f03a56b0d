import Glibc
import Synchronization

extension LoopbackServer {
    /// A port that nobody uses and that nobody else is given, TCP and UDP, on all loopback addresses: for programs that
    /// cannot say which one the system gave them, and for those where nobody is to be.
    ///
    /// It lies below those of which the system picks (`ip_local_port_range`, from 32,768), so that whoever asks for any
    /// port in the meantime, in this process or beside it, does not get it.
    package static func freePort() throws -> Int {
        for _ in 0..<1_000 {
            let port = next.withLock { next in
                next = next < last ? next + 1 : first
                return next
            }
            if [SOCK_STREAM, SOCK_DGRAM].allSatisfy({ isFree(port, $0) }) { return port }
        }
        throw TestFailure("no port is free between \(first) and \(last)")
    }

    private static let first = 12_000
    private static let last = 31_000
    // From a random one on: two runs of the tests at once do not go side by side.
    private static let next = Mutex(Int.random(in: first...last))

    private static func isFree(_ port: Int, _ kind: __socket_type) -> Bool {
        let descriptor = socket(AF_INET, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = address("0.0.0.0", port)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
