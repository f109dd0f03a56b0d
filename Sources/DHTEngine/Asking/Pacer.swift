import TorrentCore

/// Says how many addresses may be asked that we have not just heard from, of which BEP 5 says nothing: routers at home
/// keep a note of each.
struct Pacer {
    /// An address that we have heard from within so many seconds costs nothing: the router still knows it.
    static let familiarFor: TableSecond = 60

    private let interval: Int64
    private let burst: Int64
    /// When the bucket would be full, in nanoseconds: each address moves it on by one interval.
    private var fullAt: Int64

    init(aSecond: Int, atOnce: Int, at now: Moment) {
        interval = 1_000_000_000 / Int64(max(aSecond, 1))
        burst = Int64(max(atOnce, 1))
        fullAt = now.nanoseconds
    }

    /// True, and counted, if one may be asked now.
    mutating func take(at now: Moment) -> Bool {
        guard mayTake(at: now) else { return false }
        fullAt = max(fullAt, now.nanoseconds) + interval
        return true
    }

    func mayTake(at now: Moment) -> Bool { next <= now }

    /// How many may be asked at once now.
    func left(at now: Moment) -> Int {
        Int(burst - (max(fullAt, now.nanoseconds) - now.nanoseconds + interval - 1) / interval)
    }

    /// When the next one may be asked.
    var next: Moment { Moment(nanoseconds: fullAt - (burst - 1) * interval) }
}
