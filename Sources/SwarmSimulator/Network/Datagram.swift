/// A packet of UDP between two nodes: it may be lost, come late, or come twice.
struct Datagram: Hashable, Sendable {
    /// The numbers of the nodes.
    let from: Int
    let to: Int
    let bytes: [UInt8]

    /// Bytes of the headers of UDP and IP.
    static let headerBytes = 28

    var wireBytes: Int { bytes.count + Self.headerBytes }
}

/// How a network treats datagrams.
package struct DatagramConduct: Sendable, Hashable {
    /// Longest payload that passes, bytes; longer ones are lost, as on a path that does not fragment.
    package var longest = 1_472
    /// One in so many is lost on its way, comes twice, or comes late. 0: none.
    package var lostOneIn = 0
    /// One in so many comes twice. 0: none.
    package var repeatedOneIn = 0
    /// One in so many comes `lateBy` later. 0: none.
    package var lateOneIn = 0
    /// How much later one comes that comes late, so that others overtake it.
    package var lateBy = Duration.milliseconds(30)
    /// Each comes up to so much later than the latencies say.
    package var jitter = Duration.zero
    /// Bytes that a line keeps while others leave; what finds no room is lost.
    package var queueBytes = 256 << 10

    package init() {}
}

/// What became of the datagrams of a network.
struct DatagramFigures: Hashable {
    var sent = 0
    var delivered = 0
    /// Longer than what passes.
    var tooLong = 0
    /// They found no room before the sender's line.
    var crowdedOut = 0
    /// Lost on their way.
    var lost = 0
    var repeated = 0
}
