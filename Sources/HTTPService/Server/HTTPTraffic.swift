/// What a server has had to do with; read on its reactor.
package final class HTTPTraffic {
    /// Since the server began, those that have ended included.
    package internal(set) var connectionsTaken: UInt64 = 0
    /// Bytes of requests.
    package internal(set) var bytesIn: UInt64 = 0
    /// Bytes of answers that have left, streamed ones included.
    package internal(set) var bytesOut: UInt64 = 0
    /// Requests that are none, or that break a limit.
    package internal(set) var malformed: UInt64 = 0

    package init() {}
}
