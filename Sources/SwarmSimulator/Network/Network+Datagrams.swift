import TorrentCore

// Datagrams share the lines with connections, and nothing else: no order, no promise.

extension Network {
    /// Sends a datagram. Whether it comes is not told, to nobody.
    func send(_ datagram: Datagram, for user: User) {
        guard !lines[datagram.from].isAsleep else { return }
        datagramFigures.sent += 1
        guard datagram.bytes.count <= datagrams.longest else { return datagramFigures.tooLong += 1 }
        guard lines[datagram.from].datagramBytes + datagram.wireBytes <= datagrams.queueBytes else {
            return datagramFigures.crowdedOut += 1
        }
        enqueue(datagram, for: user)
    }

    /// The first of those that wait has left its line: it is lost, or on its way.
    func leaveDatagram(_ line: Int, for user: User) {
        guard let datagram = dequeue(line) else { return }
        guard !happens(oneIn: datagrams.lostOneIn) else { return datagramFigures.lost += 1 }
        schedule(datagram, for: user)
        if happens(oneIn: datagrams.repeatedOneIn) {
            datagramFigures.repeated += 1
            schedule(datagram, for: user)
        }
    }

    private func schedule(_ datagram: Datagram, for user: User) {
        var delay = latency(datagram.from, datagram.to)
        let jitter = datagrams.jitter.wholeNanoseconds
        if jitter > 0 { delay += Int64.random(in: 0...jitter, using: &datagramChance) }
        if happens(oneIn: datagrams.lateOneIn) { delay += datagrams.lateBy.wholeNanoseconds }
        user.schedule(.reached(datagram), at: user.now.later(by: delay))
    }

    /// It has come as far as the receiver's line. What comes first is taken first, whenever it left.
    func reached(_ datagram: Datagram, for user: User) {
        guard !lines[datagram.to].isAsleep else { return datagramFigures.lost += 1 }
        let arrival = receive(Int64(datagram.wireBytes), from: user.now, on: datagram.to)
        datagramFigures.delivered += 1
        user.schedule(.delivered(datagram), at: arrival)
    }

    /// True for one in `count`; never if that is 0.
    private func happens(oneIn count: Int) -> Bool {
        count > 0 && Int.random(in: 0..<count, using: &datagramChance) == 0
    }
}
