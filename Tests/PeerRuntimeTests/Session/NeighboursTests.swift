import PeerEvents
import SwarmEngine
import Synchronization
import Testing
import TorrentCore

@testable import PeerRuntime

/// What is told of whom we let ask.
@Suite struct NeighboursTests {
    private final class News: Sendable {
        private let kinds = Mutex<[PeerNews.Kind]>([])
        var all: [PeerNews.Kind] { kinds.withLock { $0 } }
        func add(_ event: PeerEvent) {
            if case .peer(_, let news) = event { kinds.withLock { $0.append(news.kind) } }
        }
    }

    private final class Owner: SessionPartOwner {
        var isStopping: Bool { false }
        var standing = UplinkStanding.choked(.notYet)
        func notice(_ code: String, _ text: String, isDetail: Bool) {}
        func standing(of id: ConnectionID) -> (standing: UplinkStanding, gives: Double)? { (standing, 7) }
    }

    /// Who is choked and unchoked again between two looks has been told of; only another reason in the same turn has
    /// not.
    @Test(arguments: [PeerDetail.connections, .chokes])
    func thatItStaysUnchokedIsSaidOfAnotherReasonAlone(detail: PeerDetail) throws {
        let (news, owner) = (News(), Owner())
        let stage = try SessionStage(length: 1, pieceLength: 16_384, detail: detail, onEvent: news.add)
        let neighbours = Neighbours(of: stage.infoHash, stage.context)
        neighbours.owner = owner
        let id = ConnectionID(slot: 0, generation: 1)
        neighbours.begin(id, Neighbour(endpoint: Endpoint(.loopbackV4, port: 1), isIncoming: true))
        func unchoke(_ reason: UnchokeReason) {
            owner.standing = .unchoked(reason)
            neighbours.tell(.unchoke, isOurs: true, over: id)
        }
        unchoke(.newcomer)
        neighbours.keepsTurn(id, .newcomer, gives: 7)
        owner.standing = .choked(.turnOver)
        neighbours.tell(.choke, isOurs: true, over: id)
        unchoke(.optimistic)
        neighbours.keepsTurn(id, .optimistic, gives: 7)
        neighbours.keepsTurn(id, .reciprocal, gives: 7)
        neighbours.keepsTurn(id, .reciprocal, gives: 7)
        let told: [PeerNews.Kind] = [
            .unchoked(.newcomer, gives: 7), .choked(.turnOver), .unchoked(.optimistic, gives: 7),
            .keepsTurn(.reciprocal, gives: 7),
        ]
        #expect(news.all == (detail == .chokes ? told : []))
    }
}
