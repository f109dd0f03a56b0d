import TestSupport
import Testing

// What happens in a cell, moment by moment.
extension SweepStage {
    /// Brings about the moment and the mutation, and looks at all that follows.
    func run() async throws {
        switch cell.moment {
        case .beforeStart, .betweenRuns, .whileLeeching, .beforeFlush:
            let (leecher, keepsakes) = try await hitDownload("-e")
            try await finishDownload(after: keepsakes, leecher)
        case .whileSeeding:
            try half.writeWhole()
            let seeder = try stage.startSeed(shared.path, dir: place.dir)
            try await seeder.waitForEvent("seeding")
            try await watchServing(seeder, after: cell.mutation.apply(to: place))
        case .whileServing:
            half.sender.open()
            let leecher = try half.startLeech()
            try await leecher.waitForEvent("seeding")
            half.sender.leave()
            try await watchServing(leecher, after: cell.mutation.apply(to: place))
        }
    }

    /// The same with `--overwrite`: the user has said that what is in the way may go; what lies elsewhere may not.
    func runOverwriting() async throws {
        let (leecher, keepsakes) = try await hitDownload("-e", "--overwrite")
        let elsewhere = keepsakes.filter { $0.path.hasPrefix(place.outsideFolder) }
        let status = try await leecher.waitForExit(within: SweepBounds.download)
        let standsInTheWay: [Mutation] = [.linkedToCopy, .linkedToForeign, .folderLinked, .replacedByPipe]
        if standsInTheWay.contains(cell.mutation) {
            // What is no file may be replaced, or refused.
            #expect(status == .code(0) || status == .code(5), "\(leecher.log)")
        } else {
            #expect(status == .code(0), "\(leecher.log)")
        }
        if status == .code(0) { #expect(try half.truth().isWhole, "claimed to be complete\n\(leecher.log)") }
        expectWord(of: leecher, status)
        expectNothingLost(elsewhere)
    }

    // MARK: Downloads

    /// A download to which the mutation has happened, and which can get everything now.
    private func hitDownload(_ options: String...) async throws -> (RunningProcess, [Keepsake]) {
        func start() throws -> RunningProcess { try half.start(options, environment: ["P2P_HOLD_FLUSH": holdFile]) }
        switch cell.moment {
        case .beforeStart: try half.writeHalfDone()
        case .betweenRuns: try await half.stopHalfway()
        default:
            let leecher = try start()
            try await half.waitUntilHalf(leecher)
            return (leecher, try await hit(leecher))
        }
        let keepsakes = try cell.mutation.apply(to: place)
        half.sender.open()
        return (try start(), keepsakes)
    }

    private func hit(_ leecher: RunningProcess) async throws -> [Keepsake] {
        guard cell.moment == .beforeFlush else {
            let keepsakes = try cell.mutation.apply(to: place)
            half.sender.open()
            return keepsakes
        }
        try FileTree.write([], to: holdFile)
        half.sender.open()
        _ = try await eventually(within: SweepBounds.download) {
            leecher.status != nil || leecher.events.contains { $0.event == "progress" && $0.left == 0 }
        }
        #expect(leecher.status == nil && !leecher.events.contains { $0.event == "complete" }, "\(leecher.log)")
        let keepsakes = try cell.mutation.apply(to: place)
        try SweepFile.remove(holdFile)
        return keepsakes
    }

    private func finishDownload(after keepsakes: [Keepsake], _ leecher: RunningProcess) async throws {
        let status = try await leecher.waitForExit(within: SweepBounds.download)
        let truth = try half.truth()
        if status == .code(0) || leecher.events.contains(where: { $0.event == "complete" }) {
            #expect(truth.isWhole, "claimed to be complete\n\(leecher.log)")
        }
        let wanted: TestSupport.ExitStatus = cell.expected == .completes ? .code(0) : .code(5)
        #expect(status == wanted, "\(leecher.log)")
        expectNothingLost(keepsakes)
        expectWord(of: leecher, status)
        try await expectHonestServing(half.truth(throughLinks: true))
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
            let truth = try half.truth(throughLinks: cell.moment == .whileSeeding)
            try await expectHonestDownload(from: server, truth)
            try await expectEnd(of: server)
        }
        expectNothingLost(keepsakes)
    }
}
