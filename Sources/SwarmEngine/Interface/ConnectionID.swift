/// Names one connection of one swarm. The brain makes these ids, each only once in the life of the swarm.
package struct ConnectionID: Hashable, Sendable, BitwiseCopyable {
    /// Index into tables of connections; used again once the connection has ended.
    package let slot: UInt32
    /// Tells apart the connections that had the same slot.
    package let generation: UInt32

    package init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}
