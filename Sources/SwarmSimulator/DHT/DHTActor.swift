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
    var waking = Waking()
    /// Whom it spoke to, and when last; kept behind NAT only.
    var spokenTo: [Endpoint: Moment] = [:]
    var seen = Sightings()
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
}

extension DHTActor {
    /// When it is woken.
    struct Waking {
        /// The soonest wake that is on its way.
        var at = Moment.distantFuture
        /// When it was last woken, and how often at that moment.
        var last = Moment.zero
        var count = 0
    }

    /// A datagram that it sent.
    struct Sent {
        let at: Moment
        let to: Endpoint
    }

    /// What was seen of it.
    struct Sightings {
        var sentCount = 0
        /// When the first datagram came since this was last set to nil.
        var heardAt: Moment?
        /// Whether what follows is kept.
        var watches = false
        /// Every datagram it sent to addresses that it had not heard from within a minute.
        var sent: [Sent] = []
        /// Whom it heard from, and when last.
        var heardFrom: [Endpoint: Moment] = [:]

        /// The most addresses it wrote to within one second without having heard from them.
        var busiestSecond: Int {
            var (most, first) = (0, 0)
            for (last, entry) in sent.enumerated() {
                while entry.at - sent[first].at > .seconds(1) { first += 1 }
                guard last - first >= most else { continue }
                most = max(most, Set(sent[first...last].map(\.to)).count)
            }
            return most
        }
    }
}
