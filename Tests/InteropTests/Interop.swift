import Testing

/// All tests with real clients: one at a time, in the namespace only.
@Suite("Interop", .serialized, .enabled(if: Namespace.isIsolated || Namespace.isRequired, Namespace.skipReason))
enum Interop {}
