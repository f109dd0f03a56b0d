package import CommandLineKit
package import PeerEvents

/// How far the metadata of a magnet link is, in words. Pure.
package struct MetadataWords {
    private let progress: TorrentProgress

    package init(_ progress: TorrentProgress) {
        self.progress = progress
    }

    /// "metadata 3 of 12 pieces, 2 peers", or why none comes: what was tried, and what became of it.
    package var line: TerminalText {
        let metadata = progress.metadata ?? MetadataProgress(done: 0, pieces: nil, tried: [])
        let peers = HumanUnits.count(progress.peers, "peer", "peers")
        guard let pieces = metadata.pieces else {
            guard progress.standstill != .looking, !metadata.tried.isEmpty else {
                return "metadata: \(progress.peers == 0 ? "looking for peers" : peers)"
            }
            return "no metadata yet: \(metadata.tried.joined(separator: "; "))"
        }
        let count = HumanUnits.count(pieces, "piece", "pieces")
        let why: TerminalText =
            switch progress.standstill {
            case .nobodySendsMetadata: ", none sends it"
            case .waitsForMemory: ", waiting for memory: other torrents have their turn"
            default: ""
            }
        return "metadata \(HumanUnits.count(metadata.done)) of \(count), \(peers)\(why)"
    }

    /// The same behind `start`, on as many lines as it takes to say all that was tried, at most `height`.
    func lines(behind start: TerminalText, width: Int, height: Int) -> [TerminalText] {
        let whole = start + line
        guard whole.columns > width, height > 1, progress.metadata?.pieces == nil,
            let tried = progress.metadata?.tried, progress.standstill != .looking
        else { return [whole.cut(to: width)] }
        var lines = [start + "no metadata yet:"]
        for (number, way) in tried.enumerated() {
            let text: TerminalText = "\(way)\(number == tried.count - 1 ? "" : ";")"
            let last = lines[lines.count - 1]
            if last.columns + 1 + text.columns <= width || lines.count == height {
                lines[lines.count - 1] = last + " " + text
            } else {
                lines.append("  " + text)
            }
        }
        return lines.map { $0.cut(to: width) }
    }
}
