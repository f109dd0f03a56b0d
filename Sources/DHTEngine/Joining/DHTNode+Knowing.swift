package import TorrentCore

extension DHTNode {
    private static let knownFor = Duration.seconds(480)

    /// A node that has been running for long, for worlds that begin in the middle: these have answered it lately, it
    /// looks for no others, and `start` tells it nothing new.
    package init(_ configuration: DHTConfiguration, knowing contacts: [DHTContact], at now: Moment) {
        self.init(configuration, at: now - Self.knownFor)
        for (number, contact) in contacts.enumerated() where isWorthKeeping(contact) {
            // Some minutes ago, each at its own time: no router knows them any more.
            _ = table.answered(contact, at: 1 + TableSecond(number % 360))
        }
        self.now = now
        joining.phase = .settled
        joining.lookAt = now + Joining.neighbourhoodInterval
        tendSoon()
    }
}
