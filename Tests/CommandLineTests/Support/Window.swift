import TestSupport

/// A terminal that somebody looks at.
struct Window {
    let reader: OutputReader
    private let columns: Int
    private let rows: Int

    init(columns: Int, rows: Int) throws {
        (self.columns, self.rows) = (columns, rows)
        reader = try OutputReader(.terminal)
        reader.resize(columns: columns, rows: rows)
    }

    var picture: TerminalPicture { TerminalPicture(columns: columns, rows: rows, showing: reader.text) }

    /// The first row of the window that `matches`, once there is one.
    func waitForLine(_ matches: (String) -> Bool) async throws -> String {
        var found: String?
        _ = try await eventually(within: .seconds(30), every: .milliseconds(30)) {
            reader.read()
            found = picture.lines.first(where: matches)
            return found != nil
        }
        guard let found else { throw TestFailure("not on the window:\n\(picture.lines.joined(separator: "\n"))") }
        return found
    }
}
