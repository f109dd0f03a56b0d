package import SwarmEngine
import TorrentCore

/// How one peer of a simulated world behaves and what its line can carry.
package struct NodePlan: Sendable {
    /// Bytes a second.
    package var upload: Double = 1_048_576
    package var download: Double = 8_388_608
    /// From its computer to the middle of the network; the way to another peer is the sum of both.
    package var latency = Duration.milliseconds(25)
    /// To hash and store a piece, and to find that there is no memory for one.
    package var diskTime = Duration.milliseconds(5)
    package var joinsAt = Duration.zero
    /// It goes without a word at this time.
    package var leavesAt: Duration?
    /// It goes as soon as the others hold so many copies of every piece among them, seeders left out.
    package var leavesAtCopies: Int?
    /// Its user stops it at this time: it says so to all.
    package var stopsAt: Duration?
    /// It stops sending blocks, though it says nothing and stays connected, at this time.
    package var stallsAt: Duration?
    /// It goes to sleep at this time: nothing leaves it or comes in any more, and nobody is told.
    package var vanishesAt: Duration?
    /// One of its connections breaks this often.
    package var linkBreaksEvery: Duration?
    package var isSeeder = false
    /// Pieces that it has from the beginning, if it is no seeder.
    package var begins: [Int] = []
    /// It only serves what it has.
    package var fetchesMissing = true
    /// Of how many blocks one is wrong; 0 is an honest peer.
    package var wrongOneIn = 0
    /// Of how many blocks it forgets one, and believes that it has sent it; 0: none.
    package var forgetsOneIn = 0
    /// It never unchokes anybody.
    package var isFreeRider = false
    package var client = Client.ours
    /// What it does that a peer should not.
    package var habits: [Habit] = []
    /// How often it follows one of them.
    package var habitsEvery = Duration.seconds(1)
    /// Speaks BEP 6.
    package var isFast = true
    /// Speaks BEP 10.
    package var isExtended = true
    /// Its address is of IPv6.
    package var isV6 = false
    /// It is there for another torrent.
    package var hasOtherTorrent = false
    /// It goes by the peer id of this node, which has a lower number: the same peer, come again.
    package var returnsAs: Int?
    /// Nodes that its user has named.
    package var named: [Int] = []
    /// Nodes of which it has heard from other peers.
    package var overheard: [Int] = []
    /// Of how many pieces the disk refuses one, and for how many there is no memory when they are opened; 0: none.
    package var storeFailsOneIn = 0
    package var noMemoryOneIn = 0
    /// By what rules its brain plays.
    package var rules = SwarmRules()
    /// Bounds of its brain, besides those that have a name of their own here.
    package var limits = SwarmLimits()
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

    /// What a peer does that ours do not: some of it breaks the protocol, the rest is odd and has to be borne.
    package enum Habit: Hashable, Sendable, CaseIterable {
        /// It names a piece that there is not.
        case namesNoPiece, allowsNoPiece, asksForNoPiece, rejectsNoPiece
        /// It asks for bytes beyond a piece, or for more than anybody serves at once.
        case asksBeyondPiece, asksForTooMuch
        /// It asks for much that it may not have.
        case floods
        /// It sends blocks that nobody has asked for, some of them beyond a piece.
        case sendsStrayBlocks, sendsBlocksBeyondPiece
        /// Its bitfield is a byte too long, or comes again and again.
        case sendsLongBitfield, repeatsBitfield
        /// Words of BEP 6, also to who does not speak it.
        case sendsFastMessages
        /// Words that mean little: keep-alives, ports, chokes and unchokes that change nothing.
        case chatters
        /// It allows pieces that it may not have.
        case allowsAnything
        /// It cancels what it has asked for, and rejects what it was not asked for.
        case cancels, rejects
        /// It rejects every request that it should serve.
        case refusesToServe
        /// It pays no attention to cancels.
        case ignoresCancels
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
