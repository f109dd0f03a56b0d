import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

// On the local network (BEP 14): announced while others could connect to it, and never once it is known to be private
// (BEP 27).
extension TorrentTask: LocalDiscoveryMember {
    /// Whenever something has happened in its life.
    func discover() {
        guard let discovery = context.localDiscovery else { return }
        isOpenToAll ? discovery.join(infoHash, self) : discovery.leave(infoHash, self)
    }

    private var isOpenToAll: Bool {
        guard plan.metainfo?.isPrivate != true else { return false }
        return switch life.state {
        case .fetching, .checking(holdsPeers: true), .opening, .running: true
        case .waiting, .held, .checking(holdsPeers: false), .closing, .resting, .paused, .ended: false
        }
    }

    // MARK: Where nobody tells of it

    /// Where nothing would ever happen, and nothing would ever say why, it is said: at once, or where those who are
    /// near may still tell of it, a moment later.
    func sayIfAlone(_ session: some PeerSession, for reason: String) {
        let isOff = session.isPrivate ? "" : ", and the DHT is off"
        let advice = "name a peer with --peer"
        guard !session.hasNobodyToAsk else {
            return sayWhyAlone("nobody_to_ask", "nobody to ask: \(reason)\(isOff); \(advice)")
        }
        publishOnceNobodyNearHasCome(session) { [self] in
            switch tally.progress.standstill {
            case .nobodyNear:
                sayWhyAlone("nobody_near", "nobody on the local network has told of it, \(reason)\(isOff); \(advice)")
            case .nobodyToAsk: sayWhyAlone("nobody_to_ask", "nobody to ask: \(reason)\(isOff); \(advice)")
            default: break
            }
        }
    }

    private func sayWhyAlone(_ code: String, _ text: String) {
        context.onEvent(.notice(infoHash, PeerNotice(code: code, text: text)))
    }

    /// Nothing else may happen until then that would have the progress told.
    func publishOnceNobodyNearHasCome(_ session: some PeerSession, then body: @escaping () -> Void = {}) {
        guard session.isLookedForNearby else { return }
        reactor.setTimer(after: session.nearbyPatience) { [weak self, weak session] in
            guard let self, let session, !session.isStopping else { return }
            publish()
            body()
        }
    }

    func heardNearby(_ peer: Endpoint) {
        reactor.perform { [self] in
            guard isOpenToAll else { return }
            if let metadataSession {
                metadataSession.found([peer], from: .lan, by: peer.address)
            } else {
                work?.session.found([peer], from: .lan, by: peer.address)
            }
        }
    }
}
