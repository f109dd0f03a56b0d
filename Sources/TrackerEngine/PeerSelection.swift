import TorrentCore

/// Which peers of a swarm are meant.
enum PeerKinds {
    /// With a seeder among them, if there is one.
    case all
    case leechers
    case seeders

    /// Where they lie in a row that begins with the seeders.
    @inline(__always)
    func positions(seeders: Int, peers: Int) -> Range<Int> {
        switch self {
        case .all: 0..<peers
        case .leechers: seeders..<peers
        case .seeders: 0..<seeders
        }
    }
}

/// Picks the peers for one answer: never the asker itself, nobody twice, as many as it wants if there are, each by an
/// address that the asker can reach. A leecher gets a seeder at least; who lacks nothing gets leechers.
struct PeerSelection {
    let asker: Asker
    private(set) var kinds: PeerKinds
    /// The most peers that are picked.
    private(set) var room: Int
    /// A packet has peers of the asker's family alone (BEP 15).
    let isPacket: Bool

    /// Seeders that are named to one who says that it lacks nothing.
    static let mostSeedersForSeeder = 10

    init(_ asker: Asker, isSeeder: Bool, wanted: Int, packetBytes: Int?) {
        self.asker = asker
        kinds = isSeeder ? .leechers : .all
        room = packetBytes.map { min(wanted, $0 / (asker.place.isV4 ? 6 : 18)) } ?? wanted
        isPacket = packetBytes != nil
    }

    /// Whether all peers are known by one address and so is the asker: the usual case, for `fillPlain`. Otherwise
    /// `Telling` is needed.
    func isPlain(in swarm: SwarmView) -> Bool { asker.hasOneName && swarm.near == 0 }

    /// A few seeders, where an answer has so many peers already. Who begins with a magnet link may say that it lacks
    /// nothing, for it does not know yet what it lacks: then they are those who have it.
    func seeders(besides count: Int) -> PeerSelection {
        var selection = self
        selection.kinds = .seeders
        selection.room = min(room - count, Self.mostSeedersForSeeder)
        return selection
    }

    // Tables are handed on as `inout`: a borrowed one would be copied for each call.

    func fillPlain(
        _ answer: inout PackedAnnounceResponse, from swarm: SwarmView, of table: inout SwarmTable,
        using chance: inout SplitMix64
    ) {
        let shares = shares(of: known(in: swarm))
        if let own = PeerEntryV4(asker.endpoint, PeerMarks(bits: 0)) {
            fillPacked(&answer, from: swarm, of: &table, wanted: shares.v4, except: own, using: &chance)
        } else {
            table.window(of: swarm, PeerEntryV4.self, wanted: shares.v4, kinds, using: &chance) {
                answer.append($0.endpoint)
                return true
            }
        }
        // The call would copy the table even if nothing is wanted.
        guard shares.v6 > 0 else { return }
        table.window(of: swarm, PeerEntryV6.self, wanted: shares.v6, kinds, using: &chance) {
            if $0.endpoint == asker.endpoint { return false }
            answer.append($0.endpoint)
            return true
        }
    }

    /// How many peers of each family there are to choose from.
    private func known(in swarm: SwarmView) -> (v4: Int, v6: Int) {
        let isV4 = asker.place.isV4
        return (isPacket && !isV4 ? 0 : useful(0, of: swarm), isPacket && isV4 ? 0 : useful(1, of: swarm))
    }

    /// Others of a family, of the kinds that are meant.
    func useful(_ family: Int, of swarm: SwarmView) -> Int {
        switch kinds {
        case .all: swarm.peers(family) - (asker.isAmong(family) ? 1 : 0)
        case .leechers: swarm.leechers(family)
        case .seeders: max(0, swarm.seeders(family) - (asker.isAmong(family) ? 1 : 0))
        }
    }

    /// Splits the room between the families; what one does not need the other gets.
    func shares(of known: (v4: Int, v6: Int)) -> (v4: Int, v6: Int) {
        let half = asker.place.isV4 ? room - room / 2 : room / 2
        let v4 = min(known.v4, max(room - known.v6, half))
        return (v4, min(known.v6, room - v4))
    }

    /// IPv4 peers, copied as they lie in the table.
    private func fillPacked(
        _ answer: inout PackedAnnounceResponse, from swarm: SwarmView, of table: inout SwarmTable, wanted: Int,
        except own: PeerEntryV4, using chance: inout SplitMix64
    ) {
        guard wanted > 0 else { return }
        let kinds = kinds
        answer.peers.appendPeers(upTo: wanted) { peers in
            guard swarm.large != nil else {
                return Self.fillPacked(
                    &peers, from: swarm.block, wanted: wanted, kinds, except: own, using: &chance)
            }
            table.window(of: swarm, PeerEntryV4.self, wanted: wanted, kinds, using: &chance) {
                if $0.isSame(as: own) { return false }
                peers.append($0)
                return true
            }
        }
    }

    /// From a random one on, and round about, as `SwarmTable.window` does.
    @inline(__always)
    private static func fillPacked(
        _ peers: inout PackedPeers, from block: SwarmBlock, wanted: Int, _ kinds: PeerKinds, except own: PeerEntryV4,
        using chance: inout SplitMix64
    ) {
        let seeders = block.seeders(0)
        let positions = kinds.positions(seeders: seeders, peers: block.peers(0))
        let (lower, upper) = (positions.lowerBound, positions.upperBound)
        guard lower < upper else { return }
        let start = lower + chance.next(below: upper - lower)
        var taken = 0
        if kinds == .all, seeders > 0, start >= seeders, upper - start >= wanted {
            let seeder = chance.next(below: seeders)
            block.withPeersV4(seeder..<seeder + 1) { taken = peers.append($0, upTo: wanted, except: own) }
            block.withPeersV4(start..<upper) { _ = peers.append($0, upTo: wanted - taken, except: own) }
            return
        }
        block.withPeersV4(start..<upper) { taken = peers.append($0, upTo: wanted, except: own) }
        block.withPeersV4(lower..<start) { _ = peers.append($0, upTo: wanted - taken, except: own) }
    }
}
