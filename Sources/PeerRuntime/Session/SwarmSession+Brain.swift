import SwarmEngine
import TorrentCore
import TorrentIO

// The one place where brain and world meet: all that the brain is told, and the three questions.
extension SwarmSession {
    func tellBrain(_ event: SwarmEvent) {
        reactor.preconditionOnReactor()
        brain.take(event, at: reactor.now)
        carryOut()
    }

    func tellBrain(_ news: SwarmNews) {
        reactor.preconditionOnReactor()
        brain.take(news, at: reactor.now)
        carryOut()
    }

    func askToKeep(_ id: ConnectionID, _ handshake: Handshake) -> Bool {
        reactor.preconditionOnReactor()
        return brain.take(.linkOpened(id, handshake), at: reactor.now).keeps(id)
    }

    /// What to do with the bytes of a block that a peer begins to send. Effects are carried out before the answer is
    /// used.
    func askToAdmit(_ block: WireBlock, from id: ConnectionID) -> BlockAdmission {
        reactor.preconditionOnReactor()
        let answer = brain.admit(block, from: id, at: reactor.now)
        carryOut()
        return answer
    }

    func askToAccept(from endpoint: Endpoint, _ handshake: Handshake) -> ConnectionID? {
        reactor.preconditionOnReactor()
        return brain.linkAccepted(from: endpoint, handshake, at: reactor.now)
    }

    /// The hash of a piece is wrong: under which name what came of it is to be kept, if it is of use.
    func askAboutRejected(_ piece: PieceIndex) -> RejectedAttempt? {
        reactor.preconditionOnReactor()
        let answer = brain.pieceRejected(piece, at: reactor.now)
        carryOut()
        return answer
    }

    func greets(_ handshake: Handshake, from endpoint: Endpoint) -> Bool {
        brain.swarm.greets(handshake, from: endpoint)
    }

    func usesAnswers(of tracker: TrackerIndex) -> Bool { brain.swarm.usesAnswers(of: tracker) }

    func encoded(_ output: ExtensionOutput, for id: ConnectionID) -> [UInt8]? {
        brain.swarm.encoded(output, for: id, listenPort: context.listenPort)
    }

    func carryOut() {
        if brain.wantsSomething {
            let effects = brain.takeEffects()
            for effect in effects { perform(effect) }
            brain.giveBack(consume effects)
        }
        endIterationLater()
    }
}
