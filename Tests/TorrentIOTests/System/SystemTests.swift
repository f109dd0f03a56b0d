import Dispatch
import Glibc
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@Suite struct SystemTests {
    @Test func theClockGoesForward() {
        let first = MonotonicClock.now()
        #expect(first > .zero && MonotonicClock.now() >= first)
    }

    @Test func seedsDiffer() {
        #expect(Set((0..<8).map { _ in RandomSeed.fromSystem() }).count == 8)
    }

    @Test func errorsSpeak() {
        #expect(SystemError(code: ENOSPC, call: "pwrite").description == "pwrite: No space left on device")
        #expect(SystemError(code: EDQUOT, call: "pwrite").isNoSpace)
        #expect(!SystemError(code: EFBIG, call: "pwrite").isNoSpace)
    }

    @Test func aDescriptorIsClosedOnce() throws {
        for closesAloud in [true, false] {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            let reading = Descriptor(owning: ends[0])
            var writing: Descriptor? = Descriptor(owning: ends[1])
            if closesAloud { writing?.close() }
            writing = nil
            // The pipe ends only when its writing end is closed.
            #expect(try AtomicFile.readWhole(reading, limit: 10) == [])
        }
    }

    @Test func theLimitOfDescriptorsIsRaised() {
        #expect(ProcessLimits.raiseDescriptorLimit() >= 256)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(limit.rlim_cur == limit.rlim_max)
    }

    /// Each one, whichever thread it meets.
    @Test func aSignalBecomesACall() {
        // What runs the tests may have it ignored, which would stay so.
        signal(SIGHUP, SIG_DFL)
        let heard = DispatchSemaphore(value: 0)
        let seen = Recorder<SignalWatcher.Signal>()
        let watcher = SignalWatcher([.hangUp]) { signal in
            seen.add(signal)
            heard.signal()
        }
        for _ in 0..<500 {
            kill(getpid(), SIGHUP)
            guard heard.wait(timeout: .now() + 10) == .success else { break }
        }
        #expect(seen.all == Array(repeating: .hangUp, count: 500))
        watcher.cancel()
        kill(getpid(), SIGHUP)
        #expect(seen.all.count == 500)
    }
}
