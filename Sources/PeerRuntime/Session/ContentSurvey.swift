import SwarmEngine
import TorrentCore
import TorrentIO

/// Finds out what of a torrent is there before its session begins, and which files may be written to.
///
/// Trusts the resume record where the files are still those that it describes, hashes the rest, and never lets a file
/// be written that is not ours (promise 5). Runs on a worker; waits for the disk.
struct ContentSurvey: Sendable {
    struct Finding: Sendable {
        /// Pieces that are there, by hash or by record.
        var have: Bitfield
        /// What the next record says of the files.
        var record: ResumeRecord
        /// What the last one said, if there is one.
        var recorded: ResumeRecord?
        var verified: VerifiedContent
    }

    let content: TorrentContent
    let records: ResumeStore
    let role: PeerRole
    let overwrite: Bool
    /// Bytes checked and bytes to be checked; called at most ten times a second.
    let onProgress: @Sendable (Int64, Int64) -> Void
    let isCancelled: @Sendable () -> Bool

    func run() throws(PeerFailure) -> Finding {
        let storage = content.storage
        let signatures = try signatures()
        let record = records.load(content)
        let trusted = trustedPieces(record, signatures)
        let unknown = piecesToHash(trusted.have, trusted.isFileKnown, signatures)
        var have = trusted.have
        if unknown.setCount > 0 {
            let good = try hash(unknown, signatures)
            good.forEachSet { have[$0] = true }
        }
        var ours = record?.ours ?? Bitfield(count: storage.files.count)
        if role == .leech { try claimFiles(&ours, have, signatures) }
        let verified = VerifiedContent(
            pieces: content.geometry.pieceCount, goodPieces: have.setCount, goodBytes: bytes(of: have),
            totalBytes: content.geometry.totalLength, fromResumeRecord: record != nil && unknown.setCount == 0,
            missingFiles: missingFiles(signatures))
        let next = ResumeRecord(
            infoHash: content.metainfo.infoHash, have: have, signatures: signatures, ours: ours)
        return Finding(have: have, record: next, recorded: record, verified: verified)
    }

    private func signatures() throws(PeerFailure) -> [FileSignature?] {
        let storage = content.storage
        var signatures: [FileSignature?] = []
        signatures.reserveCapacity(storage.files.count)
        for finding in FolderSurvey.signatures(of: storage.files.map(\.path), in: storage.folder) {
            do throws(FileProblem) {
                signatures.append(try finding.get())
            } catch {
                throw content.failure(StorageError(file: signatures.count, error))
            }
        }
        return signatures
    }

    // MARK: Trust

    /// The recorded pieces all of whose files are unchanged, and for each file whether it is.
    private func trustedPieces(
        _ record: ResumeRecord?, _ signatures: [FileSignature?]
    ) -> (have: Bitfield, isFileKnown: [Bool]) {
        let geometry = content.geometry
        guard let record else {
            return (Bitfield(count: geometry.pieceCount), Array(repeating: false, count: signatures.count))
        }
        var have = record.have
        var isKnown = Array(repeating: true, count: signatures.count)
        for (file, signature) in signatures.enumerated() where signature != record.signatures[file] {
            isKnown[file] = false
            let pieces = content.storage.layout.pieces(of: file, pieceLength: geometry.pieceLength)
            for piece in pieces { have[piece] = false }
        }
        return (have, isKnown)
    }

    /// Pieces that may be there and that nothing vouches for: those that touch a file which is there and has changed.
    private func piecesToHash(
        _ trusted: Bitfield, _ isFileKnown: [Bool], _ signatures: [FileSignature?]
    ) -> Bitfield {
        var unknown = Bitfield(count: trusted.count)
        for (file, signature) in signatures.enumerated() where signature != nil && !isFileKnown[file] {
            let pieces = content.storage.layout.pieces(of: file, pieceLength: content.geometry.pieceLength)
            for piece in pieces where !trusted[piece] { unknown[piece] = true }
        }
        return unknown
    }

    private func hash(_ pieces: Bitfield, _ signatures: [FileSignature?]) throws(PeerFailure) -> Bitfield {
        let storage = content.storage
        let files = zip(storage.files, signatures).map { file, signature in
            ScanFile(path: file.path, length: file.length, present: signature?.size ?? 0)
        }
        let scanner = PayloadScanner(
            folder: storage.folder, files: files, layout: storage.layout, geometry: content.geometry, wanted: pieces,
            threads: ProcessLimits.processors)
        guard
            let result = scanner.run(
                progress: { onProgress($0, content.geometry.totalLength) }, isCancelled: isCancelled)
        else { throw PeerFailure(.unfinished, "the check was interrupted") }
        if let problem = result.problems.first { throw content.failure(problem) }
        var good = Bitfield(count: pieces.count)
        for piece in content.geometry.pieces
        where pieces[piece] && result.digest(of: piece) == content.metainfo.pieceDigest(piece) {
            good[piece] = true
        }
        return good
    }

    // MARK: Whose files

    /// Files that the download will write to become ours if they are not there, were ours before, or may be
    /// overwritten; a foreign one in the way ends it here, before anything is touched.
    private func claimFiles(
        _ ours: inout Bitfield, _ have: Bitfield, _ signatures: [FileSignature?]
    ) throws(PeerFailure) {
        let storage = content.storage
        for file in storage.files.indices where storage.files[file].path != nil {
            guard let signature = signatures[file] else {
                ours[file] = true
                continue
            }
            if overwrite { ours[file] = true }
            if ours[file] { storage.adopt(file) }
            let isRightAsFarAsKnown =
                signature.size == storage.files[file].length && piecesWithin(file).allSatisfy { have[$0] }
            guard ours[file] || isRightAsFarAsKnown else {
                throw content.failure(StorageError(file: file, .exists))
            }
        }
    }

    /// The pieces that hold bytes of `file` alone. Those that it shares with a neighbour cannot be judged while that
    /// one is missing; the storage compares before it writes.
    private func piecesWithin(_ file: Int) -> Range<Int> {
        let (start, end) = (content.storage.layout.starts[file], content.storage.layout.starts[file + 1])
        let length = Int64(content.geometry.pieceLength)
        let first = Int((start + length - 1) / length)
        let last = end == content.geometry.totalLength ? content.geometry.pieceCount : Int(end / length)
        return first..<max(first, last)
    }

    // MARK: Words

    private func bytes(of have: Bitfield) -> Int64 {
        var sum: Int64 = 0
        have.forEachSet { sum += Int64(content.geometry.length(of: content.geometry.piece($0))) }
        return sum
    }

    private func missingFiles(_ signatures: [FileSignature?]) -> [String] {
        let files = content.storage.files
        let missing = files.indices.lazy.filter { file in
            files[file].path != nil && (signatures[file]?.size ?? -1) < files[file].length
        }
        return missing.prefix(100).compactMap { files[$0].path?.description }
    }
}
