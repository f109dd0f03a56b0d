import ByteStrings
import PeerEvents
import TorrentCore
import TorrentIO

/// Finds out what of a torrent is there before its session begins, and which files may be written to.
///
/// Trusts the record where the files are still those that it describes, hashes the rest, and has `FileClaims` say what
/// may be written to (promise 5). Runs on workers, in two steps, as one that hashes nothing need not wait for others
/// that do; waits for the disk.
struct ContentSurvey: Sendable {
    struct Finding: Sendable {
        /// Pieces that are there, by hash or by record.
        var have: Bitfield
        /// The record on the disk, if there is one that can be read.
        var recorded: ResumeRecord?
        var verified: VerifiedContent
    }

    /// What is known without reading any content.
    struct Look: Sendable {
        fileprivate var standings: [StandingFile?]
        fileprivate var record: ResumeRecord?
        fileprivate var isRecordOnDisk: Bool
        /// Recorded pieces all of whose files are unchanged.
        fileprivate var trusted: Bitfield
        /// Pieces that may be there, but that nothing proves.
        fileprivate var unknown: Bitfield
        /// Bytes that are to be hashed.
        var bytesToHash: Int64
    }

    let content: TorrentContent
    let records: ResumeStore
    let role: PeerRole
    let overwrite: Bool
    /// Bytes checked and bytes to be checked; called at most ten times a second.
    let onProgress: @Sendable (Int64, Int64) -> Void
    let isCancelled: @Sendable () -> Bool

    /// With `known`, that record of this run is used in place of the one on the disk.
    func look(_ known: ResumeRecord?) throws(PeerFailure) -> Look {
        guard !isCancelled() else { throw Self.interrupted }
        let standings = try standings()
        let record = known ?? records.load(content)
        let (trusted, isFileKnown) = trustedPieces(record, standings)
        let unknown = piecesToHash(trusted, isFileKnown, standings)
        return Look(
            standings: standings, record: record, isRecordOnDisk: known == nil, trusted: trusted, unknown: unknown,
            bytesToHash: bytes(of: unknown))
    }

    /// Hashes what has to be, and has the storage hold what was found.
    func finish(_ look: Look) throws(PeerFailure) -> Finding {
        var have = look.trusted
        if look.unknown.setCount > 0 {
            let good = try hash(look.unknown, look.standings)
            good.forEachSet { have[$0] = true }
        }
        let claims = FileClaims(
            content: content, have: have, record: look.record, standings: look.standings, overwrite: overwrite)
        if role == .leech {
            try claims.claim()
        } else {
            content.storage.take(look.standings.indices.map { holding($0, look) })
        }
        let verified = VerifiedContent(
            pieces: content.geometry.pieceCount, goodPieces: have.setCount, goodBytes: bytes(of: have),
            totalBytes: content.geometry.totalLength,
            fromResumeRecord: look.record != nil && look.unknown.setCount == 0,
            missingFiles: missingFiles(look.standings))
        return Finding(have: have, recorded: look.isRecordOnDisk ? look.record : nil, verified: verified)
    }

    /// Nothing is written, and what a download may do to the file is kept for the next one.
    private func holding(_ file: Int, _ look: Look) -> FileHolding {
        guard let record = look.record, isAsRecorded(file, look.standings[file], in: record) else {
            return FileHolding(standing: look.standings[file])
        }
        return FileHolding(standing: look.standings[file], leave: record.leaves[file])
    }

    static var interrupted: PeerFailure { PeerFailure(.unfinished, "the check was interrupted") }

    private func standings() throws(PeerFailure) -> [StandingFile?] {
        let storage = content.storage
        var standings: [StandingFile?] = []
        standings.reserveCapacity(storage.files.count)
        for finding in FolderSurvey.standings(of: storage.files.map(\.path), in: storage.folder) {
            do throws(FileProblem) {
                standings.append(try finding.get())
            } catch {
                throw content.failure(StorageError(file: standings.count, error))
            }
        }
        return standings
    }

    // MARK: Trust

    /// The recorded pieces all of whose files are unchanged, and for each file whether it is.
    private func trustedPieces(
        _ record: ResumeRecord?, _ standings: [StandingFile?]
    ) -> (have: Bitfield, isFileKnown: [Bool]) {
        let geometry = content.geometry
        guard let record else {
            return (Bitfield(count: geometry.pieceCount), Array(repeating: false, count: standings.count))
        }
        var have = record.have
        var isKnown = Array(repeating: true, count: standings.count)
        for (file, standing) in standings.enumerated() where !isAsRecorded(file, standing, in: record) {
            isKnown[file] = false
            let pieces = content.storage.layout.pieces(of: file, pieceLength: geometry.pieceLength)
            for piece in pieces { have[piece] = false }
        }
        return (have, isKnown)
    }

    /// A file that is not there vouches for nothing, whatever the record says: it has bytes in the torrent.
    private func isAsRecorded(_ file: Int, _ standing: StandingFile?, in record: ResumeRecord) -> Bool {
        guard let standing else { return content.storage.files[file].path == nil }
        return standing.signature == record.signatures[file]
    }

    /// Pieces that may be there but are not proven: those that touch an existing file that has changed.
    private func piecesToHash(
        _ trusted: Bitfield, _ isFileKnown: [Bool], _ standings: [StandingFile?]
    ) -> Bitfield {
        var unknown = Bitfield(count: trusted.count)
        for (file, standing) in standings.enumerated() where standing != nil && !isFileKnown[file] {
            let pieces = content.storage.layout.pieces(of: file, pieceLength: content.geometry.pieceLength)
            for piece in pieces where !trusted[piece] { unknown[piece] = true }
        }
        return unknown
    }

    private func hash(_ pieces: Bitfield, _ standings: [StandingFile?]) throws(PeerFailure) -> Bitfield {
        let storage = content.storage
        let files = zip(storage.files, standings).map { file, standing in
            ScanFile(path: file.path, length: file.length, present: standing?.size ?? 0)
        }
        let scanner = PayloadScanner(
            folder: storage.folder, files: files, layout: storage.layout, geometry: content.geometry, wanted: pieces,
            threads: ProcessLimits.processors)
        guard
            let result = scanner.run(
                progress: { onProgress($0, content.geometry.totalLength) }, isCancelled: isCancelled)
        else { throw Self.interrupted }
        // A file that changes while it is read has wrong hashes now, and is noticed as changed later.
        let problem = result.problems.first { !$0.problem.isChange && !$0.problem.isNotFound }
        if let problem { throw content.failure(problem) }
        return result.goodPieces(of: content.metainfo)
    }

    // MARK: Words

    private func bytes(of have: Bitfield) -> Int64 {
        var sum: Int64 = 0
        have.forEachSet { sum += Int64(content.geometry.length(of: content.geometry.piece($0))) }
        return sum
    }

    private func missingFiles(_ standings: [StandingFile?]) -> [ByteString] {
        let files = content.storage.files
        let missing = files.indices.lazy.filter { file in
            files[file].path != nil && (standings[file]?.size ?? -1) < files[file].length
        }
        return missing.prefix(100).compactMap { files[$0].path.map { ByteString($0.bytes) } }
    }
}
