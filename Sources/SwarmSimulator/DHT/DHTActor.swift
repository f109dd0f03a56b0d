package import DHTEngine
package import TorrentCore

/// A real `DHTNode` in a world, and what it was seen to do.
package final class DHTActor {
    package let endpoint: Endpoint
    package internal(set) var node: DHTNode
    /// It is there: who has left hears nothing and says nothing.
    package internal(set) var isAlive = true
    /// It hears only whom it has spoken to in the last minute: its router lets nothing else in.
    package let isBehindNAT: Bool
    /// Numbers of dwellers that are dead for this one alone.
    var unreachable: Set<Int> = []
    /// The soonest wake that is on its way.
    var wakesAt = Moment.distantFuture
    /// When it was last woken, and how often at that moment.
    var wokenAt = Moment.zero
    var wakes = 0
    /// Whom it spoke to, and when last; kept behind NAT only.
    var spokenTo: [Endpoint: Moment] = [:]
    /// Every datagram it sent, while `watches`, to addresses that it had not heard from within a minute.
    package internal(set) var sent: [(at: Moment, to: Endpoint)] = []
    package var watches = false
    /// Whom it heard from, and when last; kept while `watches`.
    var heardFrom: [Endpoint: Moment] = [:]
    package internal(set) var received = 0
    package internal(set) var sentCount = 0
    /// When the first datagram came since this was last set to nil.
    package var heardAt: Moment?
    /// What it wants done besides sending.
    package var hears: ((DHTEffect, Moment) -> Void)?
    /// Told what it would send, in place of the network.
    var answers: (([UInt8], Endpoint) -> Void)?
    var effects: [DHTEffect] = []

    init(_ node: consuming DHTNode, at endpoint: Endpoint, isBehindNAT: Bool) {
        self.endpoint = endpoint
        self.isBehindNAT = isBehindNAT
        self.node = node
    }

    /// The most addresses it wrote to within one second without having heard from them.
    package var busiestSecond: Int {
        var (most, first) = (0, 0)
        for (last, entry) in sent.enumerated() {
            while entry.at - sent[first].at > .seconds(1) { first += 1 }
            guard last - first >= most else { continue }
            most = max(most, Set(sent[first...last].map(\.to)).count)
        }
        return most
    }
}
