import Glibc
package import TorrentCore

/// Turns host names into addresses, on threads that may wait for it.
package final class Resolver: Sendable {
    /// Why a name has no address.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The resolver's own words.
        case notFound(String)
        case timedOut
        /// Too many names are being resolved already.
        case tooMany

        package var description: String {
            switch self {
            case .notFound(let text): text
            case .timedOut: "the name could not be resolved in time"
            case .tooMany: "too many names are being resolved"
            }
        }
    }

    /// Names asked for and not answered, at most.
    package static let limit = 256
    /// Addresses of one name, at most.
    package static let addressLimit = 32

    /// Answers for a host name, however long that takes.
    package typealias Lookup = @Sendable (String) -> Result<[IPAddress], Failure>

    private let workers: BlockingWorkers
    private let lookup: Lookup

    /// `count` names are looked up at once, each on a thread of its own.
    package init(
        name: String = "p2p.resolver", count: Int = 4, lookup: @escaping Lookup = { Resolver.addresses(of: $0) }
    ) {
        workers = BlockingWorkers(name: name, count: count)
        self.lookup = lookup
    }

    /// Calls `body` once, in a later iteration of `reactor`, with the addresses in the order in which they should be
    /// tried. An address in text form costs nothing. Must be called on the reactor.
    ///
    /// After `timeout` it is told so, though the system's resolver cannot be stopped and keeps its thread until it
    /// gives up by itself.
    package func resolve(
        _ host: String, on reactor: Reactor, timeout: Duration = .seconds(20),
        _ body: @escaping (Result<[IPAddress], Failure>) -> Void
    ) {
        if let address = IPAddress(text: Self.unbracketed(host)) {
            reactor.performLater { body(.success([address])) }
            return
        }
        guard workers.waiting < Self.limit else {
            reactor.performLater { body(.failure(.tooMany)) }
            return
        }
        var timer: TimerID?
        let reply = reactor.reply { (answer: Result<[IPAddress], Failure>) in
            if let timer { reactor.cancel(timer) }
            body(answer)
        }
        timer = reactor.setTimer(after: timeout) { reply.send(.failure(.timedOut)) }
        workers.perform(reply: reply) { [lookup] in lookup(host) }
    }

    /// Asks the system, and waits for it.
    package static func addresses(of host: String) -> Result<[IPAddress], Failure> {
        guard !host.utf8.contains(0) else { return .failure(.notFound("no such name")) }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0, let list else { return .failure(.notFound(String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var next: UnsafeMutablePointer<addrinfo>? = list
        while let entry = next, addresses.count < addressLimit {
            let address = entry.pointee.ai_addr.flatMap { SocketAddress(copying: $0).endpoint?.address }
            if let address, !addresses.contains(address) { addresses.append(address) }
            next = entry.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(.notFound("the name has no address")) : .success(addresses)
    }

    /// URLs put IPv6 addresses into brackets.
    private static func unbracketed(_ host: String) -> Substring {
        host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host[...]
    }
}
