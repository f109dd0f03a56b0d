import TorrentCore

/// Carries what nodes send: connections here, datagrams in an extension. The line of a node sends one thing at a time,
/// and what has something to send is served round robin. A thing travels for the sum of both latencies and arrives as
/// fast as the receiver's line allows.
///
/// It knows neither brains nor what it carries, and keeps no time: what is to come it gives to its user.
final class Network<User: NetworkUser> {
    typealias Cargo = User.Cargo

    private(set) var lines: [Line] = []
    /// Two a connection: its number times two for what goes to the node that was called, one more for the answers.
    private(set) var flows: [Flow<Cargo>] = []
    /// How connections find their rate; nil: they have the full rate of the line at once.
    private let ramp: LinkRamp?
    /// The first bytes of a block are told before its last byte.
    private let tellsBeginnings: Bool

    let datagrams: DatagramConduct
    /// What became of datagrams so far.
    var datagramFigures = DatagramFigures()
    /// Apart from that of connections: worlds without datagrams are as they were without this.
    var datagramChance: SplitMix64

    init(ramp: LinkRamp?, tellsBeginnings: Bool, datagrams: DatagramConduct = DatagramConduct(), seed: UInt64 = 1) {
        (self.ramp, self.tellsBeginnings, self.datagrams) = (ramp, tellsBeginnings, datagrams)
        datagramChance = SplitMix64(seed: seed)
    }

    /// Adds the line of a node; nodes are numbered in this order.
    func add(_ line: Line) { lines.append(line) }

    /// Adds a connection; its number, from 0.
    func connect(_ from: Int, to: Int) -> Int {
        flows.append(Flow(from: from, to: to))
        flows.append(Flow(from: to, to: from))
        return flows.count / 2 - 1
    }

    /// One way, in nanoseconds.
    func latency(_ left: Int, _ right: Int) -> Int64 { lines[left].latency + lines[right].latency }

    /// A round trip, in nanoseconds.
    private func trip(_ flow: Int) -> Int64 { 2 * latency(flows[flow].from, flows[flow].to) }

    /// Nothing leaves this node or comes in from now on. Nobody is told.
    func sleep(_ line: Int) { lines[line].isAsleep = true }

    /// Drops what waits to be sent; what is on its way arrives.
    func clear(_ flow: Int) { flows[flow].clear() }

    // MARK: Sending

    func send(_ cargo: Cargo, over flow: Int, for user: User) {
        let line = flows[flow].from
        if case .message = cargo.handling, flows[flow].unpassable == 0 {
            // It takes no time on the line, but it waits for the end of a block of its flow.
            guard lines[line].task == .flow(flow) else { return depart(cargo, over: flow, for: user) }
            if flows[flow].heldMessages.isEmpty { flows[flow].heldSince = user.now }
            return flows[flow].heldMessages.append(cargo)
        }
        if !cargo.handling.isPassed { flows[flow].unpassable += 1 }
        flows[flow].queue.append(cargo)
        if !flows[flow].isReady {
            flows[flow].isReady = true
            lines[line].ready.append(.flow(flow))
        }
        if lines[line].task == nil { sendNext(line, for: user) }
    }

    /// Puts on the line what is next.
    func sendNext(_ line: Int, for user: User) {
        guard !lines[line].isAsleep else { return }
        for _ in 0..<lines[line].ready.count {
            let task = lines[line].ready.removeFirst()
            guard let bytes = bytesToSend(task, on: line, for: user) else { continue }
            lines[line].task = task
            let time = Int64(Double(bytes) / lines[line].upload * 1e9)
            if tellsBeginnings, case .flow(let flow) = task { sendHead(of: flow, for: user) }
            return user.schedule(.lineIsFree(line: line, task), at: user.now.later(by: time))
        }
    }

    /// How much a task whose turn it is sends now; nil if it sends nothing.
    private func bytesToSend(_ task: LineTask, on line: Int, for user: User) -> Int64? {
        guard case .flow(let flow) = task else { return lines[line].datagrams.first.map { Int64($0.wireBytes) } }
        guard !flows[flow].isEmpty else {
            flows[flow].isReady = false
            return nil
        }
        // A sleeping node acknowledges nothing, so the rest stays in the queue for good.
        if lines[flows[flow].to].isAsleep { return nil }
        let trip = trip(flow)
        if let ramp, !ramp.maySend(&flows[flow].ramp, trip: trip, at: user.now) {
            lines[line].ready.append(task)
            return nil
        }
        return flows[flow].queue[flows[flow].head].bytes
    }

    /// The first bytes of a block that goes on the line now arrive before its last one.
    private func sendHead(of flow: Int, for user: User) {
        let cargo = flows[flow].queue[flows[flow].head]
        guard case .payload = cargo.handling else { return }
        let soonest = user.now.later(by: latency(flows[flow].from, flows[flow].to))
        user.schedule(.begins(cargo, flow: flow), at: max(soonest, flows[flow].arrivesUntil))
    }

    /// The line has sent what it was busy with.
    func lineIsFree(_ line: Int, _ task: LineTask, for user: User) {
        lines[line].task = nil
        switch task {
        case .flow(let flow): leave(flow, on: line, for: user)
        case .datagrams: leaveDatagram(line, for: user)
        }
        if lines[line].task == nil { sendNext(line, for: user) }
    }

    private func leave(_ flow: Int, on line: Int, for user: User) {
        // Whatever it was may have been dropped meanwhile.
        guard !flows[flow].isEmpty else { return flows[flow].isReady = false }
        let cargo = flows[flow].queue[flows[flow].head]
        flows[flow].head += 1
        depart(cargo, over: flow, for: user)
        if !cargo.handling.isPassed { flows[flow].unpassable -= 1 }
        sendHeldMessages(of: flow, for: user)
        if flows[flow].isEmpty {
            flows[flow].queue.removeAll(keepingCapacity: true)
            flows[flow].head = 0
            flows[flow].isReady = false
        } else {
            lines[line].ready.append(.flow(flow))
        }
        user.left(cargo, flow: flow)
    }

    /// Sends the messages that waited for the end of a block.
    private func sendHeldMessages(of flow: Int, for user: User) {
        guard !flows[flow].heldMessages.isEmpty else { return }
        let messages = flows[flow].heldMessages
        flows[flow].heldMessages = []
        for message in messages { depart(message, over: flow, for: user) }
        user.waited(user.now - flows[flow].heldSince, flow: flow)
    }

    /// Sends something on its way: works out when it arrives.
    private func depart(_ cargo: Cargo, over flow: Int, for user: User) {
        let handling = cargo.handling
        if case .forgotten = handling { return }
        let (bytes, receiver) = (cargo.bytes, flows[flow].to)
        var first = user.now.later(by: latency(flows[flow].from, receiver))
        let trip = trip(flow)
        var isPayload = false
        if case .payload = handling { isPayload = true }
        if let ramp, isPayload {
            let delay = ramp.delay(&flows[flow].ramp, bytes: bytes, trip: trip, &user.generator)
            first = first.later(by: delay)
        }
        let arrival = receive(bytes, from: max(first, flows[flow].arrivesUntil), on: receiver)
        flows[flow].arrivesUntil = arrival
        user.schedule(.arrived(cargo, flow: flow), at: arrival)
        if ramp != nil, isPayload {
            flows[flow].ramp.sent(bytes, at: user.now)
            user.schedule(.acknowledged(flow: flow, bytes: bytes), at: arrival.later(by: trip / 2))
        }
    }

    /// When the receiver's line has taken so many bytes, of which the first come at `first`.
    func receive(_ bytes: Int64, from first: Moment, on line: Int) -> Moment {
        let arrival = max(first, lines[line].receivedUntil).later(by: Int64(Double(bytes) / lines[line].download * 1e9))
        lines[line].receivedUntil = max(lines[line].receivedUntil, arrival)
        return arrival
    }

    func acknowledged(_ bytes: Int64, of flow: Int, for user: User) {
        ramp?.acknowledged(&flows[flow].ramp, bytes: bytes)
        let line = flows[flow].from
        if lines[line].task == nil { sendNext(line, for: user) }
    }

    // MARK: Datagrams wait for the line as well

    /// Puts a datagram behind those that wait.
    func enqueue(_ datagram: Datagram, for user: User) {
        let line = datagram.from
        if lines[line].datagrams.isEmpty { lines[line].ready.append(.datagrams) }
        lines[line].datagrams.append(datagram)
        lines[line].datagramBytes += datagram.wireBytes
        if lines[line].task == nil { sendNext(line, for: user) }
    }

    /// Takes the datagram that has left the line.
    func dequeue(_ line: Int) -> Datagram? {
        guard !lines[line].datagrams.isEmpty else { return nil }
        let datagram = lines[line].datagrams.removeFirst()
        lines[line].datagramBytes -= datagram.wireBytes
        if !lines[line].datagrams.isEmpty { lines[line].ready.append(.datagrams) }
        return datagram
    }
}

extension CargoHandling {
    /// Later messages may overtake it.
    fileprivate var isPassed: Bool {
        switch self {
        case .payload: true
        case .message, .ordered, .forgotten: false
        }
    }
}

extension Moment {
    /// So many nanoseconds later.
    func later(by nanoseconds: Int64) -> Moment { Moment(nanoseconds: self.nanoseconds + nanoseconds) }
}
