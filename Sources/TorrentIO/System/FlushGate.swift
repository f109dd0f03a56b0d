import ByteStrings
import Glibc

/// For tests: while the file that `P2P_HOLD_FLUSH` names is there, nothing is flushed.
package enum FlushGate {
    private static let path = ProcessEnvironment.value(of: "P2P_HOLD_FLUSH")

    /// Returns at once unless that file is there.
    package static func wait() {
        guard let path else { return }
        while path.withCharacters({ access($0, F_OK) }) == 0 { usleep(5_000) }
    }
}
