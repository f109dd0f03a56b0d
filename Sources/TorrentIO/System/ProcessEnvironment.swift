import Glibc

/// The variables that the process was started with.
package enum ProcessEnvironment {
    package static func value(of name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
