import Synchronization
import Testing
import TorrentCore

@testable import PeerRuntime

/// What the DHT finds out of our external address, and who hears of it.
@Suite("Our address and the DHT") struct DHTAddressTests {
    private final class Listener: OurAddressListener {
        let heard = Mutex<[IPAddress]>([])
        func theySeeUs(at address: IPAddress) { heard.withLock { $0.append(address) } }
    }

    private static let (one, other) = (IPAddress.v4(0x0B01_0203), IPAddress.v4(0x0C01_0203))

    @Test("What many nodes agree on is heard once, and no local address ever")
    func agreed() {
        let ours = OurAddress()
        let listener = Listener()
        ours.join(listener)
        let now = Moment.zero + .seconds(100)
        ours.agreed(on: .v4(0x0A00_0001), at: now)
        ours.agreed(on: Self.one, at: now)
        ours.agreed(on: Self.one, at: now + .seconds(60))
        #expect(listener.heard.withLock(\.self) == [Self.one])
        ours.agreed(on: Self.other, at: now + .seconds(90))
        #expect(listener.heard.withLock(\.self) == [Self.one, Self.other])
    }

    @Test("It does not change from one moment to the next")
    func calm() {
        let ours = OurAddress()
        let listener = Listener()
        ours.join(listener)
        let now = Moment.zero + .seconds(100)
        ours.agreed(on: Self.one, at: now)
        ours.agreed(on: Self.other, at: now + .seconds(1))
        #expect(listener.heard.withLock(\.self) == [Self.one])
    }
}
