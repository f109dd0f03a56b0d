import TorrentCore

/// The requests to one peer that are unanswered, and how many there may be: the depth (BEP 3).
///
/// The depth follows the time that answers take. As long as they come within twice the shortest round trip seen plus
/// `slack`, each answer adds one, so the depth doubles each round trip until it covers rate times round trip. When an
/// answer takes more than twice that limit, they queue at the peer, and the depth shrinks. Time in which our requests
/// wait behind blocks of our own, before they leave, says nothing about the peer and is added to the limit.
struct RequestPipeline {
    /// One request.
    struct Entry {
        let block: BlockRequest
        let sentAt: Moment
        /// Other peers may be asked for the block: we sent a cancel, or the peer has choked us or is too slow.
        var isGivenUp = false
        /// Answered; kept only until those before it are answered.
        fileprivate var isDone = false

        fileprivate init(block: BlockRequest, sentAt: Moment) {
            self.block = block
            self.sentAt = sentAt
        }
    }

    /// Unanswered requests.
    private(set) var count = 0
    /// Unanswered requests that are given up. The others are pending.
    private(set) var givenUpCount = 0
    /// How many unanswered requests there may be.
    private(set) var depth = Self.startDepth
    // In the order in which they were sent. Those before `head` are answered, and so may others be.
    private var entries: [Entry] = []
    private var head = 0
    private var shortestTrip: Duration?
    /// The longest recent wait of requests on our side, in whole nanoseconds.
    private var ownWait = Duration.zero

    static let startDepth = 8
    static let shallowest = 4
    /// Below this round trip, more than `quickDepth` requests would only take memory.
    static let quickTrip = Duration.milliseconds(2)
    static let quickDepth = 192
    static let slack = Duration.milliseconds(500)
    /// Each answer shortens `ownWait` by one part in so many.
    private static let ownWaitFade: Int64 = 512
    /// A longer wait counts as this.
    private static let longestOwnWait = Duration.seconds(10)
    /// Answered requests that are kept, besides as many as there are unanswered ones.
    private static let mostAnswered = 256

    subscript(position: Int) -> Entry { entries[position] }

    /// Where the unanswered requests are, oldest first.
    var positions: [Int] { (head..<entries.count).filter { !entries[$0].isDone } }

    func contains(_ block: BlockRequest) -> Bool { position(of: block) != nil }

    /// Where the request for `block` is; nil if there is none.
    func position(of block: BlockRequest) -> Int? {
        var position = head
        while position < entries.count {
            if !entries[position].isDone, entries[position].block == block { return position }
            position += 1
        }
        return nil
    }

    /// Where the pending request for `block` is. After a cancel or a choke the same block may be requested again while
    /// the first request is still unanswered, so there can be two, one of them given up.
    func pendingPosition(of block: BlockRequest) -> Int? {
        var position = head
        while position < entries.count {
            if !entries[position].isDone, !entries[position].isGivenUp, entries[position].block == block {
                return position
            }
            position += 1
        }
        return nil
    }

    /// Where the oldest pending request for a block of `piece` is.
    func pendingPosition(of piece: PieceIndex) -> Int? {
        entries[head...].firstIndex { !$0.isDone && !$0.isGivenUp && $0.block.piece == piece }
    }

    func hasRequest(of piece: PieceIndex) -> Bool {
        entries[head...].contains { !$0.isDone && $0.block.piece == piece }
    }

    /// Calls `body` with each pending request, oldest first, until it returns false. No block is among them twice: it
    /// is requested again only after its first request has been given up.
    func forEachPending(_ body: (BlockRequest) -> Bool) {
        var position = head
        while position < entries.count {
            let entry = entries[position]
            if !entry.isDone, !entry.isGivenUp, !body(entry.block) { return }
            position += 1
        }
    }

    /// When the oldest pending request was sent.
    var oldestSentAt: Moment? {
        var position = head
        while position < entries.count {
            if !entries[position].isDone, !entries[position].isGivenUp { return entries[position].sentAt }
            position += 1
        }
        return nil
    }

    // MARK: Changes

    mutating func append(_ block: BlockRequest, at now: Moment) {
        entries.append(Entry(block: block, sentAt: now))
        count += 1
    }

    /// Other peers may be asked for this block from now on.
    mutating func giveUp(at position: Int) {
        guard !entries[position].isGivenUp else { return }
        entries[position].isGivenUp = true
        givenUpCount += 1
    }

    /// Removes the request at `position`.
    mutating func remove(at position: Int) {
        if entries[position].isGivenUp { givenUpCount -= 1 }
        entries[position].isDone = true
        count -= 1
        while head < entries.count, entries[head].isDone { head += 1 }
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 256, head * 2 >= entries.count {
            entries.removeFirst(head)
            head = 0
        } else if answeredCount > count + Self.mostAnswered {
            // They are kept behind a request that the peer may never answer.
            entries = entries[head...].filter { !$0.isDone }
            head = 0
        }
    }

    mutating func removeAll() {
        entries = []
        head = 0
        count = 0
        givenUpCount = 0
    }

    /// Answered requests that are still kept.
    private var answeredCount: Int { entries.count - head - count }

    // MARK: Depth

    /// A request sent at `sent` has been answered: adapts the depth.
    mutating func answered(sent: Moment, at now: Moment, limit: Int) {
        let trip = now - sent
        let shortest = min(shortestTrip ?? trip, trip)
        shortestTrip = shortest
        let ample = shortest * 2 + Self.slack + ownWait
        if ownWait > .zero { ownWait -= .nanoseconds(ownWait.wholeNanoseconds / Self.ownWaitFade) }
        if trip <= ample {
            depth = min(depth + 1, shortest < Self.quickTrip ? min(limit, Self.quickDepth) : limit)
        } else if trip > ample * 2 {
            depth = max(Self.shallowest, depth - 1)
        }
    }

    /// Our messages to the peer had to wait this long before they left.
    mutating func messagesWaited(_ time: Duration) {
        ownWait = max(ownWait, min(Self.longestOwnWait, .nanoseconds(time.wholeNanoseconds)))
    }

    /// After a pause the state of the path is unknown: the depth is at most that of the start, but at least `least`.
    mutating func restart(atLeast least: Int) { depth = max(least, min(depth, Self.startDepth)) }
}
