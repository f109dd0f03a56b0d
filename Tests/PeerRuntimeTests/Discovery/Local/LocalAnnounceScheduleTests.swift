import Testing
import TorrentCore

@testable import PeerRuntime

@Suite struct LocalAnnounceScheduleTests {
    /// Expectations cannot change a value.
    private final class Calendar {
        private var schedule: LocalAnnounceSchedule
        init(seed: UInt64) { schedule = LocalAnnounceSchedule(seed: seed) }
        var deadline: Moment { schedule.deadline }
        var isEmpty: Bool { schedule.isEmpty }
        func begin(_ infoHash: InfoHash, at now: Moment) { schedule.begin(infoHash, at: now) }
        func end(_ infoHash: InfoHash) { schedule.end(infoHash) }
        func beginAnew(at now: Moment) { schedule.beginAnew(at: now) }
        func introduction(at now: Moment) -> [InfoHash] { schedule.introduction(at: now) }
        func next(at now: Moment) -> [InfoHash] { schedule.next(at: now) }
    }

    private static func torrent(_ number: Int) -> InfoHash {
        InfoHash(Bytes20(high: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, middle: 3, low: 4))
    }

    /// What is named when, until `end`.
    private static func run(
        _ schedule: Calendar, until end: Duration
    ) -> [(at: Duration, named: [InfoHash])] {
        var packets: [(at: Duration, named: [InfoHash])] = []
        while schedule.deadline <= .zero + end {
            let now = schedule.deadline
            let named = schedule.next(at: now)
            if !named.isEmpty { packets.append((now - .zero, named)) }
            // Where nothing is said, there is more time to the next.
            guard schedule.deadline > now else {
                Issue.record("nothing to say when its time has come")
                break
            }
        }
        return packets
    }

    @Test func `a torrent is named at once, again after a minute, and then every five`() {
        let schedule = Calendar(seed: 1)
        #expect(schedule.deadline == .distantFuture)
        schedule.begin(Self.torrent(1), at: .zero)
        #expect(schedule.next(at: .zero).isEmpty, "others may begin with it")
        let packets = Self.run(schedule, until: .seconds(1_700))
        #expect(packets.allSatisfy { $0.named == [Self.torrent(1)] })
        let pauses = zip(packets, packets.dropFirst()).map { $1.at - $0.at }
        #expect(packets[0].at == LocalAnnounceSchedule.gathering)
        #expect(pauses[0] >= .seconds(60) && pauses[0] <= .seconds(65))
        #expect(pauses.count >= 6)
        #expect(pauses.dropFirst().allSatisfy { $0 >= .seconds(270) && $0 <= .seconds(300) }, "\(pauses)")
        #expect(Set(pauses).count > 2, "machines that began together would speak together for ever")
    }

    @Test func `torrents that begin together go together, and a later one waits for its minute`() {
        let schedule = Calendar(seed: 2)
        for number in 1...5 { schedule.begin(Self.torrent(number), at: .zero + .milliseconds(20 * number)) }
        let first = schedule.deadline
        #expect(Set(schedule.next(at: first)) == Set((1...5).map(Self.torrent)))
        schedule.begin(Self.torrent(6), at: first + .seconds(1))
        #expect(schedule.deadline - first >= .seconds(60))
        #expect(schedule.next(at: first + .seconds(59)).isEmpty)
        #expect(schedule.next(at: schedule.deadline).contains(Self.torrent(6)))
    }

    @Test func `one that has ended is named no more`() {
        let schedule = Calendar(seed: 3)
        for number in 1...2 { schedule.begin(Self.torrent(number), at: .zero) }
        _ = schedule.next(at: schedule.deadline)
        schedule.end(Self.torrent(1))
        #expect(Self.run(schedule, until: .seconds(700)).allSatisfy { $0.named == [Self.torrent(2)] })
        schedule.end(Self.torrent(2))
        #expect(schedule.isEmpty && schedule.deadline == .distantFuture)
    }

    /// To end and begin again and again says no more than a minute allows.
    @Test func `who comes and goes without end is named once a minute`() {
        let schedule = Calendar(seed: 4)
        var now = Moment.zero
        var packets: [Moment] = []
        for _ in 0..<600 {
            schedule.end(Self.torrent(1))
            schedule.begin(Self.torrent(1), at: now)
            now = now + .seconds(1)
            if !schedule.next(at: now).isEmpty { packets.append(now) }
        }
        #expect((9...10).contains(packets.count), "\(packets.count)")
    }

    @Test(arguments: [24, 25, 120, 1_000])
    func `however many there are, a packet a minute has them all in turn`(count: Int) {
        let schedule = Calendar(seed: 5)
        for number in 0..<count { schedule.begin(Self.torrent(number), at: .zero) }
        let packets = Self.run(schedule, until: .seconds(4 * 3_600))
        for (one, other) in zip(packets, packets.dropFirst()) { #expect(other.at - one.at >= .seconds(60)) }
        #expect(packets.allSatisfy { $0.named.count <= LocalAnnounce.mostSent })
        #expect(packets.allSatisfy { Set($0.named).count == $0.named.count })
        var last: [InfoHash: Duration] = [:]
        var longest = Duration.zero
        for packet in packets {
            for infoHash in packet.named {
                if let before = last[infoHash] { longest = max(longest, packet.at - before) }
                last[infoHash] = packet.at
            }
        }
        #expect(last.count == count)
        // A round of all of them, with some play.
        let rounds = (count + LocalAnnounce.mostSent - 1) / LocalAnnounce.mostSent
        #expect(longest <= max(.seconds(375), .seconds(70 * rounds + 70)), "\(longest)")
    }

    @Test func `who is new goes before those who wait for another turn`() {
        let schedule = Calendar(seed: 6)
        for number in 0..<200 { schedule.begin(Self.torrent(number), at: .zero) }
        _ = Self.run(schedule, until: .seconds(1_200))
        let now = schedule.deadline - .seconds(30)
        schedule.begin(Self.torrent(999), at: now)
        #expect(schedule.next(at: schedule.deadline).first == Self.torrent(999))
    }

    @Test func `where an interface has come all are named anew, within the limit`() {
        let schedule = Calendar(seed: 7)
        schedule.begin(Self.torrent(1), at: .zero)
        _ = Self.run(schedule, until: .seconds(100))
        schedule.beginAnew(at: .zero + .seconds(130))
        #expect(schedule.deadline == Moment.zero + .seconds(130) + LocalAnnounceSchedule.gathering)
        _ = schedule.next(at: schedule.deadline)
        schedule.beginAnew(at: .zero + .seconds(140))
        #expect(schedule.deadline >= Moment.zero + .seconds(190))
    }

    @Test func `with an interface that comes again and again all are named in turn`() {
        let schedule = Calendar(seed: 9)
        for number in 0..<50 { schedule.begin(Self.torrent(number), at: .zero) }
        var named: Set<InfoHash> = []
        for second in stride(from: 0, to: 600, by: 20) {
            let now = Moment.zero + .seconds(second)
            schedule.beginAnew(at: now)
            named.formUnion(schedule.next(at: now + .seconds(1)))
        }
        #expect(named.count == 50)
    }

    @Test func `an interface that comes within the minute is told at once, and the others in theirs`() {
        let schedule = Calendar(seed: 8)
        for number in 0..<30 { schedule.begin(Self.torrent(number), at: .zero) }
        let first = Set(schedule.next(at: schedule.deadline))
        let now = Moment.zero + .seconds(5)
        schedule.beginAnew(at: now)
        let told = Set(schedule.introduction(at: now))
        #expect(told.count == LocalAnnounce.mostSent && first.count == told.count)
        #expect(schedule.deadline >= Moment.zero + .seconds(60), "all others wait for their minute")
        let rest = Set((0..<30).map(Self.torrent)).subtracting(told)
        #expect(rest.isSubset(of: schedule.next(at: schedule.deadline)))
    }
}
