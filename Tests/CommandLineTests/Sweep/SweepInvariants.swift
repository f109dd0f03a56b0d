import Foundation
import TestSupport
import Testing

/// How long a program may take for what, on a machine that does other things too.
enum SweepBounds {
    static let download = Duration.seconds(20)
    /// Until a change of what is served is noticed.
    static let notice = Duration.seconds(10)
    /// From Ctrl-C to the end.
    static let end = Duration.seconds(2)
}

// What holds in every cell.
extension SweepStage {
    /// No byte of somebody's is lost.
    func expectNothingLost(_ keepsakes: [Keepsake]) {
        for keepsake in keepsakes { #expect(keepsake.loss == nil) }
    }

    /// What ended is told: with a sentence that says where it happened, and an error if it is one.
    func expectWord(of process: RunningProcess, _ status: TestSupport.ExitStatus) {
        if status == .code(0) {
            if cell.moment.isDuring { expectNotice(process) }
            return
        }
        let errors = process.events.filter { $0.event == "error" }
        #expect(!errors.isEmpty, "\(process.log)")
        for error in errors { #expect(isAboutThis(error.message), "\(error.message ?? "no words")") }
    }

    /// The change was noticed, and the notice names a file.
    func expectNotice(_ process: RunningProcess) {
        let notice = process.events.first { $0.event == "notice" && $0.code == "content_changed" }
        #expect(notice != nil, "no notice of the change\n\(process.log)")
        if let notice { #expect(isAboutThis(notice.message), "\(notice.message ?? "no words")") }
    }

    /// True if it names the file, or a folder above it that was the one to change.
    private func isAboutThis(_ message: String?) -> Bool {
        guard let message else { return false }
        return message.contains(cell.shape.target) || message.contains(place.dir)
    }

    /// Ctrl-C ends it in time.
    func expectEnd(of process: RunningProcess) async throws {
        guard process.status == nil else { return }
        let status = try await process.interrupt()
        if case .signal = status { Issue.record("\(process.log)") }
        if let time = process.timeToEnd { #expect(time < SweepBounds.end, "\(process.log)") }
    }

    /// Served afterwards, in a run of its own: nothing is claimed that is not there, and nobody gets a wrong piece.
    func expectHonestServing(_ truth: ContentTruth) async throws {
        let seeder = try stage.startSeed(shared.path, dir: place.dir)
        _ = try await eventually(within: SweepBounds.download) {
            seeder.status != nil || seeder.events.contains { $0.event == "seeding" }
        }
        if let verified = seeder.events.first(where: { $0.event == "verified" }) {
            #expect((verified.goodPieces ?? 0) <= truth.rightPieces.count, "a false claim\n\(seeder.log)")
        }
        if let status = seeder.status {
            #expect(status == .code(3) || status == .code(5), "\(seeder.log)")
            #expect(!truth.isWhole, "\(seeder.log)")
        } else {
            try await expectHonestDownload(from: seeder, truth)
            try await expectEnd(of: seeder)
        }
    }

    func startDownload(from port: Int, into name: String) throws -> RunningProcess {
        try stage.startLeech(
            shared.path, dir: stage.folder.folder(name), ["--peer", "127.0.0.1:\(port)", "-e", "-v"])
    }

    /// Whoever downloads from `server` gets all that is right, and nothing that is wrong.
    func expectHonestDownload(from server: RunningProcess, _ truth: ContentTruth) async throws {
        let leecher = try await startDownload(from: server.listeningPort(), into: "second")
        let left = shared.payload.length - truth.rightBytes
        let isServed = try await eventually(within: SweepBounds.download) {
            truth.holdsAll
                ? leecher.status != nil
                : leecher.events.contains { $0.event == "progress" && $0.left == left }
                    || leecher.events.contains { Self.blame.contains($0.code ?? "") }
        }
        #expect(isServed, "what is right is not served\n\(server.log)\n\(leecher.log)")
        #expect(!leecher.events.contains { Self.blame.contains($0.code ?? "") }, "\(leecher.log)")
        if truth.holdsAll { #expect(leecher.status == .code(0), "\(leecher.log)") }
        try await expectEnd(of: leecher)
    }

    /// What a download says of whoever sends it wrong pieces.
    private static let blame: Set<String> = ["piece_rejected", "banned"]
}
