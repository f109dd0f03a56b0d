import TestSupport

/// Whom a peer of a private torrent may call: its trackers, whom its user named, and whom the tracker has named that
/// answered last (BEP 27).
struct Acquaintance {
    private let always: Set<String>
    private var stretches: [Stretch] = []

    /// A time in which all answers came from one tracker.
    private struct Stretch {
        let tracker: Int
        let begins: Double
        var named: [(time: Double, place: String)] = []
    }

    /// A call that was begun before the answer of another tracker had been read is no fault.
    private static let grace = 2.0

    /// What `trackers` have told `host` of the torrent.
    init(of host: Bridge.Host, _ infoHash: String, _ trackers: [NamingTracker], byUser: [String] = []) {
        always = Set(trackers.map { NamingTracker.place(on: $0.host) } + byUser)
        let answers = trackers.enumerated().flatMap { number, tracker in
            tracker.answers.filter { $0.address == host.address() && $0.infohash == infoHash }.map { (number, $0) }
        }
        for (tracker, answer) in answers.sorted(by: { $0.1.time < $1.1.time }) {
            if stretches.last?.tracker != tracker {
                stretches.append(Stretch(tracker: tracker, begins: answer.time))
            }
            stretches[stretches.count - 1].named += answer.named.map { (answer.time, $0) }
        }
    }

    /// Whom it may call in the end.
    var current: Set<String> { always.union(stretches.last?.named.map(\.place) ?? []) }

    /// Whom the tracker has named that answered last, and since when; nil if all answers came from one.
    var afterSwitch: (since: Double, named: Set<String>)? {
        guard stretches.count > 1, let last = stretches.last else { return nil }
        return (last.begins, Set(last.named.map(\.place)))
    }

    /// Nil if that may be; else what is wrong.
    func complaint(about packet: Packet) -> String? {
        guard !always.contains(packet.place) else { return nil }
        let begun = stretches.filter { $0.begins <= packet.time }
        let isFresh = begun.last.map { packet.time - $0.begins < Self.grace } ?? false
        let named = begun.suffix(isFresh ? 2 : 1).flatMap(\.named).filter { $0.time <= packet.time }.map(\.place)
        guard !named.contains(packet.place) else { return nil }
        return "\(packet.kind) from host \(packet.host) to \(packet.place), named to it were \(named)"
    }
}
