import ByteStrings
import DHTEngine
import TestSupport
import Testing
import TorrentCore

@testable import PeerRuntime

/// What the DHT keeps between runs.
@Suite("What is kept of the DHT")
struct DHTRecordTests {
    private static func contact(_ number: UInt32, v6: Bool = false) -> DHTContact {
        let address: IPAddress = v6 ? .v6(0x2001_0db8 << 32, UInt64(number)) : .v4(0x0A00_0000 + number)
        return DHTContact(
            NodeID(Bytes20(high: UInt64(number), middle: 7, low: number)),
            Endpoint(address, port: UInt16(number % 60_000 + 1)))
    }

    private static var record: DHTRecord {
        var record = DHTRecord()
        record.v4 = DHTMemory(
            id: NodeID(Bytes20(high: 1, middle: 2, low: 3)), contacts: (1...5).map { contact($0) })
        record.v6 = DHTMemory(
            id: NodeID(Bytes20(high: 4, middle: 5, low: 6)), contacts: (1...3).map { contact($0, v6: true) })
        return record
    }

    @Test("It is read as it was written, and so is one of a process that knew nobody")
    func roundTrip() {
        #expect(DHTRecord(Self.record.encoded) == Self.record)
        #expect(DHTRecord(DHTRecord().encoded) == DHTRecord())
    }

    @Test("A record with a flipped bit, or a part of one, is none")
    func damaged() {
        let bytes = Self.record.encoded
        for place in bytes.indices {
            var other = bytes
            other[place] ^= 4
            #expect(DHTRecord(other) == nil, "\(place)")
            #expect(DHTRecord(Array(bytes[..<place])) == nil)
        }
    }

    @Test("However many nodes there are, the file stays small, and each family keeps its own")
    func bounded() throws {
        var record = Self.record
        record.v4.contacts = (1...2_000).map { Self.contact($0) }
        record.v6.contacts = (1...2_000).map { Self.contact($0, v6: true) } + [Self.contact(9)]
        let bytes = record.encoded
        #expect(bytes.count <= DHTRecord.longest)
        let read = try #require(DHTRecord(bytes))
        #expect(read.v4.contacts == Array(record.v4.contacts.prefix(DHTRecord.mostContacts)))
        #expect(read.v6.contacts.allSatisfy { !$0.endpoint.address.isV4 })
    }

    @Test("One process at a time has the file; the next one when that has let go")
    func oneAtATime() throws {
        let folder = try TemporaryFolder()
        let (one, two) = (
            DHTStore(ResumeStore(folder: ByteString(folder.path("state")))),
            DHTStore(ResumeStore(folder: ByteString(folder.path("state"))))
        )
        #expect(one.load() == .nothing)
        guard case .ours(let lock) = one.claim() else { throw TestFailure("it was not free") }
        guard case .others = two.claim() else { throw TestFailure("two have it") }
        try one.save(Self.record)
        #expect(two.load() == .record(Self.record))
        lock.release()
        guard case .ours = two.claim() else { throw TestFailure("it is not free again") }
        try FileTree.write([1, 2, 3], to: folder.path("state/dht.state"))
        #expect(one.load() == .malformed)
    }

    @Test("Nodes that peers name count once, and no more than a few a second")
    func namedByPeers() {
        var remembered = DHTRemembered()
        let now = Moment.zero + .seconds(100)
        let endpoints = (1...1_000).map { Self.contact(UInt32($0)).endpoint }
        let first = endpoints.filter { remembered.isNews($0, at: now) }
        #expect(first.count == DHTRemembered.mostASecond)
        let later = now + .seconds(2)
        let (known, other) = (remembered.isNews(first[0], at: later), remembered.isNews(endpoints[500], at: later))
        #expect(!known && other)
    }

    @Test("Whoever names many ports of one address uses up nobody else's share")
    func namedAtOneAddress() {
        var remembered = DHTRemembered()
        let now = Moment.zero + .seconds(100)
        let flood = (1...100).map { Endpoint(.v4(0x0A00_0001), port: $0) }
        let taken = flood.filter { remembered.isNews($0, at: now) }
        #expect(taken.count == DHTRemembered.mostAnAddress)
        let honest = remembered.isNews(Endpoint(.v4(0x0A00_0002), port: 7), at: now)
        #expect(honest)
    }

    @Test("The better family is what a torrent may hope for")
    func outlook() {
        let board = DHTBoard()
        #expect(board.outlook == .joining)
        let later = Moment.zero + .seconds(30)
        #expect(board.note(.alone(retriesAt: later), isV4: false))
        #expect(board.outlook == .alone(retriesAt: later))
        #expect(board.note(.joining, isV4: true))
        #expect(board.outlook == .joining)
        #expect(board.note(.ready(nodes: 1), isV4: true))
        #expect(!board.note(.ready(nodes: 9), isV4: true), "some nodes more are no news")
        #expect(board.outlook == .ready)
    }
}
