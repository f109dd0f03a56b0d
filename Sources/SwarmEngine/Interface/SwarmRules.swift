/// Which of its policies a brain follows, where there are several.
package struct SwarmRules: Sendable, Hashable {
    /// How uploads are shared out.
    package enum Uploads: Hashable, Sendable {
        /// Several peers at once, chosen anew every 10 s: `ClassicChoker`.
        case slots
        /// One whole piece to one peer, then the next: `SerialChoker`.
        case serial
        /// Turns of whole pieces where they pay, slots where they do not: `Uplink+Fitting`.
        case fitting
    }

    package var uploads = Uploads.slots
    /// Peers with hardly any pieces may have a few while they are choked (BEP 6); only while slots are given.
    package var grantsFast = true
    /// A fixed number of slots; nil: it follows from the upload rate. `SwarmLimits.uploadSlots`, if set, goes first.
    package var slots: Int?
    /// A seed shows each peer only the pieces that it chose for it (after BEP 16), until there is another seed; only
    /// while turns are given.
    package var hidesPieces = false
    /// People want a seed to give as little as possible until there is another one (BEP 16): it hides its pieces
    /// whatever lines and neighbours are like, and gives turns. Only who begins with everything does so.
    package var superSeeds = false
    /// A private torrent lets anybody in who connects to it, as most programs do: BEP 27 says only to whom it may
    /// connect. Else whoever comes from an address that neither its tracker nor its user has named is sent away.
    package var admitsUnnamed = true
    /// Peers tell us, and we tell them, whom we are connected with (BEP 11). Never in a private torrent.
    package var exchangesPeers = false

    package init() {}

    /// Slots in every swarm.
    package static var slots: SwarmRules { SwarmRules() }

    /// As most programs play today: four slots, the optimistic one among them.
    package static var standard: SwarmRules {
        var rules = SwarmRules.slots
        rules.slots = 4
        rules.grantsFast = false
        return rules
    }

    /// What our programs go by, where their user does not say otherwise: the fitting ones, and peer exchange.
    package static var ours: SwarmRules {
        var rules = SwarmRules.fitting
        rules.exchangesPeers = true
        return rules
    }

    /// Turns or slots, whichever the brain finds better.
    package static var fitting: SwarmRules {
        var rules = SwarmRules()
        rules.uploads = .fitting
        rules.hidesPieces = true
        return rules
    }

    /// Turns in every swarm, and a seed that chooses which pieces go out.
    package static var serial: SwarmRules {
        var rules = SwarmRules()
        rules.uploads = .serial
        rules.grantsFast = false
        rules.hidesPieces = true
        return rules
    }
}
