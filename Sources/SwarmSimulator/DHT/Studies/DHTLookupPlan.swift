package import DHTEngine

/// Lookups one after the other: somebody announces a torrent, some of those who took it die, somebody else looks.
package struct DHTLookupPlan: Sendable, Hashable {
    /// What the one who looks begins with.
    package enum Start: Sendable, Hashable {
        /// A table as a node has that runs for long.
        case warm
        /// The address of one node that is there, and nothing else.
        case bootstrap
        /// What it remembered of the run before, of which so much is dead by now, and no other address.
        case memory(deadPart: Double)
    }

    /// Who aims at the torrent.
    package enum Attack: Sendable, Hashable {
        case late, old
    }

    /// Who is there.
    package var crowd = DHTCrowdPlan()
    package var start = Start.warm
    package var attack: Attack?
    /// Announces and lookups, one after the other.
    package var lookups = 300
    /// Of the nodes that took the announce, so many die before somebody looks.
    package var dyingPart = 0.1
    package var rules = DHTRules()
    package var limits = DHTLimits()

    /// Identities of an attack, and the addresses that they are on.
    package var identities = 1_000
    /// The addresses of an attack.
    package var attackerAddresses = 20

    package init() {}
}

extension DHTRules {
    /// Plain Kademlia, with the same check of ids: three in flight for two seconds at most, eight a bucket.
    package static var plain: DHTRules {
        var rules = DHTRules()
        rules.inFlight = 3
        rules.inFlightAtFirst = 3
        rules.patience = .fixed(.seconds(2))
        rules.bucketSizes = [8]
        rules.unfittingAsked = 0
        rules.unprovenAnAnswer = .max
        rules.closestInAlarm = 8
        return rules
    }
}

/// What one lookup was like.
package struct DHTLookupFigures: Sendable, Hashable {
    /// It found the peer.
    package var found = false
    /// Until the first peers were there.
    package var firstPeers: Duration?
    /// Until its end.
    package var done: Duration?
    /// Until anybody had answered.
    package var firstAnswer: Duration?
    /// Questions that it took.
    package var queries = 0
    /// Of the eight closest live honest nodes, so many got the announce.
    package var reach = 0.0
    /// Whoever looked, and whoever announced, has the id that it had.
    package var isWhoItWas = true
    /// The most addresses that were asked within one second.
    package var busiestSecond = 0

    package init() {}
}
