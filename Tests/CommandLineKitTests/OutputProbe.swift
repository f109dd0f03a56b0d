import CommandLineKit
import Synchronization

/// An output whose streams are memory.
final class OutputProbe: Sendable {
    private let texts = Mutex<(out: String, error: String)>(("", ""))
    private let isClosed = Mutex(false)

    var out: String { texts.withLock { $0.out } }
    var error: String { texts.withLock { $0.error } }

    func closeReader() { isClosed.withLock { $0 = true } }

    func output(
        verbosity: Int = 0, isJSON: Bool = false, isInteractive: Bool = false, hasColor: Bool = false, columns: Int = 80
    ) -> Output {
        let standardOutput = Terminal(
            isInteractive: isInteractive, hasColor: hasColor, columns: { columns },
            write: { bytes in
                guard !self.isClosed.withLock({ $0 }) else { return false }
                self.texts.withLock { $0.out += String(decoding: bytes, as: UTF8.self) }
                return true
            })
        let standardError = Terminal(
            isInteractive: isInteractive, hasColor: hasColor, columns: { columns },
            write: { bytes in
                self.texts.withLock { $0.error += String(decoding: bytes, as: UTF8.self) }
                return true
            })
        return Output(
            verbosity: verbosity, isJSON: isJSON, standardOutput: standardOutput, standardError: standardError)
    }
}
