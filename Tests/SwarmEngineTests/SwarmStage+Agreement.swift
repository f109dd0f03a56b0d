import SwarmTestSupport
import TorrentCore

@testable import SwarmEngine

extension SwarmStage {
    /// Each peer knows what it was asked for and what it is sending, each piece of how many a block was asked and
    /// whether it is coming in: where the two do not agree, in words.
    var disagreement: String? {
        let peers = swarm.availability.peers
        for progress in swarm.download.picker.open {
            for number in 0..<progress.blockCount {
                let block = geometry.block(number, of: progress.piece)
                let asked = peers.count { $0.download.pipeline.pendingPosition(of: block) != nil }
                let sending = peers.count { $0.download.arriving.map { $0.block == block && !$0.isLate } ?? false }
                guard progress.requests(of: number) == asked else {
                    return "\(block) is asked of \(asked), and counted \(progress.requests(of: number)) times"
                }
                guard sending == (progress.isArriving(number) ? 1 : 0) else {
                    return "\(block) is sent by \(sending), and coming in: \(progress.isArriving(number))"
                }
            }
        }
        var stray: BlockRequest?
        for peer in peers {
            peer.download.pipeline.forEachPending { block in
                if swarm.download.picker.progress(of: block.piece) == nil { stray = block }
                return stray == nil
            }
        }
        return stray.map { "\($0) is asked for, and its piece is not open" }
    }
}
