import CPosixShims

/// Where the engines' seeds come from.
package enum RandomSeed {
    /// Eight bytes that nobody can guess (getrandom).
    package static func fromSystem() -> UInt64 {
        var seed: UInt64 = 0
        let count = withUnsafeMutableBytes(of: &seed) { p2p_random($0.baseAddress, 8) }
        // Eight bytes come whole once the machine has booted; a machine that cannot give them cannot keep secrets.
        precondition(count == 8, "the system has no randomness to give")
        return seed
    }
}
