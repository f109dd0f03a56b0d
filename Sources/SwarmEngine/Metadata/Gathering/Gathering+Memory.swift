import TorrentCore

// Memory, which all torrents share: what is used of it, and what is given up for others.

extension Gathering {
    /// Blocks that are kept, or have been asked for, and bitfields.
    private var usedBlocks: Int { assemblies.reduce(bitfieldBlocks) { $0 + $1.blocks.count } }

    private var bitfieldBlocks: Int { MetadataMessage.blockCount(of: bitfieldBytes) }

    /// Parts of shared memory that are in use.
    var partsInUse: Int { MetadataRoom.parts(of: usedBlocks) }

    /// Parts that may come to be in use, if those who are asked are right about the size.
    var partsOfUse: Int {
        let claimed = assemblies.reduce(bitfieldBlocks) { $0 + $1.blockCount }
        return MetadataRoom.parts(of: claimed + MetadataRoom.spareParts * MetadataRoom.blocksAPart)
    }

    func hasRoom(for blocks: Int) -> Bool { !room.isLimited || usedBlocks + blocks <= room.blocks }

    /// From now on so many parts may be used.
    mutating func mayUse(parts: Int, _ peers: [PeerConnection], _ agenda: inout Agenda) {
        room.allowed(parts: parts)
        fill(peers, &agenda)
    }

    /// Other torrents wait: what does not move is given up, and what is not used is used no more.
    mutating func memoryIsWanted(_ peers: [PeerConnection], _ agenda: inout Agenda) {
        guard room.isLimited else { return }
        let isLacking = room.isAwaited
        dropBitfields(peers)
        for _ in 0..<Self.mostAssemblies {
            guard let (position, from) = whoMakesRoom(peers), from <= agenda.now else { break }
            // That nothing comes of it may be for want of memory.
            let isUnused = !peers.contains { self.position(for: $0) == position }
            guard !isLacking || isUnused || room.isToYield(&agenda) else { break }
            giveUp(at: position, peers, &agenda)
        }
        room.allowed(parts: min(partsInUse, MetadataRoom.parts(of: room.blocks)))
        fill(peers, &agenda)
    }

    // MARK: Bitfields

    /// Keeps a bitfield for when it is known how many pieces there are. If there is no room for it, the connection is
    /// made anew then: until then the peer is as good as others. False if it is none that can be kept.
    mutating func keep(bitfield: [UInt8], of peer: PeerConnection, _ agenda: inout Agenda) -> Bool {
        let before = peer.gathering.early.bitfieldBytes
        let bytes = bitfieldBytes - before + bitfield.count
        // Half of what is ours alone is left to metadata.
        let more = MetadataMessage.blockCount(of: bytes) - bitfieldBlocks + MetadataRoom.ownBlocks / 2
        guard bytes <= Self.mostBitfieldBytes, hasRoom(for: more) else {
            peer.gathering.isToBeMadeAnew = true
            if bytes <= Self.mostBitfieldBytes { room.want(&agenda) }
            return true
        }
        guard peer.gathering.early.heardBitfield(bitfield) else { return false }
        change(bitfieldBytes: peer.gathering.early.bitfieldBytes - before)
        // The next one is to find room.
        if !hasRoom(for: MetadataRoom.blocksAPart) { room.want(&agenda) }
        return true
    }

    /// Others wait for memory: bitfields keep to half of what is ours alone. Whose bitfield is dropped, the longest
    /// first, is connected with anew once it is known how many pieces there are.
    private mutating func dropBitfields(_ peers: [PeerConnection]) {
        for peer in peers.sorted(by: { $0.gathering.early.bitfieldBytes > $1.gathering.early.bitfieldBytes }) {
            guard bitfieldBlocks > MetadataRoom.ownBlocks / 2, peer.gathering.early.bitfieldBytes > 0 else { return }
            change(bitfieldBytes: -peer.gathering.early.dropBitfield())
            peer.gathering.isToBeMadeAnew = true
        }
    }
}
