import PeerEvents
import TorrentIO

/// Queues in which the content of all torrents is checked, a few at a time. A torrent with nothing to hash never waits
/// for one with something, and a small one never for a large one.
struct CheckQueues: Sendable {
    /// Bytes to hash up to which a torrent is small.
    private static let smallBytes: Int64 = 256 << 20

    private let looks = BlockingWorkers(name: "p2p.look", count: 2)
    // One at a time each: a check takes all processors, and a disk reads best from one place.
    private let small = BlockingWorkers(name: "p2p.check.small", count: 1)
    private let large = BlockingWorkers(name: "p2p.check.large", count: 1)

    func perform(
        _ survey: ContentSurvey, _ known: ResumeRecord?, reply: Reply<Result<ContentSurvey.Finding, PeerFailure>>
    ) {
        looks.perform {
            do throws(PeerFailure) {
                let look = try survey.look(known)
                guard look.bytesToHash > 0 else { return reply.send(.success(try survey.finish(look))) }
                let queue = look.bytesToHash <= Self.smallBytes ? small : large
                queue.perform(reply: reply) { Result { () throws(PeerFailure) in try survey.finish(look) } }
            } catch {
                reply.send(.failure(error))
            }
        }
    }
}
