import TorrentCore

/// The line of one node: what it may send and receive a second, and what it is busy with.
struct Line {
    /// Bytes a second.
    let upload: Double
    let download: Double
    /// One way to the middle of the network, nanoseconds.
    let latency: Int64
    /// Nothing leaves it or comes in any more, and nobody is told.
    var isAsleep = false

    /// What has something to send, served round robin; and what the line is busy with.
    var ready: [LineTask] = []
    var task: LineTask?
    /// Until when it is busy receiving.
    var receivedUntil = Moment.zero

    /// Datagrams that wait for their turn, and their bytes.
    var datagrams: [Datagram] = []
    var datagramBytes = 0

    init(upload: Double, download: Double, latency: Duration) {
        self.upload = upload
        self.download = download
        self.latency = latency.wholeNanoseconds
    }
}

/// One direction of a connection.
struct Flow<Cargo> {
    let from: Int
    let to: Int
    /// What is to be sent, in order; what is before `head` has been.
    var queue: [Cargo] = []
    var head = 0
    /// It is among what is `ready` on its line, or the line is busy with it.
    var isReady = false
    /// Messages that wait until the block on the line has left, and since when.
    var heldMessages: [Cargo] = []
    var heldSince = Moment.zero
    /// What is in the queue and has to keep its order: later messages may not overtake it.
    var unpassable = 0
    /// When the last thing sent arrives; later ones do not arrive sooner.
    var arrivesUntil = Moment.zero
    var ramp = LinkRamp.State()

    init(from: Int, to: Int) {
        (self.from, self.to) = (from, to)
    }

    var isEmpty: Bool { head == queue.count }

    /// Drops all that waits.
    mutating func clear() {
        queue = []
        head = 0
        heldMessages = []
        unpassable = 0
    }
}
