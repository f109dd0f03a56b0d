import TorrentCore

/// Some of the torrents that we keep peers of, for those who draw up an index (BEP 51). While there are more than one
/// answer has room for, the same ones are told for a while: asking again is of no use.
struct InfohashSample {
    /// Torrents of one answer.
    static let size = 30
    /// How long they stay.
    static let lifetime = Duration.seconds(900)

    private var torrents: [InfoHash] = []
    private var until = Moment.zero

    /// What is told now, and the seconds until there is something else.
    mutating func tell(
        of peers: borrowing KeptPeers, using generator: inout SplitMix64, at now: Moment
    ) -> (torrents: [InfoHash], seconds: Int) {
        if now >= until || torrents.count < Self.size {
            torrents = peers.sample(Self.size, using: &generator)
            until = now + Self.lifetime
        }
        return (torrents, Int(((until - now).inSeconds).rounded(.up)))
    }
}
