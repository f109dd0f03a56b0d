import TorrentCore

/// What we have, who is connected, and what each of them has: how many copies of each piece there are.
///
/// `Swarm` alone changes it, and lends it to the rooms, which only read it.
struct Availability: ~Copyable {
    let geometry: TorrentGeometry
    /// What is stored and verified.
    private(set) var have: Bitfield
    /// Bytes of pieces not yet stored: the `left` of announces, and no difference of other counts (BEP 3).
    private(set) var left: Int64
    /// Those who are connected, in the order in which they came.
    private(set) var peers: [PeerConnection] = []
    /// Connected peers that said at once that they have everything; they are not in `copies`.
    private(set) var seeds = 0
    private let fetchesMissing: Bool
    private var copies: [UInt16]

    init(_ configuration: SwarmConfiguration) {
        let geometry = configuration.geometry
        self.geometry = geometry
        fetchesMissing = configuration.fetchesMissing
        have = configuration.have
        copies = Array(repeating: 0, count: geometry.pieceCount)
        left = geometry.totalLength
        have.forEachSet { left -= Int64(geometry.length(of: geometry.piece($0))) }
    }

    var isComplete: Bool { have.isFull }
    /// There is something that we want of others. Where there is not, no peer has anything useful.
    var isFetching: Bool { fetchesMissing && !isComplete }

    /// Connected peers that have the piece, `seeds` left out.
    func copies(of piece: Int) -> Int { Int(copies[piece]) }

    /// Copies of the rarest piece among the connected. Looks at every piece.
    var fewestCopies: Int { seeds + Int(copies.min() ?? 0) }

    /// Pieces that this peer has and we have not.
    func usefulCount(of peer: PeerConnection) -> Int {
        var count = 0
        for index in 0..<have.wordCount {
            count += (peer.pieces.have.word(index) & ~have.word(index)).nonzeroBitCount
        }
        return count
    }

    /// Pieces that we have and this peer has not, among the first 4,096.
    func lackCount(of peer: PeerConnection) -> Int {
        var count = 0
        for index in 0..<min(have.wordCount, 64) {
            count += (have.word(index) & ~peer.pieces.have.word(index)).nonzeroBitCount
        }
        return count
    }

    /// What is known of each piece, those that are open left out.
    var states: [PieceState] {
        var states: [PieceState] = []
        states.reserveCapacity(geometry.pieceCount)
        for piece in 0..<geometry.pieceCount {
            states.append(have[piece] ? .have : PieceState(copies: seeds + Int(copies[piece])))
        }
        return states
    }

    // MARK: Changes, by Swarm alone

    mutating func stored(_ piece: PieceIndex) {
        have[piece] = true
        left -= Int64(geometry.length(of: piece))
    }

    mutating func joined(_ peer: PeerConnection) {
        peer.pieces = PeerPieces(count: geometry.pieceCount)
        peers.append(peer)
    }

    /// The first word of a peer: all that it has.
    mutating func told(_ pieces: Bitfield, by peer: PeerConnection) {
        peer.pieces.isTold = true
        peer.pieces.have = pieces
        if pieces.isFull {
            peer.pieces.isCountedAsSeed = true
            seeds += 1
        } else {
            change(pieces, by: 1)
        }
    }

    /// A peer has one more. False if that was known.
    mutating func told(_ piece: PieceIndex, by peer: PeerConnection) -> Bool {
        peer.pieces.isTold = true
        guard !peer.pieces.have[piece] else { return false }
        peer.pieces.have[piece] = true
        copies[piece.position] += 1
        return true
    }

    /// A peer that was counted as a seed is counted piece by piece from now on. False if it is so already.
    mutating func becameCounted(_ peer: PeerConnection) -> Bool {
        guard peer.pieces.isCountedAsSeed else { return false }
        peer.pieces.isCountedAsSeed = false
        seeds -= 1
        change(peer.pieces.have, by: 1)
        return true
    }

    /// A peer that is counted piece by piece has this one, which it had, no more (BEP 54).
    mutating func lost(_ piece: PieceIndex, of peer: PeerConnection) {
        peer.pieces.have[piece] = false
        copies[piece.position] -= 1
    }

    mutating func toldToFetchNothing(_ peer: PeerConnection) { peer.pieces.isUploadOnly = true }

    /// It is gone, and its pieces with it.
    mutating func left(_ peer: PeerConnection) {
        if peer.pieces.isCountedAsSeed { seeds -= 1 } else { change(peer.pieces.have, by: 0 &- 1) }
        peers.removeAll { $0 === peer }
    }

    /// The swarm has stopped.
    mutating func everybodyLeft() { peers = [] }

    /// `step` is one, or what takes one away.
    private mutating func change(_ pieces: Bitfield, by step: UInt16) {
        let count = pieces.wordCount
        unsafe copies.withUnsafeMutableBufferPointer { copies in
            for index in 0..<count {
                forEachBit(pieces.word(index), index) { unsafe copies[$0] &+= step }
            }
        }
    }
}

/// What is known of the pieces of one peer: changed by `Availability`, read by all.
struct PeerPieces {
    fileprivate(set) var have: Bitfield
    /// It has told us by bitfield, haveAll, haveNone or a first have what it has.
    fileprivate(set) var isTold = false
    /// Its pieces are counted as a seed's, not one by one.
    fileprivate(set) var isCountedAsSeed = false
    /// It said that it will fetch nothing (BEP 21), or that it has more than it shows.
    fileprivate(set) var isUploadOnly = false

    private var isKnown = true

    fileprivate init(count: Int) {
        have = Bitfield(count: count)
    }

    /// Of a peer of whom it is not known yet how many pieces there are: nobody is a seed then.
    static let unknown = {
        var pieces = PeerPieces(count: 0)
        pieces.isKnown = false
        return pieces
    }()

    var isSeed: Bool { isKnown && have.isFull }
    /// It has everything, or will fetch nothing.
    var wantsNothing: Bool { isUploadOnly || isSeed }
}

/// Calls `body` with the position of each set bit of the `index`-th word of a bitfield.
@inline(__always)
func forEachBit(_ word: UInt64, _ index: Int, _ body: (Int) -> Void) {
    var rest = word
    while rest != 0 {
        let bit = rest.leadingZeroBitCount
        body(index << 6 + bit)
        rest &= ~(1 << UInt64(63 - bit))
    }
}
