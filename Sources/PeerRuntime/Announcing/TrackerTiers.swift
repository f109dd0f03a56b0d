import TorrentCore

/// The trackers of a torrent that can be asked, in their tiers (BEP 12), and why the others cannot.
struct TrackerTiers {
    let tiers: [[TrackerURL]]
    /// Why the other trackers cannot be used, in words.
    private(set) var bad: [String] = []
    /// The torrent is private and does not name the tracker of this process, so it is not announced there (BEP 27).
    let isKeptFromOwnTracker: Bool
    /// The first tier is the tracker of this process, which nobody else has named.
    let startWithOwnTracker: Bool

    /// `ownTracker` is asked first, if that is no other's business.
    init(_ texts: [[String]], isPrivate: Bool, ownTracker: OwnTracker?) {
        var tiers: [[TrackerURL]] = []
        for tier in texts {
            var usable: [TrackerURL] = []
            for text in tier {
                do throws(TrackerURLError) {
                    let url = try TrackerURL(text)
                    // Many torrents name a tracker in several tiers; it is asked once.
                    if !tiers.joined().contains(url), !usable.contains(url) { usable.append(url) }
                } catch {
                    bad.append("tracker \(text): \(error)")
                }
            }
            if !usable.isEmpty { tiers.append(usable) }
        }
        let isMissing = ownTracker.map { !$0.isNamed(in: tiers) } ?? false
        isKeptFromOwnTracker = isMissing && isPrivate
        startWithOwnTracker = isMissing && !isPrivate
        if let ownTracker, startWithOwnTracker { tiers.insert([ownTracker.url], at: 0) }
        self.tiers = tiers
    }
}
