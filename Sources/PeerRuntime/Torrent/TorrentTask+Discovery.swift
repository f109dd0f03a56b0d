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
