import TorrentCore

/// What a network carries over connections. It knows no more of it than this.
protocol NetworkCargo {
    /// Length on the wire.
    var bytes: Int64 { get }
    var handling: CargoHandling { get }
}

/// How a line treats what it is given to send.
enum CargoHandling {
    /// A few bytes that take no time on the line: it passes what waits, but for what has to keep its order.
    case message
    /// It waits for its turn, and no later message overtakes it.
    case ordered
    /// A block: it waits for its turn, and fills the connection's window.
    case payload
    /// It takes its turn, and never arrives.
    case forgotten
}

/// What happens in a network later. Whoever keeps the time hands it back to the network, or takes what has arrived.
enum NetworkEvent<Cargo> {
    /// A line has sent what it was busy with.
    case lineIsFree(line: Int, LineTask)
    /// The acknowledgement of so many bytes is back at their sender.
    case acknowledged(flow: Int, bytes: Int64)
    /// The first bytes have arrived, the others are on their way.
    case begins(Cargo, flow: Int)
    case arrived(Cargo, flow: Int)
    /// A datagram has come as far as the receiver's line, which takes its time.
    case reached(Datagram)
    case delivered(Datagram)
}

/// What a line is busy with.
enum LineTask: Hashable {
    case flow(Int)
    case datagrams
}

/// Whoever uses a network: it keeps the time, and is told what the senders notice.
protocol NetworkUser: AnyObject {
    associatedtype Cargo: NetworkCargo
    var now: Moment { get }
    /// Chance of connections; datagrams have their own.
    var generator: SplitMix64 { get set }
    func schedule(_ event: NetworkEvent<Cargo>, at moment: Moment)
    /// The last byte has left the sender's line.
    func left(_ cargo: Cargo, flow: Int)
    /// Messages had to wait so long behind a block of their own flow.
    func waited(_ time: Duration, flow: Int)
}
