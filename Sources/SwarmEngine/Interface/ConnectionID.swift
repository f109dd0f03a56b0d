/// Names one connection of one swarm for as long as the swarm lives: the brain mints it, and never twice.
package struct ConnectionID: Hashable, Sendable, BitwiseCopyable {
    /// Position in tables of connections, used again by later ones.
    package let slot: UInt32
    /// Tells the users of a slot apart.
    package let generation: UInt32

    package init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}
