package import ByteStrings

/// The line that somebody types: keys in, a line and what is to be done out. Pure: it neither reads nor draws.
package struct LineEditor: Sendable {
    package internal(set) var buffer = LineBuffer()
    package internal(set) var history: LineHistory
    /// While a line is looked for among the earlier ones.
    var search: HistorySearch?
    /// What was cut last, for Ctrl-Y.
    private var killed: [UInt8] = []
    private var pasting = Pasting()

    /// What of a paste is to be known while more of it may come.
    private struct Pasting {
        /// What stood there before it.
        var before = LineBuffer()
        /// Its last part ended with a line break, which counts if more comes.
        var owesBreak = false
        /// It found no room, so that nothing more of it is taken.
        var isRefused = false
    }

    /// What a key asks of whoever runs the editor.
    package enum Effect: Sendable, Equatable {
        /// Enter: this is the line, and a new one begins.
        case accepted(ByteString)
        /// Ctrl-C; the line is gone if there was one.
        case interrupted(wasEmpty: Bool)
        /// Ctrl-D where nothing stands.
        case ended
        /// Tab: `complete` is to be called with what this may become.
        case wantsCompletions(of: ByteString)
        /// Lines to be shown above.
        case list([TerminalText])
        /// Ctrl-L.
        case clearScreen
        /// Ctrl-Z.
        case suspend
        /// It can do nothing with the key.
        case bell
    }

    package init(_ history: LineHistory = LineHistory()) { self.history = history }

    /// Keeps a line among the earlier ones; false if it is not worth it.
    package mutating func remember(_ line: ByteString) -> Bool { history.add(line) }

    /// Handles a key.
    package mutating func press(_ key: Key) -> Effect? {
        if case .done(let effect) = pressInSearch(key) { return effect }
        switch key {
        case .character(let bytes): return bellUnless(buffer.insert(bytes))
        case .pasted(let bytes, let goesOn): return paste(bytes, goesOn: goesOn)
        case .enter: return accept()
        case .tab: return .wantsCompletions(of: buffer.before)
        case .left: return move(to: buffer.cursor - 1)
        case .right: return move(to: buffer.cursor + 1)
        case .home: return move(to: 0)
        case .end: return move(to: buffer.letters.count)
        case .wordLeft: return move(to: buffer.wordStart)
        case .wordRight: return move(to: buffer.wordEnd)
        case .backspace: return bellUnless(!buffer.cut(to: max(0, buffer.cursor - 1)).isEmpty)
        case .delete: return bellUnless(!buffer.cut(to: min(buffer.letters.count, buffer.cursor + 1)).isEmpty)
        case .up: return show(history.older(than: buffer.line))
        case .down: return show(history.newer())
        case .control(let letter): return press(control: letter)
        case .alt(let byte): return press(alt: byte)
        case .escape, .unknown: return nil
        }
    }

    private mutating func press(control letter: Character) -> Effect? {
        switch letter {
        case "a": return move(to: 0)
        case "e": return move(to: buffer.letters.count)
        case "b": return press(.left)
        case "f": return press(.right)
        case "p": return press(.up)
        case "n": return press(.down)
        case "k": return kill(to: buffer.letters.count)
        case "u": return kill(to: 0)
        case "w": return kill(to: buffer.argumentStart)
        case "y": return bellUnless(buffer.insert(killed))
        case "t": return bellUnless(buffer.transpose())
        case "l": return .clearScreen
        case "z": return .suspend
        case "c": return interrupt()
        case "d": return buffer.isEmpty ? .ended : press(.delete)
        case "r":
            search = HistorySearch(original: buffer, end: history.lines.count)
            return nil
        default: return .bell
        }
    }

    private mutating func press(alt byte: UInt8) -> Effect? {
        switch Character(Unicode.Scalar(byte)) {
        case "b": return press(.wordLeft)
        case "f": return press(.wordRight)
        case "d": return kill(to: buffer.wordEnd)
        case "\u{7F}": return kill(to: buffer.wordStart)
        default: return .bell
        }
    }

    private func bellUnless(_ isDone: Bool) -> Effect? { isDone ? nil : .bell }

    private mutating func move(to position: Int) -> Effect? {
        buffer.move(to: position)
        return nil
    }

    private mutating func kill(to position: Int) -> Effect? {
        let taken = buffer.cut(to: position)
        guard !taken.isEmpty else { return .bell }
        killed = taken
        return nil
    }

    private mutating func show(_ line: ByteString?) -> Effect? {
        guard let line else { return .bell }
        buffer = LineBuffer(line)
        return nil
    }

    mutating func accept() -> Effect {
        let line = buffer.line
        buffer = LineBuffer()
        history.leave()
        return .accepted(line)
    }

    private mutating func interrupt() -> Effect {
        defer { buffer = LineBuffer() }
        history.leave()
        return .interrupted(wasEmpty: buffer.isEmpty)
    }

    /// Line breaks stay, since each ends a command, but the last: Enter is for a person to press. All of a paste is
    /// taken, or nothing: what lacks its middle would be another command.
    private mutating func paste(_ bytes: [UInt8], goesOn: Bool) -> Effect? {
        if !goesOn { pasting = Pasting(before: buffer) }
        guard !pasting.isRefused else { return nil }
        var clean = Self.cleaned(bytes)
        if pasting.owesBreak { clean.insert(0x0A, at: 0) }
        pasting.owesBreak = false
        while clean.last == 0x0A {
            clean.removeLast()
            pasting.owesBreak = true
        }
        guard !buffer.insert(clean) else { return nil }
        buffer = pasting.before
        pasting.isRefused = true
        return .list(["what was pasted is longer than a line may be (\(LineBuffer.mostBytes) bytes): it is left out"])
    }

    /// Without control characters, which mean nothing in a line, but with line breaks.
    private static func cleaned(_ bytes: [UInt8]) -> [UInt8] {
        var clean: [UInt8] = []
        var isAfterReturn = false
        for byte in bytes {
            switch byte {
            case 0x0A where isAfterReturn: break
            case 0x0A, 0x0D: clean.append(0x0A)
            case 0x09: clean.append(0x20)
            case 0..<0x20, 0x7F: break
            default: clean.append(byte)
            }
            isAfterReturn = byte == 0x0D
        }
        return clean
    }

    // MARK: Completion

    /// Answers `wantsCompletions`: goes on as far as all candidates agree, else lists them.
    package mutating func complete(with completions: Completions) -> Effect? {
        let completions = completions.typable
        guard let first = completions.candidates.first else { return .bell }
        let isOnly = completions.candidates.count == 1
        let common = completions.common
        let typed = CommandWords.unfinished(buffer.before).words.last?.bytes.count ?? 0
        guard isOnly || common.bytes.count > typed else { return .list(completions.list) }
        let end: [UInt8] = isOnly && first.isWhole ? [0x20] : []
        return bellUnless(buffer.replace(from: completions.start, with: CommandWords.quoted(common).bytes + end))
    }

    // MARK: Drawing

    /// How it looks behind `prompt` in a window of so many columns.
    package func view(prompt: TerminalText, columns: Int) -> LineView {
        LineView(prompt: searchPrompt ?? prompt, buffer, columns: columns)
    }
}
