import ByteStrings
import DHTEngine
import Dispatch
import Glibc
import TestSupport
import Testing
import TorrentCore

@testable import PeerRuntime
@testable import TorrentIO

/// Who has what the DHT keeps, when nodes rest and begin again, and where the disk or the locks fail.
@Suite("Keeping what is known of the DHT") struct DHTKeepingTests {
    /// A keeper on a reactor that the test runs by hand, with its own folder.
    private final class Stage {
        let folder: TemporaryFolder
        let reactor: Reactor
        let worker = BlockingWorkers(name: "stage.keep", count: 1)
        let keeper: DHTKeeper
        private(set) var found: [DHTStore.Found] = []
        private(set) var late: [DHTStore.Found] = []
        private(set) var timesSilent = 0
        private var now: Moment

        init() throws {
            folder = try TemporaryFolder()
            reactor = try Reactor(name: "stage")
            now = reactor.now
            keeper = DHTKeeper(DHTStore(Self.records(folder)), on: reactor, worker: worker)
            reactor.clock = { [unowned self] in now }
        }

        static func records(_ folder: TemporaryFolder) -> ResumeStore {
            ResumeStore(folder: ByteString(folder.path("state")))
        }

        /// What another process would see.
        var other: DHTStore { DHTStore(Self.records(folder)) }

        func begin() {
            keeper.begin(keeps: true) { [unowned self] in
                switch $0 {
                case .found(let found): self.found.append(found)
                case .silent: timesSilent += 1
                case .foundLate(let found): late.append(found)
                }
            }
        }

        func end(_ record: DHTRecord?) { keeper.end(record) { _ in } }

        /// Lets so much time pass, and all be done that is due.
        func pass(_ time: Duration = .zero) {
            now = now + time
            for _ in 0..<3 {
                reactor.performLater {}
                reactor.runIteration()
            }
        }

        func settle() {
            worker.waitUntilIdle()
            pass()
        }
    }

    private static func record(_ number: UInt32) -> DHTRecord {
        var record = DHTRecord()
        record.v4.id = NodeID(Bytes20(high: 1, middle: 2, low: number))
        record.v4.contacts = [
            DHTContact(NodeID(Bytes20(high: 3, middle: 4, low: number)), Endpoint(.v4(0x0A00_0000 + number), port: 7))
        ]
        return record
    }

    private static func isOurs(_ claim: DHTStore.Claim) -> Bool { if case .ours = claim { true } else { false } }

    @Test("Who rests and begins again at once has the file, with what was kept, and nobody else has it")
    func restsAndBegins() throws {
        let stage = try Stage()
        stage.begin()
        stage.settle()
        stage.end(Self.record(1))
        stage.begin()
        stage.settle()
        #expect(stage.found == [.nothing, .record(Self.record(1))])
        #expect(!Self.isOurs(stage.other.claim()), "the lock of the second life is there")
        stage.end(Self.record(2))
        stage.settle()
        #expect(Self.isOurs(stage.other.claim()))
        #expect(stage.other.load() == .record(Self.record(2)))
    }

    @Test("Who rests before the file was read hears of it once, in the next life, which keeps it")
    func restsWhileLoading() throws {
        let stage = try Stage()
        try stage.other.save(Self.record(1))
        stage.begin()
        stage.end(nil)
        stage.begin()
        stage.settle()
        #expect(stage.found == [.record(Self.record(1))])
        stage.end(Self.record(2))
        stage.settle()
        #expect(stage.other.load() == .record(Self.record(2)))
        #expect(Self.isOurs(stage.other.claim()))
    }

    @Test("It is kept once each interval, however often there was a life before")
    func regularly() throws {
        let stage = try Stage()
        var times = 0
        for _ in 0..<4 {
            stage.begin()
            stage.settle()
            stage.keeper.keepRegularly {
                times += 1
                return Self.record(3)
            } onProblem: { _ in
            }
            stage.pass(.seconds(60))
            stage.end(nil)
        }
        stage.begin()
        stage.settle()
        stage.keeper.keepRegularly {
            times += 1
            return Self.record(4)
        } onProblem: { _ in
        }
        for _ in 0..<3 {
            stage.pass(DHTKeeper.interval)
            stage.settle()
        }
        #expect(times == 3)
        #expect(stage.other.load() == .record(Self.record(4)))
        stage.end(nil)
    }

    @Test("A disk that does not answer is not waited for, and nothing piles up behind it; what it says late is heard")
    func silentDisk() throws {
        let stage = try Stage()
        try stage.other.save(Self.record(1))
        let gate = DispatchSemaphore(value: 0)
        stage.worker.perform { gate.wait() }
        stage.begin()
        stage.pass(DHTKeeper.loadingPatience)
        #expect(stage.timesSilent == 1 && stage.found.isEmpty)
        var times = 0
        stage.keeper.keepRegularly {
            times += 1
            return Self.record(2)
        } onProblem: { _ in
        }
        stage.pass(DHTKeeper.interval)
        #expect(times == 0, "nobody knows whose the file is")
        gate.signal()
        stage.settle()
        #expect(stage.late == [.record(Self.record(1))])
        // From now on it is kept; but a disk that hangs in between gets one thing to write, and no more.
        stage.worker.perform { gate.wait() }
        for _ in 0..<5 { stage.pass(DHTKeeper.interval) }
        #expect(times == 1)
        gate.signal()
        stage.settle()
        #expect(stage.other.load() == .record(Self.record(2)))
        stage.end(nil)
    }

    @Test("Without a lock nobody goes by the id that was kept, but by the nodes", arguments: [true, false])
    func withoutLock(isTaken: Bool) throws {
        let stage = try Stage()
        let other = stage.other
        try other.save(Self.record(1))
        var keeper = stage.keeper
        if isTaken {
            #expect(Self.isOurs(other.claim()))
        } else {
            // Where the locks should be stands something else.
            #expect(unlink(stage.folder.path("state/lock")) == 0)
            _ = try stage.folder.folder("state/lock")
            keeper = DHTKeeper(DHTStore(Stage.records(stage.folder)), on: stage.reactor, worker: stage.worker)
        }
        var found: DHTStore.Found?
        keeper.begin(keeps: true) { if case .found(let it) = $0 { found = it } }
        stage.settle()
        var expected = Self.record(1)
        expected.v4.id = nil
        #expect(found == .record(expected))
        keeper.end(Self.record(2)) { _ in }
        stage.settle()
        #expect(other.load() == .record(Self.record(isTaken ? 1 : 2)))
    }
}
