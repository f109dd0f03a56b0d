import SwarmEngine

/// What a brain wants done, and nobody has done yet.
struct EffectQueue {
    /// The brain appends to it.
    var waiting: SwarmEffects = []

    var isEmpty: Bool { waiting.isEmpty }

    /// All of it. `giveBack` must follow.
    mutating func take() -> SwarmEffects {
        var queue: SwarmEffects = []
        swap(&queue, &waiting)
        return queue
    }

    /// Takes the array back when all is done, so that no call allocates one.
    mutating func giveBack(_ queue: consuming SwarmEffects) {
        precondition(waiting.isEmpty, "carrying out an effect must not call the brain")
        queue.removeAll(keepingCapacity: true)
        waiting = queue
    }
}
