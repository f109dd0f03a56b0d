/// Why nothing moves, most of all when somebody has to do something about it.
package enum Standstill: String, Sendable, Hashable {
    /// The torrent names no tracker that can be asked, the user no peer, there is no DHT, and nobody on the local
    /// network can be asked.
    case nobodyToAsk = "nobody_to_ask"
    /// The same but for the local network, where nobody has told of it yet.
    case nobodyNear = "nobody_near"
    /// Trackers or the DHT are being asked, or peers connected to; or those who are near have their first moment to
    /// tell.
    case looking
    /// No tracker has answered.
    case noAnswer = "no_answer"
    /// The trackers have answered, but with no peers.
    case nobodyKnown = "nobody_known"
    /// Nodes of the DHT are asked where to begin.
    case joiningDHT = "joining_dht"
    /// No node of the DHT answers.
    case noAnswerInDHT = "no_answer_in_dht"
    /// The DHT has named nobody yet.
    case nobodyInDHT = "nobody_in_dht"
    /// Peers are known, and none of them can be reached.
    case nobodyReached = "nobody_reached"
    /// Peers are known, and our own system knows no way to any of them.
    case noWay = "no_way"
    /// Peers are known, and our own system has no room for a connection: no descriptors, no memory, no ports.
    case noRoom = "no_room"
    /// Peers were reached, and none of them stayed.
    case nobodyStays = "nobody_stays"
    /// Peers are connected, and none of them sends the metadata.
    case nobodySendsMetadata = "nobody_sends_metadata"
    /// Peers are connected, and none has a piece that is missing.
    case nobodyHasTheRest = "nobody_has_the_rest"
    /// The peers that have missing pieces choke us.
    case choked
    /// Other torrents of the node have the memory for pieces.
    case waitsForMemory = "waits_for_memory"
    /// Pieces wait for room on the disk.
    case diskFull = "disk_full"
}
