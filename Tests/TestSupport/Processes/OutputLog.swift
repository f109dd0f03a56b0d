/// What one stream of a process has said so far, as bytes and as whole lines.
struct OutputLog: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var lines: [String] = []
    private var lineStart = 0

    /// A process that babbles must not fill the test runner's memory.
    private static let byteLimit = 64 << 20

    mutating func append(_ chunk: ArraySlice<UInt8>) {
        guard bytes.count + chunk.count <= Self.byteLimit else { return }
        var searchFrom = bytes.count
        bytes.append(contentsOf: chunk)
        while let newline = bytes[searchFrom...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(String(decoding: bytes[lineStart..<newline], as: UTF8.self))
            lineStart = newline + 1
            searchFrom = lineStart
        }
    }

    /// A last line without a line feed counts once the stream has ended.
    mutating func finish() {
        guard lineStart < bytes.count else { return }
        lines.append(String(decoding: bytes[lineStart...], as: UTF8.self))
        lineStart = bytes.count
    }
}
