package import SwarmEngine
import TorrentCore

/// How one peer of a simulated world behaves and what its line can carry.
package struct NodePlan: Sendable {
    /// Bytes a second.
    package var upload: Double = 1_048_576
    package var download: Double = 8_388_608
    /// From its computer to the middle of the network; the way to another peer is the sum of both.
    package var latency = Duration.milliseconds(25)
    /// To hash and store a piece.
    package var diskTime = Duration.milliseconds(5)
    package var joinsAt = Duration.zero
    /// It goes without a word at this time.
    package var leavesAt: Duration?
    /// It goes as soon as the others hold so many copies of every piece among them, seeders left out.
    package var leavesAtCopies: Int?
    /// It stops sending blocks, though it says nothing and stays connected, at this time.
    package var stallsAt: Duration?
    /// It goes to sleep at this time: nothing leaves it or comes in any more, and nobody is told.
    package var vanishesAt: Duration?
    package var isSeeder = false
    /// Of how many blocks one is wrong; 0 is an honest peer.
    package var wrongOneIn = 0
    /// It never unchokes anybody.
    package var isFreeRider = false
    package var client = Client.ours
    /// Speaks BEP 6.
    package var isFast = true
    /// By what rules its brain plays.
    package var rules = SwarmRules()
    package var uploadSlots: Int?
    package var openBytes = 48 << 20

    package init() {}

    /// As whom a node behaves beyond what its rules say.
    package enum Client: Hashable, Sendable {
        case ours
        /// After a choke it asks for nothing for ten seconds, and a seeder is not told of what it has got.
        case rTorrent
        /// When there was nothing to ask for it looks again after five seconds only, and a seeder is not told either.
        case rqbit
    }

    /// One of these, with the rules that it plays by.
    package init(as client: Client) {
        self.client = client
        rules = .standard
        isFast = client == .ours
    }

    package static var seeder: NodePlan {
        var plan = NodePlan()
        plan.isSeeder = true
        return plan
    }
}

/// A whole world to be run.
package struct WorldPlan: Sendable {
    package var pieceLength = 262_144
    package var pieceCount = 64
    /// Bytes that the last piece lacks.
    package var shortBy = 0
    package var nodes: [NodePlan] = []
    package var seed: UInt64 = 1
    package var maxConnections = 50
    /// How often the tracker wants to hear from each.
    package var interval = Duration.seconds(1_800)
    /// The tracker is down until then.
    package var trackerFrom = Duration.zero
    /// The world ends here at the latest.
    package var horizon = Duration.seconds(3_600)
    /// All peers share 127.0.0.1 and differ by port.
    package var onLoopback = false
    /// The seeders leave nothing to chance: everybody is told to everybody.
    package var peersPerAnswer = 50
    /// The tracker tells of everybody from the first moment on, not only of those who have announced before.
    package var trackerKnowsAll = false
    /// How the links behave beyond latency; nil: they carry at once what the line can.
    package var ramp: LinkRamp?
    /// Free riders are left out of what the world waits for.
    package var waitsForFreeRiders = true

    package init(nodes: [NodePlan]) {
        self.nodes = nodes
    }
}
