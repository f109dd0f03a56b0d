package import TorrentCore

extension DHTNode {
    /// A node that has been running for long, for worlds that begin in the middle: these have just answered it, it looks
    /// for no others, and `start` tells it nothing new.
    package init(_ configuration: DHTConfiguration, knowing contacts: [DHTContact], at now: Moment) {
        self.init(configuration, at: now)
        for contact in contacts where isWorthKeeping(contact) { _ = table.answered(contact, at: second) }
        joining.phase = .settled
        joining.lookAt = now + Joining.neighbourhoodInterval
        tendSoon()
    }
}
