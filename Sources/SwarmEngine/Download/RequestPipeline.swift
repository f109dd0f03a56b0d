import TorrentCore

/// What we have asked of one peer and not yet got, and how much may be asked at once.
///
/// The depth follows the time that answers take: as long as they come within twice the shortest trip seen plus
/// `slack`, each answer deepens the pipeline by one, so it doubles each round trip until rate times round trip is
/// covered; once answers queue for longer than twice that, it becomes shallower again. Time in which requests wait
/// behind blocks of our own, before they leave, is no sign that answers queue: it is granted on top.
struct RequestPipeline {
    /// One request.
    struct Entry {
        let block: BlockRequest
        let sentAt: Moment
        /// Others may ask for the block as well: the peer was cancelled, has choked us or is too slow.
        var isGivenUp = false
        /// Answered; kept only until what stands before it is.
        fileprivate var isDone = false

        fileprivate init(block: BlockRequest, sentAt: Moment) {
            self.block = block
            self.sentAt = sentAt
        }
    }

    /// Requests not answered.
    private(set) var count = 0
    /// Those of them that others may be asked for as well.
    private(set) var givenUpCount = 0
    /// Requests that may be under way.
    private(set) var depth = Self.startDepth
    // In the order asked, answered ones before `head` or marked.
    private var entries: [Entry] = []
    private var head = 0
    private var shortestTrip: Duration?
    /// What requests of late have waited on our side at most, in whole nanoseconds.
    private var ownWait = Duration.zero

    static let startDepth = 8
    static let shallowest = 4
    /// On a path this quick, more than `quickDepth` requests add nothing but memory.
    static let quickTrip = Duration.milliseconds(2)
    static let quickDepth = 192
    static let slack = Duration.milliseconds(500)
    /// With each answer a wait of our own counts for less, by one part in so many.
    private static let ownWaitFade: Int64 = 512
    /// More than this is not waited for.
    private static let longestOwnWait = Duration.seconds(10)
    /// Answered requests that are kept beyond as many as there are unanswered ones.
    private static let mostAnswered = 256

    mutating func append(_ block: BlockRequest, at now: Moment) {
        entries.append(Entry(block: block, sentAt: now))
        count += 1
    }

    /// The request for `block`, or nil if there is none under way.
    func position(of block: BlockRequest) -> Int? {
        var position = head
        while position < entries.count {
            if !entries[position].isDone, entries[position].block == block { return position }
            position += 1
        }
        return nil
    }

    /// The request for `block` that nobody else may be asked for instead. After a cancel or a choke the same block may
    /// be asked for again while the first request is still unanswered, so there can be two.
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

    /// The same for the oldest request for a block of `piece`.
    func pendingPosition(of piece: PieceIndex) -> Int? {
        entries[head...].firstIndex { !$0.isDone && !$0.isGivenUp && $0.block.piece == piece }
    }

    /// Calls `body` with each request that nobody else may be asked for instead, oldest first, until it says false. No
    /// block is among them twice: it is asked for again only once it has been released.
    func forEachPending(_ body: (BlockRequest) -> Bool) {
        var position = head
        while position < entries.count {
            let entry = entries[position]
            if !entry.isDone, !entry.isGivenUp, !body(entry.block) { return }
            position += 1
        }
    }

    func hasRequest(of piece: PieceIndex) -> Bool {
        entries[head...].contains { !$0.isDone && $0.block.piece == piece }
    }

    func contains(_ block: BlockRequest) -> Bool { position(of: block) != nil }

    subscript(position: Int) -> Entry { entries[position] }

    mutating func giveUp(at position: Int) {
        guard !entries[position].isGivenUp else { return }
        entries[position].isGivenUp = true
        givenUpCount += 1
    }

    /// Takes out the request at `position`.
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
            // They lie behind one that the peer does not answer, and may never.
            entries = entries[head...].filter { !$0.isDone }
            head = 0
        }
    }

    /// Answered requests that are still kept.
    private var answeredCount: Int { entries.count - head - count }

    mutating func removeAll() {
        entries = []
        head = 0
        count = 0
        givenUpCount = 0
    }

    /// Where the requests under way are, oldest first.
    var positions: [Int] { (head..<entries.count).filter { !entries[$0].isDone } }
    /// When the first of those that nobody else may be asked for was sent.
    var oldestSentAt: Moment? {
        var position = head
        while position < entries.count {
            if !entries[position].isDone, !entries[position].isGivenUp { return entries[position].sentAt }
            position += 1
        }
        return nil
    }

    /// A request sent at `sent` has been answered now: adapts the depth.
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

    /// What was said to the peer had to wait so long before it left.
    mutating func messagesWaited(_ time: Duration) {
        ownWait = max(ownWait, min(Self.longestOwnWait, .nanoseconds(time.wholeNanoseconds)))
    }

    /// After a pause nothing is known of the path's state; `atLeast` so many requests are in order all the same.
    mutating func restart(atLeast least: Int) { depth = max(least, min(depth, Self.startDepth)) }
}
