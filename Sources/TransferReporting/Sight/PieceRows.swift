package import CommandLineKit
package import PeerEvents
internal import TorrentCore

/// The map of pieces: a cell for one piece or for many, and what the signs mean. Pure.
package struct PieceRows {
    private let cells: [PieceMap.Counts]
    /// Of all pieces.
    let counts: PieceMap.Counts

    private static let mostRows = 4
    /// As many as the widest window has: a frame costs the same, however many pieces there are.
    private static let mostCells = 1_024

    /// Of all pieces of a torrent.
    package init(_ map: PieceMap) {
        cells = map.cells(Self.mostCells)
        counts = map.counts
    }

    /// At most `height` lines of at most `width` columns.
    package func lines(width: Int, height: Int = .max, glyphs: Glyphs) -> [TerminalText] {
        let across = width - 2
        guard height >= 2, across > 0, !cells.isEmpty else { return [] }
        let rows = min(Self.mostRows, height - 1, (cells.count + across - 1) / across)
        let shown = min(rows * across, cells.count)
        var lines: [TerminalText] = []
        for cell in 0..<shown {
            if cell % across == 0 { lines.append("  ") }
            let group = cells[cells.count * cell / shown..<cells.count * (cell + 1) / shown]
            let sum = group.reduce(into: PieceMap.Counts(), +=)
            lines[lines.count - 1] += TerminalText(Signs(glyphs: glyphs).sign(of: sum))
        }
        return lines + [Signs(glyphs: glyphs).legend.cut(to: width, ellipsis: glyphs.ellipsis)]
    }

    /// "412 of 1,640 pieces, 12 on their way, 3 that one peer has, 5 that nobody has".
    package var summary: TerminalText {
        var parts: [TerminalText] = [
            "\(HumanUnits.count(counts[.have])) of \(HumanUnits.count(counts.total, "piece", "pieces"))"
        ]
        if counts[.inFlight] > 0 { parts.append("\(HumanUnits.count(counts[.inFlight])) on their way") }
        if counts[.rare] > 0 { parts.append("\(HumanUnits.count(counts[.rare])) that one peer has") }
        if counts[.nowhere] > 0 { parts.append("\(HumanUnits.count(counts[.nowhere])) that nobody has") }
        return .joined(parts, by: ", ")
    }
}

/// What stands for a cell of the map.
private struct Signs {
    let glyphs: Glyphs

    typealias Sign = (glyph: StaticString, style: Style)

    private func sign(_ state: PieceMap.State) -> Sign {
        switch state {
        case .have: (glyphs.shades.solid, .good)
        case .partial: (glyphs.shades.half, .plain)
        case .inFlight: (glyphs.shades.light, .bold)
        case .rare: ("!", .warning)
        case .common: (glyphs.shades.dot, .dim)
        case .nowhere: ("x", .bad)
        }
    }

    /// What matters most of what is in a cell: what moves, then what is missing.
    func sign(of counts: PieceMap.Counts) -> Sign {
        if counts[.have] == counts.total { return sign(.have) }
        if counts[.inFlight] > 0 { return sign(.inFlight) }
        if counts[.nowhere] > 0 { return sign(.nowhere) }
        if counts[.have] + counts[.partial] > 0 { return sign(.partial) }
        return sign(counts[.rare] > 0 ? .rare : .common)
    }

    var legend: TerminalText {
        let words: [(PieceMap.State, TerminalText)] = [
            (.have, "here"), (.partial, "in part"), (.inFlight, "on its way"), (.common, "with several"),
            (.rare, "with one"), (.nowhere, "with nobody"),
        ]
        return .joined(words.map { TerminalText(sign($0)) + (" " + $1).styled(.dim) }.map { "  " + $0 }, by: "")
    }
}

extension TerminalText {
    fileprivate init(_ sign: (glyph: StaticString, style: Style)) {
        self.init(repeating: sign.glyph, count: 1, style: sign.style)
    }
}
