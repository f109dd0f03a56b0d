/// Traffic since the start, and its recent rates, over all lanes of a server.
struct TrafficMeter: Sendable {
    struct Totals: Sendable {
        var httpRequests: UInt64 = 0
        var udpRequests: UInt64 = 0
        /// Bytes of requests and answers, without the headers of TCP, UDP and IP.
        var bytesIn: UInt64 = 0
        var bytesOut: UInt64 = 0
        var connectionsTaken: UInt64 = 0
        var malformed: UInt64 = 0

        static func + (left: Totals, right: Totals) -> Totals {
            Totals(
                httpRequests: left.httpRequests + right.httpRequests, udpRequests: left.udpRequests + right.udpRequests,
                bytesIn: left.bytesIn + right.bytesIn, bytesOut: left.bytesOut + right.bytesOut,
                connectionsTaken: left.connectionsTaken + right.connectionsTaken,
                malformed: left.malformed + right.malformed)
        }
    }

    /// The latest totals of each lane.
    var lanes: [Totals]
    // The totals at the end of each of the last seconds, oldest first.
    private var history: [Totals] = []

    /// Seconds over which rates are taken, and seconds that are remembered.
    private static let window = 10
    private static let memory = 120

    init(lanes: Int) { self.lanes = Array(repeating: Totals(), count: lanes) }

    var totals: Totals { lanes.reduce(Totals(), +) }

    /// Called once a second.
    mutating func tick() {
        history.append(totals)
        if history.count > Self.memory + 1 { history.removeFirst() }
    }

    /// A second, over the last seconds.
    func rate(_ figure: (Totals) -> UInt64) -> Double {
        let lately = history.suffix(Self.window + 1)
        guard let first = lately.first, let last = lately.last, lately.count > 1 else { return 0 }
        return Double(figure(last) - figure(first)) / Double(lately.count - 1)
    }

    /// Oldest first.
    var requestsEachSecond: [Int] {
        zip(history, history.dropFirst()).map { before, after in
            Int(after.httpRequests + after.udpRequests - before.httpRequests - before.udpRequests)
        }
    }
}
