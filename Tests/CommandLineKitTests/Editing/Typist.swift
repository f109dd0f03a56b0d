import ByteStrings

@testable import CommandLineKit

/// Types on an editor as a terminal would send it.
struct Typist {
    var editor: LineEditor
    var decoder = KeyDecoder()
    var effects: [LineEditor.Effect] = []

    init(_ history: [String] = []) { editor = LineEditor(LineHistory(history.map { ByteString($0) })) }

    mutating func type(_ bytes: some Sequence<UInt8>) {
        for key in decoder.keys(bytes) { press(key) }
    }

    mutating func type(_ text: String) { type(Array(text.utf8)) }

    mutating func press(_ key: Key) {
        if let effect = editor.press(key) { effects.append(effect) }
    }

    /// The line with the cursor in it: "up|load".
    var line: String {
        let before = editor.buffer.before.description
        return before + "|" + editor.buffer.line.description.dropFirst(before.count)
    }
}
