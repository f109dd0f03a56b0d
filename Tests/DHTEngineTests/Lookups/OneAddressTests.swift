import Testing
import TorrentCore

@testable import DHTEngine

/// One address that is many nodes.
@Suite struct OneAddressTests {
    private let times = RoundTrips.Times(slot: .milliseconds(100), silent: .milliseconds(200), forgotten: .seconds(3))

    private func contact(_ distance: UInt64, _ endpoint: Endpoint) -> DHTContact {
        DHTContact(NodeID(Bytes20(high: distance << 32, middle: 0, low: 0)), endpoint)
    }

    private func lookup() -> Lookup {
        var rules = DHTRules()
        rules.checksIDs = false
        rules.closest = 4
        rules.unprovenAnAnswer = .max
        let announcement = DHTAnnouncement(port: 1, impliesPort: true)
        return Lookup(
            1, NodeID(.zero), for: .seek(InfoHash(.zero), announcement), rules, DHTLimits(), at: .zero)
    }

    /// Whom it asked, each of whom answers at once.
    private func askAll(_ lookup: Lookup) -> [NodeID] {
        var asked: [NodeID] = []
        while let slot = lookup.nextToAsk(at: .zero), let id = lookup.candidates[slot].id {
            asked.append(id)
            lookup.asked(slot, times, at: .zero)
            _ = lookup.answered(slot, as: id, fits: true, token: [1])
        }
        return asked
    }

    @Test func ofOneAddressTwoCount() {
        let lookup = lookup()
        let clones = (0..<20).map { contact(1 + $0, Endpoint(.v4(0x5000_0001), port: UInt16(1_000 + $0))) }
        let others = (0..<8).map { contact(100 + $0, Endpoint(.v4(0x6000_0000 + UInt32($0) << 8), port: 1)) }
        for contact in clones + others { lookup.begin(with: contact, isFamiliar: false) }
        #expect(askAll(lookup) == (clones.prefix(2) + others.prefix(2)).map(\.id))
        #expect(lookup.isDone(at: .zero))
        #expect(lookup.closest.map(\.id) == (clones.prefix(2) + others.prefix(2)).map(\.id))
        #expect(lookup.announceSlots.map { lookup.candidates[$0].id } == lookup.closest.map(\.id))
    }

    /// Of a program's own machine and of a lab all nodes may be behind one address.
    @Test func onOurOwnMachineAllCount() {
        let lookup = lookup()
        let nodes = (0..<6).map { contact(1 + $0, Endpoint(.loopbackV4, port: UInt16(1_000 + $0))) }
        for node in nodes { lookup.begin(with: node, isFamiliar: false) }
        #expect(askAll(lookup) == nodes.prefix(4).map(\.id))
        #expect(lookup.closest.count == 4)
    }

    /// Those of whom nobody knows whether they are there take no place: anybody may say that they are.
    @Test func whoHasNotAnsweredTakesNoPlace() {
        let lookup = lookup()
        let address = IPAddress.v4(0x5000_0001)
        for number in 0..<3 as Range<UInt64> {
            lookup.begin(with: contact(1 + number, Endpoint(address, port: UInt16(2_000 + number))), isFamiliar: false)
        }
        let honest = contact(50, Endpoint(address, port: 1))
        lookup.begin(with: honest, isFamiliar: false)
        var asked: [NodeID?] = []
        while let slot = lookup.nextToAsk(at: .zero) {
            asked.append(lookup.candidates[slot].id)
            lookup.asked(slot, times, at: .zero)
        }
        #expect(asked.last == honest.id)
    }
}
