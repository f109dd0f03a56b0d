package import CommandLineKit
package import PeerEvents
internal import TorrentCore

/// The peers of a torrent, a line each: how far it is, what we take from it and give to it, who may ask whom, and why
/// we let it ask. Pure.
package struct PeerTable {
    let peers: [PeerFigures]
    let glyphs: Glyphs

    /// Peers that have a line, at most.
    static let mostPeers = 10

    /// A column beside the first one, which takes what room is left.
    private struct Column {
        let heading: TerminalText
        let width: Int
        var isLeft = false
        /// Less worthy ones are left out first.
        let worth: Int
        let cell: (PeerFigures) -> TerminalText
    }

    private static let narrowestName = 14

    /// In the order in which they came.
    package init(peers: [PeerFigures], glyphs: Glyphs) {
        self.peers = peers
        self.glyphs = glyphs
    }

    private var columns: [Column] {
        [
            Column(heading: "has", width: 5, worth: 5) { peer in
                guard peer.pieces > 0 else { return "" }
                return TerminalText(HumanUnits.percentage(Int64(peer.havePieces), of: Int64(peer.pieces)))
            },
            Column(heading: glyphs.down + "/s", width: 8, worth: 6) { Self.rate($0.taken.rate) },
            Column(heading: "taken", width: 8, worth: 3) { Self.size($0.taken.bytes) },
            Column(heading: glyphs.up + "/s", width: 8, worth: 6) { Self.rate($0.given.rate) },
            Column(heading: "given", width: 8, worth: 3) { Self.size($0.given.bytes) },
            Column(heading: "", width: 2, isLeft: true, worth: 4) { Self.marks($0) },
            Column(heading: "why", width: 10, isLeft: true, worth: 7) { Self.why($0) },
        ]
    }

    private static func rate(_ rate: Double) -> TerminalText {
        rate < 1 ? "-" : TerminalText(HumanUnits.size(Int64(min(rate, 1e15))))
    }

    private static func size(_ bytes: Int64) -> TerminalText { bytes == 0 ? "-" : TerminalText(HumanUnits.size(bytes)) }

    /// What we want of it, then what it wants of us: a capital letter where it may be asked for.
    private static func marks(_ peer: PeerFigures) -> TerminalText {
        let ours: TerminalText = peer.isWanted ? peer.chokesUs ? "d" : "D" : peer.chokesUs ? "-" : "K"
        let its: TerminalText = peer.wantsOurs ? peer.turn == nil ? "u" : "U" : peer.turn == nil ? "-" : "?"
        return ours + its
    }

    /// In ten columns.
    private static func why(_ peer: PeerFigures) -> TerminalText {
        switch peer.turn {
        case .reciprocal: TerminalText("gives", style: .good)
        case .optimistic: TerminalText("by lot", style: .warning)
        case .newcomer: "newcomer"
        case .seeding: "its turn"
        case .spreading: "to spread"
        case nil: peer.wantsOurs ? TerminalText(waits(peer.wait), style: .dim) : ""
        }
    }

    private static func waits(_ wait: ChokeReason?) -> String {
        switch wait {
        case .outranked: "outranked"
        case .snubs: "snubs us"
        case .stalled: "stalled"
        case .askedNothing: "was silent"
        case .turnOver, .notYet, .wantsNothing, .rearranged, nil: "waits"
        }
    }

    /// At most `height` lines of at most `width` columns: a heading, the busiest peers in the order in which they came,
    /// how many more there are, and what the marks mean. `most` peers have a line.
    package func lines(width: Int, height: Int = .max, most: Int? = nil) -> [TerminalText] {
        guard height >= 3, !peers.isEmpty else { return [] }
        var columns = columns
        func nameWidth() -> Int { width - 2 - columns.reduce(0) { $0 + $1.width + 1 } }
        while nameWidth() < Self.narrowestName, let least = columns.map(\.worth).min() {
            columns.removeAll { $0.worth == least }
        }
        let name = max(1, nameWidth())
        var room = min(most ?? Self.mostPeers, height - 1)
        let explains = height >= Self.mostPeers + 3
        if peers.count > room, room == height - 1 { room -= 1 }
        let shown = busiest(room)
        var lines = [
            columns.reduce("  " + ("peer" as TerminalText).padded(to: name)) { $0 + " " + Self.fit($1.heading, $1) }
                .cut(to: width).styled(.dim)
        ]
        lines += shown.map { peer in
            let start = "  " + Self.name(peer).fitted(to: name, ellipsis: glyphs.ellipsis)
            return columns.reduce(start) { $0 + " " + Self.fit($1.cell(peer), $1) }.cut(to: width)
        }
        if peers.count > shown.count {
            lines.append("  and \(HumanUnits.count(peers.count - shown.count)) more")
        }
        if explains { lines.append(Self.legend.cut(to: width, ellipsis: glyphs.ellipsis).styled(.dim)) }
        return lines
    }

    private static let legend: TerminalText =
        "  D we may take, d we wait   U it may take, u it waits   K ? may, wants nothing"

    private static func fit(_ text: TerminalText, _ column: Column) -> TerminalText {
        let text = text.cut(to: column.width)
        return column.isLeft ? text.padded(to: column.width) : text.paddedLeft(to: column.width)
    }

    private static func name(_ peer: PeerFigures) -> TerminalText {
        "\(peer.endpoint)\(peer.client.map { " \($0)" } ?? "")"
    }

    /// Those that move most, in the order in which they came.
    private func busiest(_ count: Int) -> [PeerFigures] {
        guard peers.count > count else { return peers }
        let ranked = peers.enumerated().sorted { left, right in
            let (one, other) = (left.element.activity, right.element.activity)
            return one == other ? left.offset < right.offset : one > other
        }
        return ranked.prefix(count).sorted { $0.offset < $1.offset }.map(\.element)
    }

    // MARK: At the end

    /// Who gave and took most, a line each.
    static func summary(_ peers: [PeerFigures]) -> [TerminalText] {
        let moved = peers.filter { $0.moved > 0 }
        let most = PeerTable(peers: moved, glyphs: .ascii).busiest(mostPeers)
        var lines = most.map { peer -> TerminalText in
            let client: TerminalText = peer.client.map { " (\($0))" } ?? ""
            let (taken, given) = (HumanUnits.size(peer.taken.bytes), HumanUnits.size(peer.given.bytes))
            return "took \(taken) from, and gave \(given) to \(peer.endpoint)\(client)"
        }
        if moved.count > most.count { lines.append("and \(HumanUnits.count(moved.count - most.count)) more peers") }
        return lines
    }
}

extension PeerFigures {
    /// Rates first, then bytes.
    fileprivate var activity: [Double] {
        [(taken.rate + given.rate).rounded(), Double(moved), turn == nil ? 0 : 1]
    }
}

extension [Double] {
    fileprivate static func > (left: [Double], right: [Double]) -> Bool { right.lexicographicallyPrecedes(left) }
}
