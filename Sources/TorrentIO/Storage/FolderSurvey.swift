import Dispatch
import Synchronization

/// Looks at all files of a torrent, on several threads where there are many: each look is a system call.
package enum FolderSurvey {
    /// What became of one look: nil if nothing is there.
    package typealias Outcome = Result<StandingFile?, FileProblem>

    /// Files that are worth a thread.
    private static let share = 4_096

    /// As `FolderCursor.standing` for each path, in order; where there is no path, nothing is there.
    package static func standings(of paths: [RelativePath?], in folder: ContentFolder) -> [Outcome] {
        let threads = max(1, min(ProcessLimits.processors, paths.count / share))
        let shares = Mutex<[[Outcome]]>(Array(repeating: [], count: threads))
        DispatchQueue.concurrentPerform(iterations: threads) { number in
            let range = paths.count * number / threads..<paths.count * (number + 1) / threads
            let cursor = FolderCursor(folder)
            var outcomes: [Outcome] = []
            outcomes.reserveCapacity(range.count)
            for path in paths[range] { outcomes.append(look(at: path, with: cursor)) }
            shares.withLock { $0[number] = outcomes }
        }
        return shares.withLock { shares in
            guard shares.count > 1 else { return shares[0] }
            return Array(shares.joined())
        }
    }

    private static func look(at path: RelativePath?, with cursor: FolderCursor) -> Outcome {
        guard let path else { return .success(nil) }
        do throws(FileProblem) { return .success(try cursor.standing(path)) } catch { return .failure(error) }
    }
}
