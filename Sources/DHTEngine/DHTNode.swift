package import TorrentCore

/// One node of the DHT (BEP 5): it keeps a table of others, looks up and announces, and answers who asks.
///
/// It holds no socket, name or clock. `take` tells it one thing that happened, `received` gives it a datagram, at a time
/// that the shell says; what is to be done is appended to `effects`. `nextDeadline` says when it wants to be woken.
package struct DHTNode: ~Copyable {
    package let configuration: DHTConfiguration

    package init(_ configuration: DHTConfiguration, at now: Moment) {
        self.configuration = configuration
    }

    /// When `deadlineReached` is to be told, unless something happens before.
    package var nextDeadline: Moment { .distantFuture }

    package mutating func take(_ event: DHTEvent, at now: Moment, effects: inout [DHTEffect]) {}

    /// A datagram came that looks like one of the DHT. `beside` gives the closest nodes of the other family (BEP 32).
    package mutating func received(
        _ datagram: RawSpan, from sender: Endpoint, beside: (NodeID) -> [DHTContact] = { _ in [] }, at now: Moment,
        effects: inout [DHTEffect]
    ) {}

    /// The good nodes of the table that are closest to a place, eight at the most.
    package func closest(to place: NodeID) -> [DHTContact] { [] }

    /// What to keep for the next run.
    package func memory(at now: Moment) -> DHTMemory { configuration.memory }

    package func figures(at now: Moment) -> DHTFigures { DHTFigures(id: NodeID(.zero)) }
}
