import Testing

@testable import CommandLineKit

@Suite("Pictures of URLs that a camera reads")
struct QRCodeTests {
    private static func bytes(_ count: Int) -> [UInt8] {
        Array(("http://192.168.1.7:6969/" + String(repeating: "a%20b-Z~9", count: 40)).utf8.prefix(count))
    }

    /// All that a version just holds, or just does not, and some between.
    private static let lengths =
        Set((low + medium).flatMap { [$0 - 1, $0, $0 + 1] } + [0, 1, 7, 47, 100, 142, 201, 250])
        .filter { $0 <= 271 }.sorted()

    // The capacities of the standard's table 7, byte mode, version by version.
    private static let low = [17, 32, 53, 78, 106, 134, 154, 192, 230, 271]
    private static let medium = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213]

    @Test("Whatever fits is read again, in every version and both corrections", arguments: lengths)
    func everyLength(_ count: Int) throws {
        let bytes = Self.bytes(count)
        let code = try #require(QRCode(bytes))
        #expect(QRReader(code).text == bytes, "\(count) bytes, \(code.size) modules")
    }

    @Test("Bytes of any value are")
    func everyValue() throws {
        for start in [0, 100, 200] {
            let bytes = (0..<150).map { UInt8(truncatingIfNeeded: start + $0) }
            #expect(QRReader(try #require(QRCode(bytes))).text == bytes)
        }
    }

    @Test("It is no larger than it need be, and corrects more where that costs nothing")
    func sizes() throws {
        for version in 1...10 {
            let full = try #require(QRCode(Self.bytes(Self.low[version - 1])))
            #expect(full.size == 17 + 4 * version && full.correction == .low)
            guard version == 1 || Self.medium[version - 1] > Self.low[version - 2] else { continue }
            let half = try #require(QRCode(Self.bytes(Self.medium[version - 1])))
            #expect(half.size == full.size && half.correction == .medium)
        }
        #expect(QRCode(Self.bytes(272)) == nil)
    }

    @Test("The reader of these tests sees a module that is wrong")
    func readerSees() throws {
        let code = try #require(QRCode(Self.bytes(40)))
        for (row, column) in [(0, 0), (8, 0), (code.size - 1, code.size - 1), (12, 12), (6, 10)] {
            let rows = (0..<code.size).map { down in
                (0..<code.size).map { code.isDark(row: down, column: $0) != (down == row && $0 == column) }
            }
            #expect(QRReader(rows: rows, quiet: 0).text == nil, "row \(row), column \(column)")
        }
    }

    @Test("What is drawn is read again, with four light modules around it", arguments: [true, false], [true, false])
    func drawing(hasColor: Bool, isUnicode: Bool) throws {
        let bytes = Self.bytes(60)
        let code = try #require(QRCode(bytes))
        let terminal = Terminal(
            isInteractive: true, hasColor: hasColor, glyphs: isUnicode ? .unicode : .ascii, write: { _ in true })
        let lines = code.drawing(on: terminal)
        #expect(lines.count == code.rows(on: terminal))
        #expect(lines.allSatisfy { $0.columns == code.columns(on: terminal) })
        let rows = isUnicode ? lines.flatMap { Self.halves($0, hasColor) } : lines.map { Self.wholes($0, hasColor) }
        // A row of the drawing may be half used; what is left over is light.
        let quiet = rows.prefix(4) + rows.suffix(rows.count - 4 - code.size)
        #expect(quiet.allSatisfy { !$0.contains(true) } && rows.count >= code.size + 8)
        #expect(rows.allSatisfy { !$0.prefix(4).contains(true) && !$0.suffix(4).contains(true) })
        #expect(QRReader(rows: rows, quiet: 4).text == bytes)
        // Both colours are said, so that no theme changes them.
        if hasColor { #expect(lines.allSatisfy { $0.rendered(color: true).hasPrefix("\u{1B}[38;5;") }) }
    }

    private static func halves(_ line: TerminalText, _ hasColor: Bool) -> [[Bool]] {
        let upper = line.plain.map { ("█▀".contains($0)) == hasColor }
        let lower = line.plain.map { ("█▄".contains($0)) == hasColor }
        return [upper, lower]
    }

    private static func wholes(_ line: TerminalText, _ hasColor: Bool) -> [Bool] {
        let cells = line.runs.flatMap { run in run.text.map { (run.style, $0) } }
        return stride(from: 0, to: cells.count, by: 2).map { hasColor ? cells[$0].0 == .paper : cells[$0].1 == " " }
    }
}
