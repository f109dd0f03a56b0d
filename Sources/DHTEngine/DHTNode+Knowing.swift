package import TorrentCore

extension DHTNode {
    package init(_ configuration: DHTConfiguration, knowing contacts: [DHTContact], at now: Moment) {
        self.init(configuration, at: now)
    }
}
