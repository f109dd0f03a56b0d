import SwarmEngine
import TorrentIO

extension ConnectionID {
    /// As a link carries it.
    var packed: UInt64 { UInt64(slot) << 32 | UInt64(generation) }

    init(packed: UInt64) {
        self.init(slot: UInt32(packed >> 32), generation: UInt32(truncatingIfNeeded: packed))
    }
}

extension PeerLink {
    /// What the brain calls it.
    var connection: ConnectionID { ConnectionID(packed: id) }
}
