import DHTEngine

/// What is asked by hand, and who waits for what comes of it.
struct DHTInquiries {
    private struct Waiting {
        let onStep: (DHTStep) -> Void
        let onEnd: (DHTOutcome?) -> Void
    }

    private var waiting: [DHTInquiryID: Waiting] = [:]
    private var lastNumber = 0
    /// Whoever waits for the nodes to be there.
    private var beginners: [() -> Void] = []

    mutating func whenBegun(_ body: @escaping () -> Void) { beginners.append(body) }

    mutating func takeWaiting() -> [() -> Void] {
        defer { beginners = [] }
        return beginners
    }

    /// A name that none had before. `onEnd` is called once, with nil where nothing comes of it.
    mutating func add(
        onStep: @escaping (DHTStep) -> Void, onEnd: @escaping (DHTOutcome?) -> Void
    ) -> DHTInquiryID {
        lastNumber += 1
        let id = DHTInquiryID(lastNumber)
        waiting[id] = Waiting(onStep: onStep, onEnd: onEnd)
        return id
    }

    func stepped(_ id: DHTInquiryID, _ step: DHTStep) { waiting[id]?.onStep(step) }

    mutating func ended(_ id: DHTInquiryID, _ outcome: DHTOutcome) {
        waiting.removeValue(forKey: id)?.onEnd(outcome)
    }

    mutating func dropAll() {
        let dropped = waiting.values
        waiting = [:]
        beginners = []
        for one in dropped { one.onEnd(nil) }
    }
}
