package import ByteStrings
import CPosixShims
import Glibc

/// What the process was started with.
package enum ProcessEnvironment {
    /// The name that it was called by, and its arguments.
    package static var arguments: [ByteString] {
        (0..<p2p_argument_count()).compactMap { p2p_argument($0).map { ByteString(characters: $0) } }
    }

    /// A variable.
    package static func value(of name: String) -> ByteString? {
        getenv(name).map { ByteString(characters: $0) }
    }
}
