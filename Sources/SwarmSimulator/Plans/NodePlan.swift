package import SwarmEngine
import TorrentCore

/// How one peer of a simulated world behaves, and how fast its line is.
package struct NodePlan: Sendable {
    /// Bytes a second.
    package var upload: Double = 1_048_576
    /// Bytes a second.
    package var download: Double = 8_388_608
    /// One way to the middle of the network; the latency between two peers is the sum of both.
    package var latency = Duration.milliseconds(25)
    /// The time to hash and store a piece, or to find that there is no memory for one.
    package var diskTime = Duration.milliseconds(5)
    /// It is not there before this time.
    package var joinsAt = Duration.zero
    /// Its connections break at this time, and it is gone.
    package var leavesAt: Duration?
    /// The same as soon as the nodes that began without hold so many copies of every piece among them.
    package var leavesAtCopies: Int?
    /// Its user stops it at this time: it closes its connections and announces `stopped`.
    package var stopsAt: Duration?
    /// It stops sending blocks at this time, but stays connected.
    package var stallsAt: Duration?
    /// It goes to sleep at this time: nothing leaves it or comes in any more, and no connection breaks.
    package var vanishesAt: Duration?
    /// A random one of its connections breaks this often.
    package var linkBreaksEvery: Duration?
    package var isSeeder = false
    /// Pieces that it has from the beginning, if it is not a seeder.
    package var begins: [Int] = []
    /// It only serves what it has.
    package var fetchesMissing = true
    /// It sends one wrong block in so many; 0: none.
    package var wrongOneIn = 0
    /// It drops one block in so many, though its brain takes it as sent; 0: none.
    package var forgetsOneIn = 0
    /// It never unchokes a peer.
    package var isFreeRider = false
    package var client = Client.ours
    /// What it does besides what its brain wants.
    package var habits: [Habit] = []
    /// How often it does one of these things.
    package var habitsEvery = Duration.seconds(1)
    /// Speaks BEP 6.
    package var isFast = true
    /// Speaks BEP 10.
    package var isExtended = true
    /// It has an IPv6 address.
    package var isV6 = false
    /// It has another torrent, with another info hash.
    package var hasOtherTorrent = false
    /// It has the peer id of this node, whose number is lower: the same peer comes back.
    package var returnsAs: Int?
    /// Nodes that its user has named (`PeerSource.user`).
    package var named: [Int] = []
    /// Nodes that it knows from connections (`PeerSource.incoming`).
    package var overheard: [Int] = []
    /// What its disk and its memory lack.
    package var shortage = Shortage()
    /// The policies that its brain follows.
    package var rules = SwarmRules()
    /// Limits of its brain; the world sets those that have properties of their own.
    package var limits = SwarmLimits()
    /// How many it serves at once; nil leaves it to its rules.
    package var uploadSlots: Int?
    /// Bytes of pieces that it may hold open.
    package var openBytes = 48 << 20

    package init() {}

    /// Of what a node may be short.
    package struct Shortage {
        /// One piece in so many cannot be written; 0: none.
        package var storeFailsOneIn = 0
        /// For one piece in so many there is no memory when it is opened; 0: none.
        package var noMemoryOneIn = 0
        /// Its torrent shares memory with others, which leave it room for this many pieces at the most, now more and
        /// now less. 0: it has memory of its own.
        package var sharedPieces = 0
    }

    /// A node that imitates `client`, with standard rules.
    package init(as client: Client) {
        self.client = client
        rules = .standard
        isFast = client == .ours
    }

    /// A node that has everything, with a line as others have it.
    package static var seeder: NodePlan {
        var plan = NodePlan()
        plan.isSeeder = true
        return plan
    }
}
