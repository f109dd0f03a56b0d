import Testing

/// All tests with real clients, in the namespace only; each suite goes through its tests one at a time.
@Suite("Interop", .enabled(if: Namespace.isIsolated || Namespace.isRequired, Namespace.skipReason))
enum Interop {}
