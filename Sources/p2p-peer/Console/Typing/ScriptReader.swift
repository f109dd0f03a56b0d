internal import ByteStrings
internal import CommandLineKit
internal import Glibc

/// Standard input where it is no terminal that can be drawn on: a line a command.
enum ScriptReader {
    /// Puts every line in, on the thread that calls it.
    static func read(into input: ConsoleInput) {
        var line: [UInt8] = []
        var isTooLong = false
        func finish() {
            // Too long a line is an error of the console's, which a rest of it would not be.
            input.put(ByteString(isTooLong ? line.prefix(LineBuffer.mostBytes + 1) : line[...]), waits: true)
            (line, isTooLong) = ([], false)
        }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(0, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                if byte == UInt8(ascii: "\n") {
                    finish()
                } else if line.count <= LineBuffer.mostBytes {
                    line.append(byte)
                } else {
                    isTooLong = true
                }
            }
        }
        if !line.isEmpty { finish() }
        input.complete()
    }
}
