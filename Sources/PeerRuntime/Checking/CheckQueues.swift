import PeerEvents
import TorrentIO

/// Queues in which the content of all torrents is checked, a few at a time. A torrent with nothing to hash never waits
/// for one with something, and a small one never for a large one. However many wait, there are four threads.
struct CheckQueues: Sendable {
    /// What a check looks at; made when its turn has come, since that may open a folder.
    typealias Opening = @Sendable () throws(PeerFailure) -> ContentSurvey

    /// Bytes to hash up to which a torrent is small.
    private static let smallBytes: Int64 = 256 << 20

    private let looks = BlockingWorkers(name: "p2p.look", count: 2)
    // One at a time each: a check takes all processors, and a disk reads best from one place.
    private let small = BlockingWorkers(name: "p2p.check.small", count: 1)
    private let large = BlockingWorkers(name: "p2p.check.large", count: 1)

    /// With `known`, that record of this run is used in place of the one on the disk.
    func perform(_ check: ContentCheck, _ known: ResumeRecord?, _ open: @escaping Opening) {
        looks.perform {
            guard check.begin() else { return }
            do throws(PeerFailure) {
                let survey = try open()
                let look = try survey.look(known)
                guard look.bytesToHash > 0 else { return check.answer(Self.finish(survey, look)) }
                guard check.queueAgain() else { throw ContentSurvey.interrupted }
                let queue = look.bytesToHash <= Self.smallBytes ? small : large
                queue.perform {
                    guard check.begin() else { return }
                    check.answer(Self.finish(survey, look))
                }
            } catch {
                check.answer(.failure(error))
            }
        }
    }

    private static func finish(_ survey: ContentSurvey, _ look: ContentSurvey.Look) -> ContentCheck.Answer {
        Result { () throws(PeerFailure) in
            ContentCheck.Found(content: survey.content, finding: try survey.finish(look))
        }
    }
}
