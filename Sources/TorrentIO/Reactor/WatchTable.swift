/// Gets told what happened to a descriptor; called on the reactor's thread.
package protocol ReadinessHandler: AnyObject {
    /// At a hang-up, read what is left and then unwatch: it is reported until then.
    func descriptorReady(_ descriptor: Int32, _ readiness: Readiness)
}

/// Who watches which descriptor. A number that was closed and came back is told from the old one by its generation.
struct WatchTable {
    private struct Watch {
        var handler: (any ReadinessHandler)?
        var interest: Readiness = []
        var generation: UInt32 = 0
    }

    // By descriptor: the system hands out small numbers first.
    private var watches: [Watch] = []
    /// Interests that the poller still has, since it had no memory for a change: the change is tried again.
    var outdated: [Int32: Readiness] = [:]

    /// The token for the poller.
    mutating func insert(_ descriptor: Int32, _ interest: Readiness, _ handler: any ReadinessHandler) -> UInt64 {
        let position = Int(descriptor)
        while watches.count <= position { watches.append(Watch()) }
        precondition(watches[position].handler == nil, "a descriptor is watched twice")
        watches[position].handler = handler
        watches[position].interest = interest
        return token(descriptor)
    }

    /// What it was watched for; nil if it was not.
    mutating func remove(_ descriptor: Int32) -> Readiness? {
        guard let interest = interest(descriptor) else { return nil }
        watches[Int(descriptor)] = Watch(generation: watches[Int(descriptor)].generation &+ 1)
        return interest
    }

    func interest(_ descriptor: Int32) -> Readiness? {
        let position = Int(descriptor)
        guard position < watches.count, watches[position].handler != nil else { return nil }
        return watches[position].interest
    }

    mutating func setInterest(_ descriptor: Int32, _ interest: Readiness) {
        watches[Int(descriptor)].interest = interest
    }

    func token(_ descriptor: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: descriptor)) | UInt64(watches[Int(descriptor)].generation) << 32
    }

    /// The handler for an event; nil if it was unwatched earlier in the same batch.
    func handler(for token: UInt64) -> (descriptor: Int32, handler: any ReadinessHandler)? {
        let position = Int(UInt32(truncatingIfNeeded: token))
        guard position < watches.count, watches[position].generation == UInt32(token >> 32),
            let handler = watches[position].handler
        else { return nil }
        return (Int32(position), handler)
    }

    mutating func removeAll() { self = WatchTable() }
}
