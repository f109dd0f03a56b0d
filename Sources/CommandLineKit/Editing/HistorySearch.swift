internal import ByteStrings

/// A line that is looked for among the earlier ones, backwards from the youngest (Ctrl-R).
struct HistorySearch: Sendable {
    /// What stood there before.
    let original: LineBuffer
    var query: [UInt8] = []
    /// The line that was found; at first behind the youngest.
    var end: Int
    var hasFailed = false

    init(original: LineBuffer, end: Int) {
        (self.original, self.end) = (original, end)
    }
}

extension LineEditor {
    /// What became of a key.
    enum SearchAnswer {
        case done(Effect?)
        /// There is no search, or the key has ended it and is to be handled as ever.
        case notMine
    }

    mutating func pressInSearch(_ key: Key) -> SearchAnswer {
        guard var search else { return .notMine }
        switch key {
        case .character(let bytes), .pasted(let bytes, _):
            guard search.query.count + bytes.count <= LineBuffer.mostBytes else { return .done(.bell) }
            search.query += bytes
            return .done(look(search, from: min(search.end + 1, history.lines.count)))
        case .control("r"): return .done(look(search, from: search.end))
        case .backspace:
            search.query = Letter.letters(of: search.query).dropLast().flatMap(\.bytes)
            return .done(look(search, from: history.lines.count))
        case .control("g"), .control("c"), .escape:
            buffer = search.original
            self.search = nil
            return .done(nil)
        case .enter:
            self.search = nil
            return .done(accept())
        default:
            self.search = nil
            return .notMine
        }
    }

    private mutating func look(_ search: HistorySearch, from end: Int) -> Effect? {
        var search = search
        defer { self.search = search }
        guard !search.query.isEmpty else {
            (search.end, search.hasFailed) = (history.lines.count, false)
            buffer = search.original
            return nil
        }
        guard let found = history.match(search.query, before: end) else {
            search.hasFailed = true
            return .bell
        }
        (search.end, search.hasFailed) = (found, false)
        buffer = LineBuffer(history.lines[found])
        return nil
    }

    var searchPrompt: TerminalText? {
        guard let search else { return nil }
        let word: TerminalText = search.hasFailed ? "\("not found", .warning)" : "\("found", .dim)"
        return "\(word) \(ByteString(search.query)): "
    }
}
