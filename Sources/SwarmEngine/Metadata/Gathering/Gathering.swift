import TorrentCore

/// The metadata that is being fetched (BEP 9): what is put together, and what each peer is asked for.
///
/// Sizes are told by peers, and bytes sent by them; nothing of either is believed before the hash of the whole is the
/// info hash. At most three assemblies are kept. Whoever waits for a place gets it from one that does not move, or that
/// has had its time, which is twice as long with each turn: so every peer that has the metadata is asked for long
/// enough in the end, whatever others say.
struct Gathering {
    let limit: Int
    /// Bytes of the metadata, once its hash is the info hash.
    private(set) var verifiedSize: Int?
    private(set) var assemblies: [MetadataAssembly] = []
    private(set) var blame = MetadataBlame()
    private(set) var sizes = ClaimedSizes()
    /// Bytes that came in vain.
    private(set) var wasted: Int64 = 0
    private var nextNumber: UInt32 = 0
    /// When a block last came, or somebody first had them; nil as long as nobody has.
    private(set) var stillSince: Moment?
    var room = MetadataRoom()
    /// Of the bitfields that are kept of all peers.
    private(set) var bitfieldBytes = 0

    static let mostAssemblies = 3
    /// How often a peer may name another size.
    static let mostChanges = 4
    /// An assembly that got no block for so long makes room for another.
    static let stallTime = Duration.seconds(10)
    /// So long an assembly is left alone the first time, though others wait.
    static let firstTurn = Duration.seconds(60)
    /// If no block comes for so long from those who say that they have them, nobody gives any.
    static let stillTime = Duration.seconds(30)

    init(limit: Int) {
        self.limit = limit
    }

    /// Bytes that the shell keeps.
    var keptBytes: Int { assemblies.reduce(0) { $0 + $1.receivedBytes } }

    /// The assembly of which most is there.
    var furthest: MetadataAssembly? { assemblies.max { $0.receivedBytes < $1.receivedBytes } }

    // MARK: What peers say

    /// The extension handshake: whether the peer has the metadata, and how large it says that is. What is not named
    /// stays as it was (BEP 10).
    mutating func introduced(_ peer: PeerConnection, size: Int?, _ peers: [PeerConnection], _ agenda: inout Agenda) {
        let speaks = peer.extensions.speaks(.metadata)
        let named = size ?? peer.gathering.claim ?? peer.gathering.refusedClaim
        peer.gathering.refusedClaim = named.flatMap { $0 > limit ? $0 : nil }
        let claim = speaks ? named.flatMap { (1...limit).contains($0) ? $0 : nil } : nil
        guard claim != peer.gathering.claim else { return }
        giveUpAll(of: peer, &agenda)
        if peer.gathering.claim != nil { peer.gathering.changes += 1 }
        peer.gathering.claim = peer.gathering.changes > Self.mostChanges ? nil : claim
        fill(peers, &agenda)
    }

    /// Its connection is ending.
    mutating func left(_ peer: PeerConnection, _ agenda: inout Agenda) {
        giveUpAll(of: peer, &agenda)
        change(bitfieldBytes: -peer.gathering.early.bitfieldBytes)
    }

    // MARK: Assemblies

    /// The assembly to which a peer gives.
    func position(for peer: PeerConnection) -> Int? {
        guard let claim = peer.gathering.claim else { return nil }
        let sender = sizes.isSuspect(claim) ? peer.id : nil
        return assemblies.firstIndex { $0.size == claim && $0.sender == sender }
    }

    /// The assembly of which the peer has been asked for blocks that are still waited for.
    func positionOfRequests(of peer: PeerConnection) -> Int? {
        guard let id = peer.gathering.requestsAssembly else { return nil }
        return assemblies.firstIndex { $0.id == id }
    }

    /// The peer is asked for blocks of this assembly from now on, and owes none of another.
    mutating func directRequests(of peer: PeerConnection, to position: Int) {
        let id = assemblies[position].id
        guard peer.gathering.requestsAssembly != id else { return }
        giveUpRequests(of: peer)
        peer.gathering.requestsAssembly = id
    }

    /// Gives places to those who wait for one, and asks everybody for what there is to ask.
    mutating func fill(_ peers: [PeerConnection], _ agenda: inout Agenda) {
        guard agenda.isRunning, verifiedSize == nil else { return }
        noteStillness(peers, &agenda)
        // Each round gives somebody a place, so there are no more of them than peers.
        for _ in peers {
            guard let waiting = whoWaits(peers, at: agenda.now) else { break }
            if assemblies.count == Self.mostAssemblies {
                guard let (position, from) = whoMakesRoom(peers) else { break }
                guard from <= agenda.now else {
                    agenda.deadlines.set(.patrol, noLaterThan: from)
                    break
                }
                giveUp(at: position, peers, &agenda)
            }
            begin(waiting, at: agenda.now)
        }
        refillAll(peers, &agenda)
    }

    private mutating func noteStillness(_ peers: [PeerConnection], _ agenda: inout Agenda) {
        guard peers.contains(where: \.hasMetadata) else { return stillSince = nil }
        let since = stillSince ?? agenda.now
        stillSince = since
        if since + Self.stillTime > agenda.now { agenda.deadlines.set(.patrol, noLaterThan: since + Self.stillTime) }
    }

    /// Somebody, or all who name a size, for whom there is no assembly.
    private struct Waiting {
        let size: Int
        let sender: ConnectionID?
        let turns: MetadataTurns
        let refusals: Int
        var claimers = 1
    }

    /// Who is next: those who have had the fewest turns, or have waited long since, then those who let us down least,
    /// then those who are most.
    private func whoWaits(_ peers: [PeerConnection], at now: Moment) -> Waiting? {
        var waiting: [Waiting] = []
        for peer in peers where peer.gathering.patience.restsUntil <= now {
            guard let size = peer.gathering.claim, position(for: peer) == nil else { continue }
            let patience = peer.gathering.patience
            if sizes.isSuspect(size) {
                waiting.append(
                    Waiting(size: size, sender: peer.id, turns: patience.turns, refusals: patience.refusals))
            } else if let position = waiting.firstIndex(where: { $0.size == size }) {
                waiting[position].claimers += 1
            } else {
                waiting.append(Waiting(size: size, sender: nil, turns: sizes.turns(of: size), refusals: 0))
            }
        }
        return waiting.min {
            ($0.turns.rank(at: now), $0.refusals, -$0.claimers) < ($1.turns.rank(at: now), $1.refusals, -$1.claimers)
        }
    }

    /// The assembly that makes room first, and from when on: at once if nobody gives to it any more. Nil if there is
    /// none.
    func whoMakesRoom(_ peers: [PeerConnection]) -> (position: Int, from: Moment)? {
        let used = Set(peers.compactMap { position(for: $0) })
        let moments = assemblies.enumerated().map { place, assembly in
            if assembly.isVerifying { return Moment.distantFuture }
            if !used.contains(place) { return assembly.begunAt }
            let turn = Self.firstTurn * (1 << min(assembly.turns, 10))
            return min(assembly.movedAt + Self.stallTime, assembly.begunAt + turn)
        }
        return moments.indices.min { moments[$0] < moments[$1] }.map { ($0, moments[$0]) }
    }

    /// In favour of others: it comes after them.
    mutating func giveUp(at position: Int, _ peers: [PeerConnection], _ agenda: inout Agenda) {
        hadTurn(assemblies[position], peers, at: agenda.now)
        end(at: position, peers, &agenda)
    }

    private mutating func hadTurn(_ assembly: MetadataAssembly, _ peers: [PeerConnection], at now: Moment) {
        guard let sender = assembly.sender else { return sizes.hadTurn(assembly.size, at: now) }
        peers.first { $0.id == sender }?.gathering.patience.turns.end(at: now)
    }

    private mutating func begin(_ waiting: Waiting, at now: Moment) {
        let id = MetadataAssembly.ID(number: nextNumber)
        nextNumber += 1
        assemblies.append(
            MetadataAssembly(id, size: waiting.size, sender: waiting.sender, turns: waiting.turns.count, at: now))
    }

    /// The assembly is given up, and what was asked for it.
    private mutating func end(at position: Int, _ peers: [PeerConnection], _ agenda: inout Agenda) {
        let id = assemblies[position].id
        for peer in peers where peer.gathering.requestsAssembly == id { forgetRequests(of: peer) }
        remove(at: position, &agenda)
    }

    private mutating func remove(at position: Int, _ agenda: inout Agenda) {
        let assembly = assemblies.remove(at: position)
        wasted += Int64(assembly.receivedBytes)
        blame.add(assembly)
        if assembly.receivedBytes > 0 { agenda.effects.append(.dropMetadata(assembly.id)) }
    }

    /// What comes of them after all is expected, and of no use.
    private func forgetRequests(of peer: PeerConnection) {
        peer.gathering.strays += peer.gathering.requests.count
        peer.gathering.requests = []
        peer.gathering.requestsAssembly = nil
    }

    /// Others are asked for what this peer owes.
    private mutating func giveUpRequests(of peer: PeerConnection) {
        if let position = positionOfRequests(of: peer) {
            for request in peer.gathering.requests where !request.isGivenUp {
                assemblies[position].giveUp(request.piece)
            }
        }
        forgetRequests(of: peer)
    }

    /// Others are asked for what this peer owes; what nobody else may give is dropped.
    private mutating func giveUpAll(of peer: PeerConnection, _ agenda: inout Agenda) {
        giveUpRequests(of: peer)
        guard let position = position(for: peer) else { return }
        let assembly = assemblies[position]
        // The shell is at work on what is being verified: it may be what we look for.
        if assembly.sender == peer.id, !assembly.isVerifying { remove(at: position, &agenda) }
    }

    // MARK: Verdicts

    /// The hash is right. The answer is who sent something else before, each once.
    mutating func verified(
        _ id: MetadataAssembly.ID, _ peers: [PeerConnection], _ agenda: inout Agenda
    ) -> [Contributor]? {
        guard let position = assemblies.firstIndex(where: { $0.id == id && $0.isVerifying }) else { return nil }
        let good = assemblies.remove(at: position)
        verifiedSize = good.size
        dropAll(peers, &agenda)
        return blame.settle(good)
    }

    /// The hash is wrong. The answer is who sent all of it, if that was one; else each of those who name that size is
    /// asked alone from now on.
    mutating func rejected(
        _ id: MetadataAssembly.ID, _ peers: [PeerConnection], _ agenda: inout Agenda
    ) -> Contributor? {
        guard let position = assemblies.firstIndex(where: { $0.id == id && $0.isVerifying }) else { return nil }
        let wrong = assemblies[position]
        end(at: position, peers, &agenda)
        guard wrong.contributors.count == 1 else {
            sizes.suspect(wrong.size)
            return nil
        }
        return wrong.contributors.first
    }

    /// Nothing is fetched any more.
    mutating func dropAll(_ peers: [PeerConnection], _ agenda: inout Agenda) {
        for peer in peers { forgetRequests(of: peer) }
        while !assemblies.isEmpty { remove(at: 0, &agenda) }
    }

    // MARK: Changes by the other files of this room

    mutating func withAssembly<Result>(at position: Int, _ body: (inout MetadataAssembly) -> Result) -> Result {
        body(&assemblies[position])
    }

    mutating func cameInVain(_ byteCount: Int) { wasted += Int64(byteCount) }

    mutating func moved(at now: Moment) { stillSince = now }

    mutating func change(bitfieldBytes change: Int) { bitfieldBytes += change }
}
