package import ByteStrings

/// A destination of text: a terminal, a pipe, or memory in a test, and what it supports.
package struct Terminal: Sendable {
    /// True if lines may be drawn over.
    package let isInteractive: Bool
    package let hasColor: Bool
    package let glyphs: Glyphs
    private let sizeNow: @Sendable () -> Size?
    let sink: OutputSink

    /// Of a window, in characters.
    package struct Size: Sendable, Equatable {
        let columns: Int
        let rows: Int
    }

    /// Columns that a line may take; 80 where nobody knows.
    package var columns: Int { max(20, sizeNow()?.columns ?? 80) }

    /// Columns that the window has, however few: no drawn line may be wider.
    package var windowColumns: Int { max(2, sizeNow()?.columns ?? 80) }

    /// Rows of the window; 24 where nobody knows.
    package var rows: Int { max(4, sizeNow()?.rows ?? 24) }

    /// In memory, for tests: `write` returns false once nobody reads any more.
    package init(
        isInteractive: Bool, hasColor: Bool = false, glyphs: Glyphs = .unicode,
        columns: @escaping @Sendable () -> Int? = { 80 }, write: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.init(
            isInteractive: isInteractive, hasColor: hasColor, glyphs: glyphs,
            size: { columns().map { Size(columns: $0, rows: 24) } }, sink: OutputSink(memory: write))
    }

    private init(
        isInteractive: Bool, hasColor: Bool, glyphs: Glyphs, size: @escaping @Sendable () -> Size?, sink: OutputSink
    ) {
        self.isInteractive = isInteractive
        self.hasColor = hasColor
        self.glyphs = glyphs
        sizeNow = size
        self.sink = sink
    }

    /// One of the standard streams: 1 or 2. `TERM=dumb` neither redraws nor has colours; `NO_COLOR` has no colours.
    package init(descriptor: Int32, noColor: Bool, environment: [ByteString: ByteString]) {
        let isTerminal = Platform.isTerminal(descriptor) && environment["TERM"] != ByteString("dumb")
        self.init(
            isInteractive: isTerminal,
            hasColor: isTerminal && !noColor && (environment["NO_COLOR"] ?? "").isEmpty,
            glyphs: .forLocale { environment[ByteString($0)]?.text },
            size: { Platform.windowSize(descriptor) },
            sink: OutputSink(descriptor: descriptor))
    }

    /// True if the two are one window.
    func isSame(as other: Terminal) -> Bool {
        isInteractive && other.isInteractive && sink.isSame(as: other.sink)
    }

    func render(_ line: TerminalText) -> String { line.rendered(color: hasColor) }

    /// A line that scrolls: in a window it is broken between words, where the window would break it anywhere.
    func renderWrapped(_ line: TerminalText) -> String {
        guard isInteractive else { return render(line) }
        return line.wrapped(to: columns).map(render).joined(separator: "\n")
    }
}
