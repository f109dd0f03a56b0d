/// By which rules a brain plays where there is a choice.
package struct SwarmRules: Sendable, Hashable {
    /// How uploads are shared out.
    package enum Uploads: Hashable, Sendable {
        /// Several peers at once, changed by the clock: `ClassicChoker`.
        case slots
        /// One whole piece to one peer, then the next: `SerialChoker`.
        case serial
        /// Turns of whole pieces where they pay, slots where they do not: `Swarm+Fitting`.
        case fitting
    }

    package var uploads = Uploads.slots
    /// Peers that begin may have a few pieces while they are choked (BEP 6); only while slots are given.
    package var grantsFast = true
    /// A fixed number of slots; nil lets the slots follow the rate.
    package var slots: Int?

    /// Who begins with everything shows each peer only the pieces that it chose for it (after BEP 16), until somebody
    /// else has everything; only while turns are given.
    package var hidesPieces = false

    package init() {}

    /// Slots, whatever the swarm is like.
    package static var slots: SwarmRules { SwarmRules() }

    /// As most programs play today: four slots, the optimistic one among them.
    package static var standard: SwarmRules {
        var rules = SwarmRules.slots
        rules.slots = 4
        rules.grantsFast = false
        return rules
    }

    /// Turns or slots, as the brain finds fit: what the programs play.
    package static var fitting: SwarmRules {
        var rules = SwarmRules()
        rules.uploads = .fitting
        rules.hidesPieces = true
        return rules
    }

    /// Serial uplinks, whatever the swarm is like, and a seeder that chooses what goes out.
    package static var serial: SwarmRules {
        var rules = SwarmRules()
        rules.uploads = .serial
        rules.grantsFast = false
        rules.hidesPieces = true
        return rules
    }
}
