import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

// What the parts say, and who hears of it.
extension SwarmSession: SessionPartOwner {
    func notice(_ code: String, _ text: String, isDetail: Bool) {
        delegate?.session(self, notice: PeerNotice(code: code, text: text, isDetail: isDetail))
    }

    func standing(of id: ConnectionID) -> (standing: UplinkStanding, gives: Double)? {
        brain.swarm.standing(of: id).map { ($0, brain.swarm.downloadRate(from: id, at: reactor.now)) }
    }
}

extension SwarmSession: PeerSession {
    var isRunning: Bool { brain.swarm.isRunning }
    var isFetching: Bool { brain.swarm.isFetching }
    var nextDeadline: Moment { brain.swarm.nextDeadline }
    func source(of id: ConnectionID) -> PeerSource? { brain.swarm.source(of: id) }
    func isUnproven(_ id: ConnectionID) -> Bool { brain.swarm.isUnproven(id) }

    var announced: AnnouncedFigures {
        let figures = figures
        return AnnouncedFigures(uploaded: figures.uploaded, downloaded: figures.downloaded, left: figures.left)
    }
}

extension SwarmSession: PieceIntakeOwner {
    func notOpened(_ piece: PieceIndex) { tellBrain(.pieceNotOpened(piece)) }

    func stored(_ piece: PieceIndex) {
        // The brain first: the record that the delegate keeps asks it what is there.
        tellBrain(.pieceStored(piece))
        delegate?.session(self, stored: piece)
    }

    func rejected(_ piece: PieceIndex) -> RejectedAttempt? { askAboutRejected(piece) }

    func remembers(_ attempt: RejectedAttempt) -> Bool { brain.swarm.remembers(attempt) }

    func differed(_ blocks: [Int], of piece: PieceIndex, in attempt: RejectedAttempt) {
        tellBrain(.blocksDiffered(blocks, of: piece, in: attempt))
    }

    func notStored(_ error: StorageError) { delegate?.session(self, failed: error) }

    func dropped(_ piece: PieceIndex) { tellBrain(.pieceStoreFailed(piece)) }

    func mayOpen(_ count: Int) { tellBrain(.mayOpen(Int32(clamping: count))) }

    func memoryIsWanted() { tellBrain(.memoryIsWanted) }
}

extension SwarmSession: BlockServingOwner {
    func readEnded() { endIterationLater() }

    func failed(_ error: StorageError) {
        guard !isStopping else { return }
        delegate?.session(self, failed: error)
    }
}
