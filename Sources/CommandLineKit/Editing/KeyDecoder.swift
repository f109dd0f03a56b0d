internal import ByteStrings

/// Turns the bytes of a terminal into keys: xterm, rxvt, the Linux console and the VT100 say the same key in different
/// sequences. Bytes may come in any pieces.
///
/// Escape alone and the start of a sequence look the same: while `isWaiting`, whoever feeds it calls `timeout` when
/// nothing has come for a moment.
package struct KeyDecoder: Sendable {
    /// The start of a character or of a sequence.
    private var pending: [UInt8] = []
    private var isPasting = false
    private var pasted: [UInt8] = []
    /// A part of the paste has been handed over.
    private var hasFlushed = false
    /// So many bytes of the mark that ends a paste have come.
    private var matched = 0

    /// Of a longer sequence the middle is not kept; no key has one.
    private static let longestSequence = 32
    private static let escape: UInt8 = 0x1B
    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    package init() {}

    /// What has come may be a key or the start of another.
    package var isWaiting: Bool { pending.first == Self.escape }

    /// The keys that are whole with these bytes.
    package mutating func keys(_ bytes: some Sequence<UInt8>) -> [Key] {
        var keys: [Key] = []
        for byte in bytes {
            if isPasting {
                paste(byte, &keys)
            } else if pending.isEmpty {
                begin(byte, &keys)
            } else if pending[0] == Self.escape {
                goOn(byte, &keys)
            } else {
                continueCharacter(byte, &keys)
            }
        }
        flushPasted(&keys)
        return keys
    }

    /// Nothing more came: what waits is all there is.
    package mutating func timeout() -> [Key] {
        guard isWaiting else { return [] }
        defer { pending = [] }
        if pending.count == 2, pending[1] != Self.escape { return [.alt(pending[1])] }
        return pending.allSatisfy { $0 == Self.escape } ? pending.map { _ in .escape } : [.unknown]
    }

    // MARK: Characters

    private mutating func begin(_ byte: UInt8, _ keys: inout [Key]) {
        switch byte {
        case Self.escape, 0xC2...0xF4: pending = [byte]
        case 0x0D, 0x0A: keys.append(.enter)
        case 0x09: keys.append(.tab)
        case 0x08, 0x7F: keys.append(.backspace)
        case 0x01...0x1A: keys.append(.control(Character(Unicode.Scalar(byte + 0x60))))
        case 0x00..<0x20: keys.append(.unknown)
        default: keys.append(.character([byte]))
        }
    }

    private mutating func continueCharacter(_ byte: UInt8, _ keys: inout [Key]) {
        let needed = pending[0] < 0xE0 ? 2 : pending[0] < 0xF0 ? 3 : 4
        let isContinued = byte & 0xC0 == 0x80
        if isContinued { pending.append(byte) }
        guard !isContinued || pending.count == needed else { return }
        let character = pending
        pending = []
        if UTF8Element(in: character, at: 0).length == needed, character.count == needed {
            keys.append(.character(character))
        } else {
            for stray in character { keys.append(.character([stray])) }
        }
        if !isContinued { begin(byte, &keys) }
    }

    // MARK: Sequences

    private mutating func goOn(_ byte: UInt8, _ keys: inout [Key]) {
        // rxvt says Alt by an escape of its own before the sequence.
        let start = pending.count > 1 && pending[1] == Self.escape ? 2 : 1
        guard byte >= 0x20 else { return breakOff(byte, &keys) }
        if pending.count < Self.longestSequence { pending.append(byte) }
        if pending.count == start + 1 {
            guard byte != UInt8(ascii: "["), byte != UInt8(ascii: "O") else { return }
            pending = []
            byte < 0x80 ? keys.append(.alt(byte)) : begin(byte, &keys)
        } else if isLast(byte, at: pending.count - start) {
            let parameters = pending[(start + 1)...].dropLast()
            let isShort = pending[start] == UInt8(ascii: "O")
            pending = []
            finish(SequenceMeaning(parameters, last: byte, isShort: isShort, hasAlt: start == 2), &keys)
        }
    }

    /// A control character within a sequence ends it, and counts itself.
    private mutating func breakOff(_ byte: UInt8, _ keys: inout [Key]) {
        if byte == Self.escape {
            pending = pending.count == 1 ? [byte, byte] : [byte]
        } else {
            let isAlone = pending.count == 1
            pending = []
            if isAlone, byte == 0x08 { keys.append(.alt(0x7F)) } else { begin(byte, &keys) }
        }
    }

    private func isLast(_ byte: UInt8, at position: Int) -> Bool {
        // Function keys of the Linux console are `ESC [ [ A`.
        if byte == UInt8(ascii: "["), position == 2 { return false }
        // rxvt ends a sequence by `$` for Shift.
        return 0x40...0x7E ~= byte || byte == UInt8(ascii: "$")
    }

    private mutating func finish(_ meaning: SequenceMeaning, _ keys: inout [Key]) {
        guard meaning.beginsPaste else { return keys.append(meaning.key) }
        (isPasting, hasFlushed) = (true, false)
    }

    // MARK: Pasting

    private mutating func paste(_ byte: UInt8, _ keys: inout [Key]) {
        if byte == Self.pasteEnd[matched] {
            matched += 1
            if matched == Self.pasteEnd.count { endPaste(&keys) }
            return
        }
        pasted += Self.pasteEnd[..<matched]
        matched = byte == Self.escape ? 1 : 0
        guard matched == 0 else { return }
        // Ctrl-C helps where the end of a paste was lost.
        guard byte == 0x03 else { return pasted.append(byte) }
        endPaste(&keys)
        keys.append(.control("c"))
    }

    private mutating func endPaste(_ keys: inout [Key]) {
        (isPasting, matched) = (false, 0)
        flushPasted(&keys)
    }

    private mutating func flushPasted(_ keys: inout [Key]) {
        guard !pasted.isEmpty else { return }
        keys.append(.pasted(pasted, goesOn: hasFlushed))
        (pasted, hasFlushed) = ([], true)
    }
}
