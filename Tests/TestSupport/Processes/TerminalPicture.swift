/// What stands on a window after a program has written to it: as much of a terminal as our programs make use of, and an
/// error for whatever else.
package struct TerminalPicture {
    package private(set) var rows: [[Character]]
    private let columns: Int
    private var cursor = (row: 0, column: 0)
    /// A full row wraps with the next character, not before.
    private var isFull = false
    /// How often the bell rang.
    package private(set) var bells = 0
    /// Pastes are marked as such.
    package private(set) var marksPastes = false
    /// Sequences that it does not know.
    package private(set) var unknown: [String] = []
    /// Some text had a colour or a weight.
    package private(set) var hasStyles = false
    /// Characters that stand at the start of a row because the row before was full.
    package private(set) var wraps = 0

    package init(columns: Int, rows: Int, showing text: String = "") {
        self.columns = columns
        self.rows = Array(repeating: Array(repeating: " ", count: columns), count: rows)
        show(text)
    }

    /// Where the cursor stands.
    package var place: (row: Int, column: Int) { cursor }

    /// Rows without the blanks at their ends, and without those below that are empty.
    package var lines: [String] {
        var lines = rows.map { row in String(String(row.reversed().drop { $0 == " " }.reversed())) }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    package mutating func show(_ text: String) {
        // By scalars: a carriage return and a line feed are one Character.
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "\r": (cursor.column, isFull) = (0, false)
            case "\n": lineFeed()
            case "\u{7}": bells += 1
            case "\u{1B}": escape(&scalars)
            default: put(Character(scalar))
            }
        }
    }

    private mutating func put(_ character: Character) {
        if isFull {
            wraps += 1
            cursor.column = 0
            lineFeed()
        }
        rows[cursor.row][cursor.column] = character
        isFull = cursor.column == columns - 1
        if !isFull { cursor.column += 1 }
    }

    private mutating func lineFeed() {
        isFull = false
        guard cursor.row == rows.count - 1 else {
            cursor.row += 1
            return
        }
        rows.removeFirst()
        rows.append(Array(repeating: " ", count: columns))
    }

    private mutating func escape(_ scalars: inout String.UnicodeScalarView.Iterator) {
        var sequence = ""
        while let scalar = scalars.next() {
            sequence.unicodeScalars.append(scalar)
            if sequence.count > 1, ("@"..."~").contains(scalar) { break }
        }
        let number = Int(sequence.dropFirst().dropLast()) ?? 1
        switch sequence.last {
        case "A": (cursor.row, isFull) = (max(0, cursor.row - number), false)
        case "C": (cursor.column, isFull) = (min(columns - 1, cursor.column + number), false)
        case "H" where sequence == "[H": (cursor, isFull) = ((0, 0), false)
        case "J" where sequence == "[2J": rows = rows.map { _ in Array(repeating: " ", count: columns) }
        case "h" where sequence == "[?2004h": marksPastes = true
        case "l" where sequence == "[?2004l": marksPastes = false
        case "J" where sequence == "[J":
            for column in cursor.column..<columns { rows[cursor.row][column] = " " }
            for row in rows.indices where row > cursor.row { rows[row] = Array(repeating: " ", count: columns) }
        case "m": hasStyles = true
        default: unknown.append(sequence)
        }
    }
}
