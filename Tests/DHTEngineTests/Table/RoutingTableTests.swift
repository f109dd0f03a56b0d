import Testing
import TorrentCore

@testable import DHTEngine

/// Who gets into the table, who stays, and who is found in it.
@Suite struct RoutingTableTests {
    private let own = NodeID(.zero)

    /// An id that has exactly so many leading bits in common with zero.
    private func id(_ bucket: Int, _ low: UInt32) -> NodeID {
        NodeID(Bytes20(high: 1 << UInt64(63 - bucket), middle: 0, low: low))
    }

    private func contact(_ bucket: Int, _ number: Int) -> DHTContact {
        DHTContact(id(bucket, UInt32(number)), SmallDHT.endpoint(number))
    }

    private func filled(_ count: Int, bucket: Int, sizes: [Int] = [4]) -> RoutingTable {
        var table = RoutingTable(own: own, sizes: sizes)
        for number in 0..<count { _ = table.answered(contact(bucket, number), at: 1) }
        return table
    }

    @Test func theFarthestBucketsAreTheLargest() {
        var table = RoutingTable(own: own, sizes: [128, 64, 32, 16, 8])
        for bucket in 0..<6 {
            for number in 0..<130 { _ = table.answered(contact(bucket, bucket * 200 + number), at: 1) }
        }
        #expect(table.buckets.map(\.nodes.count) == [128, 64, 32, 16, 8, 8])
        #expect(table.buckets.allSatisfy { $0.spares.count <= RoutingTable.sparesABucket })
    }

    @Test func theClosestAreThoseThatACountOfAllGives() {
        var generator = SplitMix64(seed: 5)
        let own = NodeID.random(using: &generator)
        var table = RoutingTable(own: own, sizes: [32, 16, 8])
        for number in 0..<400 {
            let id = NodeID.random(sharing: number % 12, with: own, using: &generator)
            _ = table.answered(DHTContact(id, SmallDHT.endpoint(number)), at: 1)
        }
        let all = table.buckets.flatMap(\.nodes)
        for round in 0..<40 {
            let target = NodeID.random(sharing: round % 14, with: own, using: &generator)
            let expected = all.sorted { $0.id.distance(to: target) < $1.id.distance(to: target) }.prefix(8)
            #expect(table.closest(to: target, count: 8).map(\.id) == expected.map(\.id))
        }
        #expect(table.closest(to: own, count: 1_000).count == all.count)
    }

    @Test func oneNodeAnAddressAndTwoASite() {
        var table = RoutingTable(own: own, sizes: [8])
        func admit(_ text: String, _ number: UInt32) -> RoutingTable.Admission {
            table.answered(DHTContact(id(0, number), Endpoint(text)!), at: 1)
        }
        #expect(admit("11.0.0.1:1", 1) == .added)
        #expect(admit("11.0.0.1:2", 2) == .refused)
        #expect(admit("11.0.0.2:1", 3) == .added)
        #expect(admit("11.0.0.3:1", 4) == .refused)
        #expect(admit("11.0.1.3:1", 5) == .added)
        // At home there are as many as one likes.
        #expect((1...4).allSatisfy { admit("127.0.0.1:\($0)", 10 + UInt32($0)) == .added })
    }

    /// Whoever waits comes in by the same rules as everybody, also when our name changes.
    @Test func whoWaitsComesInByTheSameRules() {
        for isRenamed in [false, true] {
            var table = filled(4, bucket: 0)
            for number in 0..<12 as Range<UInt32> {
                let port = UInt16(1 + number)
                let endpoint = Endpoint(.v4(0x0C00_0001 + number / 4), port: port)
                _ = table.answered(DHTContact(id(0, 100 + number), endpoint), at: 9)
            }
            #expect(table.spareCount <= RoutingTable.nodesASite)
            if isRenamed { table.renamed(id(1, 4_000), at: 9) }
            for number in 0..<4 {
                for _ in 0..<2 { table.failed(contact(0, number)) }
            }
            let site = Endpoint("12.0.0.1:1")!.address.neighbourhood
            let nodes = table.buckets.flatMap(\.nodes).filter { site.contains($0.endpoint.address) }
            #expect(nodes.count == 2 && Set(nodes.map(\.endpoint.address)).count == 2)
        }
    }

    @Test func whoWaitsIsNotLetInBesideHisNeighbours() {
        var table = RoutingTable(own: own, sizes: [2])
        for number in 0..<2 { _ = table.answered(contact(0, number), at: 1) }
        // It waits in one bucket; then the others of its site come into another one.
        let waiting = DHTContact(id(0, 9), Endpoint("12.0.0.1:1")!)
        #expect(table.answered(waiting, at: 2) == .spare)
        for number in 2..<4 as Range<UInt32> {
            #expect(table.answered(DHTContact(id(1, number), Endpoint("12.0.0.\(number):1")!), at: 3) == .added)
        }
        for _ in 0..<2 { table.failed(contact(0, 0)) }
        #expect(table.node(waiting) == nil && table.count == 3)
    }

    /// Whoever names many that nobody knows does not keep us from asking those that we know.
    @Test func theSilentHaveHalfOfTheTurns() {
        var table = filled(6, bucket: 0, sizes: [32])
        for number in 100..<108 { _ = table.suggested(contact(0, number)) }
        let due = table.care(at: 2_000, most: 8).due.map(\.contact)
        #expect(due.count == 8)
        #expect(due.count { contact in (0..<6).contains { self.contact(0, $0) == contact } } == 4)
    }

    @Test func anInventedOneDoesNotTakeThePlaceOfAnother() {
        var table = filled(1, bucket: 0, sizes: [32])
        for number in 100..<108 { _ = table.suggested(contact(0, number)) }
        for number in 200..<300 { _ = table.heard(contact(0, number), at: 5) }
        #expect(table.buckets[0].spares.map(\.id) == (100..<108).map { contact(0, $0).id })
    }

    @Test func whoFailsTwiceMakesRoomForASpare() {
        var table = filled(6, bucket: 0)
        #expect(table.count == 4 && table.spareCount == 2)
        table.failed(contact(0, 1))
        #expect(table.count == 4 && table.node(contact(0, 1))?.isGood(at: 2) == false)
        table.failed(contact(0, 1))
        #expect(table.node(contact(0, 1)) == nil)
        #expect(table.count == 4 && table.spareCount == 1)
    }

    @Test func anAnswerMakesUpForAFailure() {
        var table = filled(1, bucket: 0)
        table.failed(contact(0, 0))
        _ = table.answered(contact(0, 0), at: 5)
        table.failed(contact(0, 0))
        #expect(table.node(contact(0, 0)) != nil)
    }

    @Test func aNodeIsGoodForFifteenMinutes() {
        var table = filled(2, bucket: 0)
        #expect(table.goodCount(at: 900) == 2)
        #expect(table.heard(contact(0, 0), at: 800) == false)
        #expect(table.goodCount(at: 901) == 1)
        #expect(table.care(at: 901, most: 9).due.map(\.contact) == [contact(0, 1)])
        #expect(table.care(at: 900, most: 9).next == 901)
    }

    @Test func whoAsksWaitsUntilItHasAnswered() {
        var table = filled(1, bucket: 0)
        let stranger = contact(0, 9)
        #expect(table.heard(stranger, at: 2) == true)
        #expect(table.closest(to: stranger.id, count: 8).map(\.id) == [contact(0, 0).id])
        #expect(table.care(at: 2, most: 9).due.map(\.contact) == [stranger])
        _ = table.answered(stranger, at: 3)
        #expect(table.count == 2 && table.spareCount == 0)
    }

    @Test func whoHasAnsweredIsNotPushedOutByWhoHasNot() {
        var table = filled(4 + RoutingTable.sparesABucket, bucket: 0)
        #expect(table.heard(contact(0, 99), at: 5) == false)
        #expect(table.buckets[0].spares.allSatisfy { $0.isProven })
    }

    @Test func anotherIDAtTheSamePlaceReplacesTheOld() {
        var table = filled(1, bucket: 0)
        let renamed = DHTContact(id(1, 77), SmallDHT.endpoint(0))
        #expect(table.answered(renamed, at: 2) == .added)
        #expect(table.count == 1 && table.node(renamed) != nil)
    }

    @Test func aGoodNodeKeepsItsPlaceThoughAnotherTakesItsName() {
        var table = filled(1, bucket: 0)
        let thief = DHTContact(contact(0, 0).id, SmallDHT.endpoint(50))
        #expect(table.answered(thief, at: 2) == .refused)
        #expect(table.node(contact(0, 0)) != nil)
        // Silent for long, it may have moved.
        #expect(table.answered(thief, at: 2_000) == .known)
        #expect(table.node(thief) != nil)
    }

    @Test func underAnotherNameOfOursAllFindNewPlaces() {
        var table = filled(4, bucket: 0)
        table.renamed(id(0, 4_000), at: 2)
        #expect(table.count == 4)
        #expect(table.buckets[0].nodes.isEmpty)
    }

    @Test func aRandomPlaceIsInItsBucket() {
        var generator = SplitMix64(seed: 2)
        let table = RoutingTable(own: .random(using: &generator), sizes: [8])
        for bucket in [0, 1, 7, 63, 64, 130, 158] {
            #expect(table.place(of: table.randomPlace(in: bucket, using: &generator)) == bucket)
        }
    }

    /// A bucket is refreshed in which nothing has happened, and only if there is room.
    @Test func oldBucketsAreRefreshed() {
        var table = filled(3, bucket: 0)
        #expect(table.bucketToRefresh(at: 900) == nil)
        #expect(table.bucketToRefresh(at: 901) == 0)
        _ = table.answered(contact(0, 3), at: 2)
        #expect(table.bucketToRefresh(at: 2_000) == nil)
    }

    @Test func itIsSmall() {
        #expect(MemoryLayout<TableNode>.stride <= 56)
        #expect(MemoryLayout<Candidate>.stride <= 72)
    }
}
