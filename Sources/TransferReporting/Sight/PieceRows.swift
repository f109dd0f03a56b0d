internal import CommandLineKit
internal import PeerEvents

/// The map of pieces: a cell for one piece or for many, and what the signs mean. Pure.
struct PieceRows {
    let map: PieceMap
    let glyphs: Glyphs

    private static let mostRows = 4

    /// At most `height` lines of at most `width` columns.
    func lines(width: Int, height: Int) -> [TerminalText] {
        let across = width - 2
        guard height >= 2, across > 0, !map.states.isEmpty else { return [] }
        let rows = min(Self.mostRows, height - 1, (map.states.count + across - 1) / across)
        let cells = map.cells(rows * across).map { TerminalText.init(sign(of: $0)) }
        var lines: [TerminalText] = []
        var start = 0
        while start < cells.count {
            let end = min(start + across, cells.count)
            lines.append(cells[start..<end].reduce("  ", +))
            start = end
        }
        return lines + [legend.cut(to: width, ellipsis: glyphs.ellipsis)]
    }

    private typealias Sign = (glyph: StaticString, style: Style)

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
    private func sign(of counts: PieceMap.Counts) -> Sign {
        if counts[.have] == counts.total { return sign(.have) }
        if counts[.inFlight] > 0 { return sign(.inFlight) }
        if counts[.nowhere] > 0 { return sign(.nowhere) }
        if counts[.have] + counts[.partial] > 0 { return sign(.partial) }
        return sign(counts[.rare] > 0 ? .rare : .common)
    }

    private var legend: TerminalText {
        let words: [(PieceMap.State, TerminalText)] = [
            (.have, "here"), (.partial, "in part"), (.inFlight, "on its way"), (.common, "with several"),
            (.rare, "with one"), (.nowhere, "with nobody"),
        ]
        return .joined(words.map { TerminalText(sign($0)) + (" " + $1).styled(.dim) }.map { "  " + $0 }, by: "")
    }

    /// "412 of 1,640 pieces, 12 on their way, 3 that one peer has, 5 that nobody has".
    static func summary(_ counts: PieceMap.Counts) -> TerminalText {
        var parts: [TerminalText] = [
            "\(HumanUnits.count(counts[.have])) of \(HumanUnits.count(counts.total, "piece", "pieces"))"
        ]
        if counts[.inFlight] > 0 { parts.append("\(HumanUnits.count(counts[.inFlight])) on their way") }
        if counts[.rare] > 0 { parts.append("\(HumanUnits.count(counts[.rare])) that one peer has") }
        if counts[.nowhere] > 0 { parts.append("\(HumanUnits.count(counts[.nowhere])) that nobody has") }
        return .joined(parts, by: ", ")
    }
}

extension TerminalText {
    fileprivate init(_ sign: (glyph: StaticString, style: Style)) {
        self.init(repeating: sign.glyph, count: 1, style: sign.style)
    }
}
