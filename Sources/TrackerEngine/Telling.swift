import TorrentCore

/// Fills an answer with peers some of which the asker knows by another address, or two by the same: each address once,
/// and none that is the asker's.
struct Telling {
    private let selection: PeerSelection
    private let host: HostAddresses
    private let view: Viewpoint
    private var isRenamed = false
    private var comparisonsLeft = mostComparisons

    /// Names that are compared for one answer; beyond that, peers whose names would have to be compared are left out.
    static var mostComparisons: Int { 65_536 }

    init(_ selection: PeerSelection, _ surroundings: Surroundings) {
        (self.selection, host) = (selection, surroundings.host)
        view = Viewpoint(from: selection.asker.place, surroundings)
    }

    /// Fills in as many as there are, up to the room of the answer.
    mutating func fill(
        _ answer: inout PackedAnnounceResponse, from swarm: SwarmView, of table: inout SwarmTable,
        using chance: inout SplitMix64
    ) {
        let known = (v4: known(0, of: swarm), v6: known(1, of: swarm))
        fill(&answer, from: swarm, of: &table, selection.shares(of: known), using: &chance)
        if answer.peerCount < min(selection.room, known.v4 + known.v6) {
            fillUp(&answer, from: swarm, of: &table, using: &chance)
        }
    }

    /// Adds some to an answer that has others already.
    mutating func add(
        to answer: inout PackedAnnounceResponse, from swarm: SwarmView, of table: inout SwarmTable,
        using chance: inout SplitMix64
    ) {
        isRenamed = true
        let known = (v4: known(0, of: swarm), v6: known(1, of: swarm))
        fill(&answer, from: swarm, of: &table, selection.shares(of: known), using: &chance)
    }

    /// How many peers of a family there are to be told of, or a few more than that.
    private func known(_ family: Int, of swarm: SwarmView) -> Int {
        if selection.isPacket, (family == 0) != selection.asker.place.isV4 {
            // Only peers of this machine can be named, by the asker's family.
            return view.namesHost ? swarm.near(family) : 0
        }
        let useful = selection.useful(family, of: swarm)
        return view.reachesNear ? useful : min(useful, swarm.peers(family) - swarm.near(family))
    }

    private mutating func fill(
        _ answer: inout PackedAnnounceResponse, from swarm: SwarmView, of table: inout SwarmTable,
        _ shares: (v4: Int, v6: Int), using chance: inout SplitMix64
    ) {
        let kinds = selection.kinds
        table.search(of: swarm, PeerEntryV4.self, wanted: shares.v4, kinds, using: &chance) {
            tell($0.endpoint, in: &answer)
        }
        guard shares.v6 > 0 else { return }
        table.search(of: swarm, PeerEntryV6.self, wanted: shares.v6, kinds, using: &chance) {
            tell($0.endpoint, in: &answer)
        }
    }

    /// Adds peers of either family to an answer that has fewer than there are: some had the same name, or that of the
    /// asker.
    mutating func fillUp(
        _ answer: inout PackedAnnounceResponse, from swarm: SwarmView, of table: inout SwarmTable,
        using chance: inout SplitMix64
    ) {
        // Peers that are in the answer already come up again.
        isRenamed = true
        fill(&answer, from: swarm, of: &table, (selection.room - answer.peerCount, 0), using: &chance)
        fill(&answer, from: swarm, of: &table, (0, selection.room - answer.peerCount), using: &chance)
    }

    private mutating func tell(_ peer: Endpoint, in answer: inout PackedAnnounceResponse) -> Bool {
        guard let name = view.name(of: peer), !selection.isPacket || name.address.isV4 == selection.asker.place.isV4,
            !selection.asker.isItself(peer, on: host), !selection.asker.isItself(name, on: host)
        else { return false }
        isRenamed = isRenamed || name != peer
        if isRenamed {
            guard comparisonsLeft > 0 else { return false }
            let compared = answer.position(of: name)
            comparisonsLeft -= compared ?? answer.peerCount
            if compared != nil { return false }
        }
        answer.append(name)
        return true
    }
}
