import ByteStrings
import Glibc
import TorrentCore
import TorrentIO
import TrackerEngine

extension TableBenchmark {
    /// Writes the state of a full tracker, as of now, in which every peer has been silent for as long as it may be: who
    /// starts from it sees all of them expire from the next minute on.
    func writeState(to path: String) {
        var tracker = Tracker(policy: policy, seed: 1)
        var answer = PackedAnnounceResponse()
        var watch = stopwatch
        let start = Moment(nanoseconds: 60_000_000_000_000)
        let order = Permutation(count: UInt64(torrents * peers), seed: 7)
        for step in 0..<torrents * peers {
            let pair = Int(order[UInt64(step)])
            announce(&tracker, pair % torrents, pair / torrents, start, &answer, &watch)
        }
        let minutes = policy.peerLifetime.components.seconds / 60
        var frames: [UInt8] = []
        var cursor: SwarmCursor? = SwarmCursor()
        while let from = cursor {
            cursor = tracker.appendFrame(from: from, budget: 10_000, at: start + .seconds(60 * minutes), to: &frames)
        }
        tracker.appendEnd(frameBytes: frames.count, to: &frames)
        // The time last: a minute more, and they would be too old to be taken in.
        var bytes: [UInt8] = []
        TrackerSnapshot.appendHeader(secondsSince1970: WallClock.secondsSince1970(), to: &bytes)
        bytes += frames
        do throws(SystemError) {
            try AtomicFile.write(bytes, to: ByteString(path))
        } catch {
            print(error.description)
            exit(1)
        }
    }
}
