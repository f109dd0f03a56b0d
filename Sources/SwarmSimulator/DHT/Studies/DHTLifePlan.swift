package import DHTEngine

/// Real nodes alone: they come one by one, find each other, and live on while others come and go.
package struct DHTLifePlan: Sendable, Hashable {
    /// Nodes that are there at any time.
    package var nodes = 1_000
    /// Nodes that are always there, and the only ones that newcomers know.
    package var bootstrapNodes = 5
    /// They come within this time.
    package var comingFor = Duration.seconds(600)
    /// How long they live by themselves before anybody looks anything up.
    package var settlingFor = Duration.seconds(1_200)
    /// How long one stays at the mean; somebody else comes in its stead. Nil: for ever.
    package var staysFor: Duration?
    /// So many hear only whom they spoke to just now.
    package var partBehindNAT = 0.0
    /// Announces and lookups, one after the other.
    package var lookups = 100
    package var rules = DHTRules()
    package var limits = DHTLimits()

    package init() {}
}

/// What became of nodes that found each other.
package struct DHTLifeReport: Sendable {
    /// What the lookups were like.
    package var lookups: [DHTLookupFigures] = []
    /// Nodes in a table and those of them that are good, at the mean.
    package var tableNodes = 0.0
    /// Of those, the good ones.
    package var goodNodes = 0.0
    /// Of the nodes that a node would name or remember, so many are there.
    package var livePart = 0.0
    /// Datagrams that a node sends a second while nobody looks anything up.
    package var idleDatagramsASecond = 0.0
    /// Nodes whose table is empty.
    package var lonely = 0
    /// A digest of all datagrams.
    package var trace = TraceDigest()

    package init() {}
}
