import TorrentCore
import TorrentIO
import TrackerEngine

/// The tracker's brain, warm: announces of peers that it knows, fifty in each of the swarms.
func measureAnnouncing(_ bench: Bench) {
    let torrents = bench.isShort ? 100 : 10_000
    var tracker = Tracker(seed: 1)
    var generator = SplitMix64(seed: 2)
    var answer = PackedAnnounceResponse()
    let now = MonotonicClock.now()
    let hashes = (0..<torrents).map { _ in
        InfoHash(Bytes20(high: generator.next(), middle: generator.next(), low: 1))
    }
    func announce(_ torrent: Int, _ peer: Int, wanted: Int) {
        let request = AnnounceRequest(
            infoHash: hashes[torrent], peerID: PeerID(.zero), port: 6_881, left: peer % 4 == 0 ? 0 : 1,
            numberWanted: wanted)
        let address = IPAddress.v4(0x0800_0000 + UInt32(peer) * 65_536 + UInt32(torrent % 60_000))
        let origin = RequestOrigin(connection: address, packetBytes: nil)
        do { try tracker.announce(request, from: origin, at: now, answer: &answer) } catch {
            preconditionFailure("the announce of a benchmark is good: \(error)")
        }
    }
    for torrent in 0..<torrents { for peer in 1...50 { announce(torrent, peer, wanted: 0) } }
    for wanted in [0, 20, 50] {
        let each = bench.time {
            let torrent = Int.random(in: 0..<torrents, using: &generator)
            announce(torrent, Int.random(in: 1...50, using: &generator), wanted: wanted)
        }
        bench.say("announce/\(torrents) torrents, \(wanted) peers", each, "ns")
    }
}
