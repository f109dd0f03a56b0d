import TorrentCore

/// How fast the uplink goes while there is something to send, and how many peers at once it takes to fill it.
struct UplinkPace {
    /// Bytes a second while busy, of late and at best.
    private(set) var current: Double = 0
    private(set) var best: Double = 0
    /// Peers that are served at the same time.
    private(set) var width = 1

    private var spanStart = Moment.zero
    private var spanBytes = 0
    private var spans = 0
    private var probeEnds = 0
    private var hold = Self.shortestHold
    private var narrowedAt = 0
    private var widenedAt = 0

    // More at once gain nothing in simulated TCP, nor over slow lines that are real.
    static let widest = 4
    // Sockets and modems take gulps ahead of the line: a shorter span would see little else.
    static let shortestSpan = Duration.milliseconds(200)
    static let smallestSpan = 32_768
    /// Below this share of the best rate the uplink is not full.
    static let full = 0.9
    static let spansBetweenProbes = 64
    static let probeSpans = 4
    /// A width that was needed is kept for so many spans, twice as many each time that it is needed again.
    static let shortestHold = 8
    static let longestHold = 256

    /// `wasBusy`: something was waiting to leave ever since the last block did.
    mutating func sent(_ bytes: Int, wasBusy: Bool, at now: Moment) {
        guard wasBusy else {
            (spanStart, spanBytes) = (now, 0)
            return
        }
        spanBytes += bytes
        let time = now - spanStart
        guard time >= Self.shortestSpan, spanBytes >= Self.smallestSpan else { return }
        let rate = Double(spanBytes) / time.inSeconds
        current = current == 0 ? rate : (current + rate) / 2
        best = max(best * 0.995, current)
        (spanStart, spanBytes) = (now, 0)
        spans += 1
        adapt()
    }

    private mutating func adapt() {
        if current < Self.full * best {
            guard spans >= widenedAt + Self.probeSpans else { return }
            let wasTooSoon = narrowedAt > 0 && spans - narrowedAt <= 2 * Self.shortestHold
            hold = wasTooSoon ? min(Self.longestHold, 2 * hold) : hold
            width = min(Self.widest, width + 1)
            widenedAt = spans
            probeEnds = spans + hold
        } else if spans >= probeEnds {
            if width > 1 {
                width -= 1
                narrowedAt = spans
                probeEnds = spans + Self.shortestHold
            } else if spans - probeEnds >= Self.spansBetweenProbes {
                width = 2
                probeEnds = spans + Self.probeSpans
            }
        }
    }

    /// Seconds to send so many bytes.
    func time(for bytes: Int) -> Double { current > 0 ? Double(bytes) / current : .infinity }
}
