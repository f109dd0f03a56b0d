import TorrentCore

/// A thousand identities on twenty addresses that aim at one torrent, and how far they got into the tables of others.
package struct DHTAttack {
    let target: NodeID
    /// They are as old as everybody, so that they stand in tables as often. Otherwise they came late, and hold only
    /// places that were empty, or of the dead.
    let isOld: Bool
    let identities: [DHTContact]

    init(on target: NodeID, isOld: Bool, identities count: Int, addresses: Int, draw: inout DHTDraw) {
        self.target = target
        self.isOld = isOld
        let hosts = (0..<addresses).map { _ in draw.address() }
        identities = (0..<count).map { number in
            DHTContact(
                draw.id(near: target),
                Endpoint(hosts[number % addresses], port: UInt16(50_000 + number / addresses)))
        }
    }

    /// What a node that checks no ids has in the part of its table where the target belongs.
    func places(
        of others: [DHTDweller], among listed: Int, size: Int, draw: inout DHTDraw
    ) -> [DHTContact] {
        let part = Double(identities.count) / Double(identities.count + listed)
        var taken = others.map { other in
            let isTaken = isOld ? draw.happens(part) : other.manner == .dead
            return isTaken ? draw.pick(identities) : other.contact
        }
        while taken.count < size { taken.append(draw.pick(identities)) }
        return taken
    }
}

extension DHTDraw {
    mutating func pick<Value>(_ values: [Value]) -> Value { values[index(below: values.count)] }

    /// An invented id that is nearer to a place than any honest one.
    mutating func id(near place: NodeID) -> NodeID {
        let high = place.bytes.words.high & 0xFFFF_FFF0_0000_0000 | chance.next() & 0x0000_000F_FFFF_FFFF
        return NodeID(Bytes20(high: high, middle: chance.next(), low: UInt32(truncatingIfNeeded: chance.next())))
    }
}

extension DHTCrowd {
    /// What number `number`, which checks no ids, answers who asks for the target of an attack.
    mutating func answer(of number: Int, under attack: DHTAttack) -> [DHTContact] {
        let own = dwellers[number].id
        let shared = min(own.distance(to: attack.target).words.high.leadingZeroBitCount, 60)
        var (near, far): ([DHTDweller], [DHTContact]) = ([], [])
        for entry in table(of: number) {
            let other = dwellers[Int(entry)]
            let isNear = other.id.distance(to: attack.target).words.high.leadingZeroBitCount > shared
            if isNear { near.append(other) } else { far.append(other.contact) }
        }
        let listed = count(near: attack.target, depth: shared + 1)
        let taken = attack.places(of: near, among: listed, size: Self.plainSizes[0], draw: &draw)
        let all = (taken + far).sorted { $0.id.distance(to: attack.target) < $1.id.distance(to: attack.target) }
        return Array(all.prefix(8))
    }
}
