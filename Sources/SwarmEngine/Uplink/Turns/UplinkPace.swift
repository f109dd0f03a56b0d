import TorrentCore

/// The rate of the uplink while there is something to send, and how many peers have to be served at once to fill it.
struct UplinkPace {
    /// Bytes a second while busy: recent, and the best seen.
    private(set) var current: Double = 0
    private(set) var best: Double = 0
    /// Peers that are served at the same time.
    private(set) var width = 1

    /// The span that is being measured, and how many have been.
    private var spanStart = Moment.zero
    private var spanBytes = 0
    private var spans = 0
    // All of these count spans: until when the width is kept, for how long, and when it last changed.
    private var probeEnds = 0
    private var hold = Self.shortestHold
    private var narrowedAt = 0
    private var widenedAt = 0

    // More at once gained nothing, in simulated TCP and on real slow lines.
    static let widest = 4
    // Sockets and modems buffer ahead of the line: a shorter span would measure their buffers.
    static let shortestSpan = Duration.milliseconds(200)
    static let smallestSpan = 32_768
    /// Below this share of the best rate the uplink is not full.
    static let full = 0.9
    static let spansBetweenProbes = 64
    static let probeSpans = 4
    /// A larger width is kept for so many spans; twice as many if it is needed again soon after it was given up.
    static let shortestHold = 8
    static let longestHold = 256

    /// A block has left. `wasBusy`: it was already waiting when the block before it left.
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

    /// Serves more peers at once while the rate is below the best, and fewer when it is not; now and then tries two.
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

    /// How long so many bytes take to send; nil as long as the uplink has not been measured.
    func time(for bytes: Int) -> Duration? { current > 0 ? .seconds(Double(bytes) / current) : nil }
}
