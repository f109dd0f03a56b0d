import TorrentCore

/// Encoded messages that go out before any block that has not begun.
struct OutboundMessages {
    private var bytes: [UInt8] = []
    /// How many of them the kernel has taken.
    private var sent = 0
    /// Since when the first of them has waited.
    private var since = Moment.zero
    private var nextQuestion = Moment.zero
    /// Their owner wants to hear when they have left.
    private var isAwaited = false

    /// Most bytes that may wait: a peer for whom there are more reads nothing.
    static let most = 1 << 20
    /// Messages that waited at least so long, here and in the kernel, are reported to the owner.
    static let noticeableWait = Duration.milliseconds(20)
    /// How long messages wait in the kernel is asked at most once in this time.
    private static let timeBetweenQuestions = Duration.milliseconds(100)

    var count: Int { bytes.count - sent }
    var isEmpty: Bool { bytes.isEmpty }
    var isTooMuch: Bool { count > Self.most }

    mutating func append(_ message: PeerMessage, at now: Moment) {
        if isEmpty { since = now }
        message.append(to: &bytes)
    }

    mutating func append(encoded: [UInt8], at now: Moment, isAwaited: Bool = false) {
        if isEmpty { since = now }
        bytes += encoded
        if isAwaited { self.isAwaited = true }
    }

    /// Lends what the kernel has not taken.
    func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        try bytes.withUnsafeBufferPointer { (all) throws(SystemError) in
            try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[sent...])))
        }
    }

    /// The kernel has taken `count` more bytes. If none are left, the answer is since when the first of them waited.
    mutating func advance(by count: Int) -> Moment? {
        guard count > 0 else { return nil }
        sent += count
        guard sent == bytes.count else { return nil }
        bytes.removeAll(keepingCapacity: true)
        sent = 0
        return since
    }

    /// All have left: whether somebody waited for that, and does not any more.
    mutating func takeAwaited() -> Bool {
        defer { isAwaited = false }
        return isAwaited
    }

    /// Whether it is time to ask how long bytes wait in the kernel; then it is not again for a while.
    mutating func mayAskKernel(at now: Moment) -> Bool {
        guard now >= nextQuestion else { return false }
        nextQuestion = now + Self.timeBetweenQuestions
        return true
    }
}
