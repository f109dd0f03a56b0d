package import ByteStrings
import CPosixShims
import Glibc

/// What the process was started with.
package enum ProcessEnvironment {
    /// The name that it was called by, and its arguments.
    package static var arguments: [ByteString] {
        (0..<p2p_argument_count()).compactMap { p2p_argument($0).map { ByteString(characters: $0) } }
    }

    /// All variables; of two with one name the first.
    package static var variables: [ByteString: ByteString] {
        var variables: [ByteString: ByteString] = [:]
        var entry = environ
        while let characters = entry.pointee {
            let parts = ByteString(characters: characters).split(separator: "=", maxSplits: 1)
            if parts.count == 2, variables[parts[0]] == nil { variables[parts[0]] = parts[1] }
            entry += 1
        }
        return variables
    }

    /// A variable.
    package static func value(of name: String) -> ByteString? {
        getenv(name).map { ByteString(characters: $0) }
    }
}
