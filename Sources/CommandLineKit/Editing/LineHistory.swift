package import ByteStrings

/// The lines that were typed before, and where in them somebody looks.
package struct LineHistory: Sendable, Equatable {
    /// Oldest first.
    package private(set) var lines: [ByteString] = []
    /// The one that is looked at; nil: none, a new line is typed.
    private var position: Int?
    /// The new line, while others are looked at.
    private var draft = ByteString([])

    /// Most lines that are kept.
    package static let mostLines = 1_000

    package init() {}

    /// Takes the lines of an earlier run, oldest first.
    package init(_ lines: [ByteString]) {
        for line in lines.suffix(Self.mostLines) { add(line) }
    }

    /// Takes a line in that was typed; false for one that is not worth it: an empty one, the same once more, or one
    /// that begins with a blank, which somebody wants forgotten.
    @discardableResult
    package mutating func add(_ line: ByteString) -> Bool {
        position = nil
        guard !line.isEmpty, !line.hasPrefix(" "), line != lines.last, line.bytes.count <= LineBuffer.mostBytes else {
            return false
        }
        lines.append(line)
        if lines.count > Self.mostLines { lines.removeFirst() }
        return true
    }

    /// The line before the one that is looked at; nil if there is none. `current` is what is being typed.
    mutating func older(than current: ByteString) -> ByteString? {
        let next = (position ?? lines.count) - 1
        guard next >= 0 else { return nil }
        if position == nil { draft = current }
        position = next
        return lines[next]
    }

    /// The line behind the one that is looked at, at last the new one; nil if that is what is looked at.
    mutating func newer() -> ByteString? {
        guard let looked = position else { return nil }
        position = looked + 1 < lines.count ? looked + 1 : nil
        return position.map { lines[$0] } ?? draft
    }

    /// A new line begins.
    mutating func leave() { position = nil }

    /// The youngest line before the one of this number that holds `part`.
    func match(_ part: [UInt8], before end: Int) -> Int? {
        guard !part.isEmpty else { return nil }
        return lines[..<min(end, lines.count)].lastIndex { $0.bytes.contains(part) }
    }
}
