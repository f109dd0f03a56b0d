/// What somebody pressed on a terminal, or pasted.
package enum Key: Sendable, Equatable {
    /// A character of UTF-8, or a byte that belongs to none.
    case character([UInt8])
    /// What the terminal says was pasted, or a part of it: a further one `goesOn` with the paste before it.
    case pasted([UInt8], goesOn: Bool)
    /// Keys that change the line, or end it.
    case enter, tab, backspace, delete, escape
    /// Keys that move the cursor, or look at earlier lines.
    case left, right, up, down, home, end, wordLeft, wordRight
    /// A letter with Ctrl, in lower case.
    case control(Character)
    /// A key of ASCII with Alt.
    case alt(UInt8)
    /// One that means nothing here.
    case unknown
}
