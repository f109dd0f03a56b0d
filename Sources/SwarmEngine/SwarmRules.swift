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

    package var uploads = Uploads.fitting
    /// Peers that begin may have a few pieces while they are choked (BEP 6); only while slots are given.
    package var grantsFast = true
    /// A fixed number of slots; nil lets the slots follow the rate.
    package var slots: Int?

    /// Who begins with everything shows each peer only the pieces that it chose for it (after BEP 16), until somebody
    /// else has everything; only while turns are given.
    package var hidesPieces = true

    package init() {}

    /// Slots, whatever the swarm is like.
    package static var slots: SwarmRules {
        var rules = SwarmRules()
        rules.uploads = .slots
        rules.hidesPieces = false
        return rules
    }

    /// As most programs play today: four slots, the optimistic one among them.
    package static var standard: SwarmRules {
        var rules = SwarmRules.slots
        rules.slots = 4
        rules.grantsFast = false
        return rules
    }

    /// Serial uplinks, whatever the swarm is like, and a seeder that chooses what goes out.
    package static var serial: SwarmRules {
        var rules = SwarmRules()
        rules.uploads = .serial
        rules.grantsFast = false
        return rules
    }
}
