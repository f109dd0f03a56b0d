/// Bounds on what a stranger's JSON may cost us.
package struct JSONLimits: Hashable, Sendable {
    /// Longest input, bytes.
    package var byteCount: Int
    /// Arrays and objects within each other.
    package var depth: Int
    /// Values of all kinds together, keys not counted; each takes some 50 bytes while it is kept.
    package var values: Int

    package init(byteCount: Int = 16 << 20, depth: Int = 64, values: Int = 1 << 20) {
        self.byteCount = byteCount
        self.depth = depth
        self.values = values
    }
}
