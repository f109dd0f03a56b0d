import PeerEvents
import TorrentCore
import TorrentIO

/// Decides what a download may do to each file that is there, so that no byte of somebody's is lost without
/// `--overwrite` (promise 5). A file may be written to if we made it and nobody touched it since; gaps may be filled
/// in one that holds a part of the torrent; all else is left as it is, or ends the download before it begins.
/// Padding has no file to claim, and no attribute that a torrent gives a file is leave to write to it (BEP 47).
struct FileClaims {
    /// What is to become of a file before the session begins.
    private enum Claim {
        case hold(FileLeave)
        /// It has other names: continue with a copy.
        case detach
        /// It is ours now, and too long.
        case cut
    }

    let content: TorrentContent
    /// Pieces that are there.
    let have: Bitfield
    /// The record of the last run, or of this one so far.
    let record: ResumeRecord?
    let standings: [StandingFile?]
    let overwrite: Bool

    /// Tells the storage how each file may be used; throws, with nothing touched, if one is in the way.
    func claim() throws(PeerFailure) {
        let storage = content.storage
        var claims: [Claim] = []
        claims.reserveCapacity(standings.count)
        for file in standings.indices {
            do throws(FileProblem) {
                let claim = try claim(on: file)
                try checkMayWrite(file, claim)
                claims.append(claim)
            } catch {
                throw content.failure(StorageError(file: file, error), have: have)
            }
        }
        storage.take(
            zip(standings, claims).map { standing, claim in
                if case .hold(let leave) = claim { return FileHolding(standing: standing, leave: leave) }
                return FileHolding(standing: standing, leave: .overwrite)
            })
        do throws(StorageError) {
            for (file, claim) in claims.enumerated() {
                switch claim {
                case .hold: break
                case .detach: try storage.detach(file)
                case .cut: try storage.cutToLength(file)
                }
            }
        } catch {
            throw content.failure(error)
        }
    }

    private func claim(on file: Int) throws(FileProblem) -> Claim {
        guard let path = content.storage.files[file].path, let standing = standings[file] else {
            return .hold(.compare)
        }
        let length = content.storage.files[file].length
        let recorded = recordedLeave(file)
        let isUnchanged = isUnchanged(file)
        if !lacksBytes(file) {
            return .hold(isUnchanged ? recorded : .compare)
        }
        if overwrite { return standing.links > 1 ? .detach : standing.size > length ? .cut : .hold(.overwrite) }
        // The storage compares before it "writes" to such a file.
        let isRightAsFarAsKnown = standing.size == length && piecesWithin(file).allSatisfy { have[$0] }
        if standing.links > 1 {
            guard isRightAsFarAsKnown else { throw .linked }
            return .hold(.compare)
        }
        if standing.size > length { throw .tooLong(standing.size - length) }
        if isUnchanged, recorded != .compare { return .hold(recorded) }
        let probe = try FileProbe(path, in: content.storage.folder)
        let isOurs = recorded != .compare && record?.signatures[file]?.isSameFile(as: standing.signature) == true
        if isOurs || pieces(of: file).contains(where: { have[$0] }) {
            for piece in pieces(of: file) where isWrong(piece, by: file, isOurs: isOurs) {
                guard try probe.hasGap(in: range(of: piece, in: file)) else { throw .differs }
            }
            return .hold(.fill)
        }
        if probe.isHollow { return .hold(.fill) }
        guard isRightAsFarAsKnown else { throw .differs }
        return .hold(.compare)
    }

    private func recordedLeave(_ file: Int) -> FileLeave {
        let leave = record?.leaves[file] ?? .compare
        return leave == .overwrite ? .compare : leave
    }

    /// What must be written to and cannot be is told now, and not when the first piece of it has come.
    private func checkMayWrite(_ file: Int, _ claim: Claim) throws(FileProblem) {
        guard let path = content.storage.files[file].path, standings[file] != nil, lacksBytes(file) else { return }
        if case .hold(.compare) = claim { return }
        _ = try content.storage.folder.open(path, .write)
    }

    private func lacksBytes(_ file: Int) -> Bool {
        standings[file]?.size != content.storage.files[file].length || !pieces(of: file).allSatisfy { have[$0] }
    }

    private func isUnchanged(_ file: Int) -> Bool {
        guard content.storage.files[file].path != nil else { return true }
        return standings[file] != nil && record?.signatures[file] == standings[file]?.signature
    }

    /// Whether only `file` can be the reason why a piece is not there. A file of ours may lack pieces that were
    /// incomplete when the last run ended, but not ones that had been stored.
    private func isWrong(_ piece: Int, by file: Int, isOurs: Bool) -> Bool {
        guard !have[piece], !isOurs || record?.have[piece] == true else { return false }
        let geometry = content.geometry
        let index = geometry.piece(piece)
        let segments = content.storage.layout.segments(
            offset: geometry.offset(of: index), length: geometry.length(of: index))
        return segments.allSatisfy { $0.file == file || isUnchanged($0.file) }
    }

    // MARK: Pieces and files

    private func pieces(of file: Int) -> Range<Int> {
        content.storage.layout.pieces(of: file, pieceLength: content.geometry.pieceLength)
    }

    /// The pieces that hold bytes of `file` alone. Those that it shares with a neighbour cannot be judged while that
    /// one is missing.
    private func piecesWithin(_ file: Int) -> Range<Int> {
        let (start, end) = (content.storage.layout.starts[file], content.storage.layout.starts[file + 1])
        let length = Int64(content.geometry.pieceLength)
        let first = Int((start + length - 1) / length)
        let last = end == content.geometry.totalLength ? content.geometry.pieceCount : Int(end / length)
        return first..<max(first, last)
    }

    /// The bytes of `file` in a piece that touches it, counted from its start.
    private func range(of piece: Int, in file: Int) -> Range<Int64> {
        let index = content.geometry.piece(piece)
        let start = content.geometry.offset(of: index) - content.storage.layout.starts[file]
        let end = start + Int64(content.geometry.length(of: index))
        return max(0, start)..<min(end, content.storage.files[file].length)
    }
}
