import Foundation
import TestSupport
import Testing

// What happens in a cell, moment by moment.
extension SweepStage {
    /// Brings about the moment and the mutation, and looks at all that follows.
    func run() async throws {
        switch cell.moment {
        case .beforeStart:
            try writeHalfDone()
            try await finishDownload(after: cell.mutation.apply(to: place), startOpen())
        case .betweenRuns:
            let first = try startLeech("-e")
            try await waitUntilHalf(first)
            #expect(try await first.interrupt() == .code(7))
            try await finishDownload(after: cell.mutation.apply(to: place), startOpen())
        case .whileLeeching:
            let leecher = try startLeech("-e")
            try await waitUntilHalf(leecher)
            let keepsakes = try cell.mutation.apply(to: place)
            sender.open()
            try await finishDownload(after: keepsakes, leecher)
        case .beforeFlush:
            let leecher = try startLeech("-e")
            try await waitUntilHalf(leecher)
            try FileTree.write([], to: holdFile)
            sender.open()
            _ = try await eventually(within: SweepBounds.download) {
                leecher.status != nil || leecher.events.contains { $0.event == "progress" && $0.left == 0 }
            }
            #expect(leecher.status == nil && !leecher.events.contains { $0.event == "complete" }, "\(leecher.log)")
            let keepsakes = try cell.mutation.apply(to: place)
            try SweepFile.remove(holdFile)
            try await finishDownload(after: keepsakes, leecher)
        case .whileSeeding:
            try writeWhole()
            let seeder = try bench.startSeed(shared.path, dir: place.dir)
            try await seeder.waitForEvent("seeding")
            try await watchServing(seeder, after: cell.mutation.apply(to: place))
        case .whileServing:
            sender.open()
            let leecher = try startLeech()
            try await leecher.waitForEvent("seeding")
            sender.leave()
            try await watchServing(leecher, after: cell.mutation.apply(to: place))
        }
    }

    private func startOpen() throws -> RunningProcess {
        sender.open()
        return try startLeech("-e")
    }

    // MARK: Downloads

    private func finishDownload(after keepsakes: [Keepsake], _ leecher: RunningProcess) async throws {
        let status = try await leecher.waitForExit(within: SweepBounds.download)
        let truth = try ContentTruth(of: shared, in: place.dir)
        if status == .code(0) || leecher.events.contains(where: { $0.event == "complete" }) {
            #expect(truth.isWhole, "claimed to be complete\n\(leecher.log)")
        }
        let wanted: TestSupport.ExitStatus = cell.expected == .completes ? .code(0) : .code(5)
        #expect(status == wanted, "\(leecher.log)")
        expectNothingLost(keepsakes)
        expectWord(of: leecher, status)
        try await expectHonestServing(truth)
        expectNothingLost(keepsakes)
    }

    // MARK: Serving

    private func watchServing(_ server: RunningProcess, after keepsakes: [Keepsake]) async throws {
        let before = server.events.count { $0.event == "seeding" }
        // Somebody downloads, so that there is something to notice by.
        let port = try await server.listeningPort()
        let scout = try startDownload(from: port, into: "scout")
        let isTold = try await eventually(within: SweepBounds.notice) {
            server.status != nil || server.events.contains { $0.event == "error" || $0.code == "content_changed" }
        }
        #expect(isTold, "nothing was said\n\(server.log)")
        _ = try await eventually(within: SweepBounds.notice) {
            server.status != nil || server.events.count { $0.event == "seeding" } > before
        }
        scout.kill()
        expectNothingLost(keepsakes)
        if let status = server.status {
            #expect(cell.expected != .servesOn, "\(server.log)")
            #expect(status == .code(3) || status == .code(5), "\(server.log)")
            expectWord(of: server, status)
        } else {
            #expect(cell.expected != .ends, "\(server.log)")
            expectNotice(server)
            try await expectHonestDownload(from: server, ContentTruth(of: shared, in: place.dir))
            try await expectEnd(of: server)
        }
        expectNothingLost(keepsakes)
    }
}
