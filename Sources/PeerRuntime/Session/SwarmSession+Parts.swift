import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// What every part of a session may ask of it.
protocol SessionPartOwner: AnyObject {
    /// What fails from now on matters to nobody.
    var isStopping: Bool { get }
    /// `isDetail`: for those only who asked for more.
    func notice(_ code: String, _ text: String, isDetail: Bool)
}

extension SessionPartOwner {
    func notice(_ code: String, _ text: String) { notice(code, text, isDetail: false) }
}

// What the parts say, and who hears of it.
extension SwarmSession: SessionPartOwner {
    func notice(_ code: String, _ text: String, isDetail: Bool) {
        delegate?.session(self, notice: PeerNotice(code: code, text: text, isDetail: isDetail))
    }
}

extension SwarmSession: PeerLookupsOwner {}

extension SwarmSession: OurAddressListener {
    func theySeeUs(at address: IPAddress) {
        reactor.perform { [weak self] in
            guard let self, !isStopping else { return }
            tellBrain(.externalAddress(address))
        }
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

extension SwarmSession: TrackerAnnouncesOwner {
    func answered(_ tracker: TrackerIndex, _ answer: AnnounceAnswer) {
        let response = answer.response
        // How the tracker sees us (BEP 24).
        if let address = response.externalAddress { context.shared.ourAddress.saw(address, by: answer.address) }
        tellBrain(.announceAnswered(tracker, interval: response.interval, minimum: response.minInterval))
        found(response.peers, from: .tracker, by: answer.address)
        for peer in response.namedPeers {
            lookups.lookUp(peer.host, peer.port, from: .tracker, by: answer.address)
        }
    }

    func failed(_ tracker: TrackerIndex, _ failure: AnnounceFailure) {
        tellBrain(.announceFailed(tracker, retryIn: failure.retryIn, isFinal: failure.isFinal))
    }
}
